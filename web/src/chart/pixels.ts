// Fewer bars than slots: where slots are narrower than a bar can be drawn, each column of pixels
// stands for several. It keeps the highest, so that no peak is lost, and the mean.

import { type Slots, State } from "./slots";

/** One entry per column; NaN where none of its slots has a value. */
export interface PixelColumns {
  readonly highest: Float64Array;
  readonly mean: Float64Array;
  /** Bit `1 << State` of every state that is there. */
  readonly states: Uint8Array;
}

export const has = (states: number, state: State): boolean => (states & (1 << state)) !== 0;

/** The slots [from, to) in `width` columns. */
export function pixelColumns(slots: Slots, from: number, to: number, width: number): PixelColumns {
  const highest = new Float64Array(width).fill(Number.NaN);
  const mean = new Float64Array(width).fill(Number.NaN);
  const states = new Uint8Array(width);
  const perSlot = width / (to - from);
  for (let x = 0; x < width; x++) {
    // Borders are rounded, not widened: every slot is in exactly one column.
    const first = from + Math.ceil(x / perSlot);
    const end = Math.min(from + Math.ceil((x + 1) / perSlot), to, slots.count);
    let sum = 0;
    let values = 0;
    let top = Number.NEGATIVE_INFINITY;
    let seen = 0;
    for (let i = first; i < end; i++) {
      seen |= 1 << (slots.states[i] as number);
      const kwh = slots.kwh[i] as number;
      if (Number.isNaN(kwh)) continue;
      sum += kwh;
      values += 1;
      if (kwh > top) top = kwh;
    }
    states[x] = seen & ~(1 << State.NONE);
    if (values === 0) continue;
    highest[x] = top;
    mean[x] = sum / values;
  }
  return { highest, mean, states };
}
