// What a chart shows, in numbers: for the spoken summary and the line below the chart.

import { type Slots, State } from "./slots";

export interface Gap {
  /** Seconds of Unix time, [from, to). */
  readonly from: number;
  readonly to: number;
}

export interface Summary {
  /** Sum of all values, to the Wh. */
  readonly totalWh: number;
  /** The slot with the highest value, the first of equals; -1 if none has one. */
  readonly peak: number;
  /** What lies side by side is one. */
  readonly gaps: readonly Gap[];
  /** How many slots are in each state, by `State`. */
  readonly counts: readonly number[];
}

export function summaryOf(slots: Slots): Summary {
  const counts = new Array<number>(6).fill(0);
  const gaps: { from: number; to: number }[] = [];
  let totalWh = 0;
  let peak = -1;
  let before: number = State.NONE;
  for (let i = 0; i < slots.count; i++) {
    const state = slots.states[i] as number;
    counts[state] = (counts[state] as number) + 1;
    const kwh = slots.kwh[i] as number;
    if (!Number.isNaN(kwh)) {
      // Whole Wh add up exactly, which kWh as floats do not.
      totalWh += Math.round(kwh * 1000);
      if (peak < 0 || kwh > (slots.kwh[peak] as number)) peak = i;
    } else if (state === State.GAP) {
      const { frame } = slots;
      const last = gaps.at(-1);
      if (before === State.GAP && last) last.to = frame.endOf(i);
      else gaps.push({ from: frame.startOf(i), to: frame.endOf(i) });
    }
    before = state;
  }
  return { totalWh, peak, gaps, counts };
}
