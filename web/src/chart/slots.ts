// The values of a chart, one per slot of its frame, in typed arrays: 24 months of half hours are
// 35,040 of them, and one that changes is set in place.

import { type Frame, frameOf, type SlotKind, type Span } from "./frame";

export type Quality = "MISSING" | "PROVISIONAL" | "SETTLED" | "ESTIMATED";

/** A usage series as `columns` of the API has it, with instants in seconds of Unix time. */
export interface ChartColumns extends Span {
  readonly startAt: readonly number[];
  readonly kwh: readonly (number | null)[];
  /** Without it everything that has a value counts as settled. */
  readonly quality?: readonly `${Quality}`[];
}

/** What is known of a slot. */
export const State = {
  /** Nothing, and nothing should be: to come, or before the contract. */
  NONE: 0,
  /** No value, though there should be one. */
  GAP: 1,
  /** A value to which half hours are missing. */
  PARTIAL: 2,
  PROVISIONAL: 3,
  ESTIMATED: 4,
  SETTLED: 5,
} as const;

export type State = (typeof State)[keyof typeof State];

export function stateOf(kwh: number | null | undefined, quality: `${Quality}` | undefined): State {
  if (kwh == null) return State.GAP;
  return quality === "MISSING" ? State.PARTIAL : State[quality ?? "SETTLED"];
}

export class Slots {
  /** NaN where there is no value. */
  readonly kwh: Float64Array;
  readonly states: Uint8Array;

  constructor(readonly frame: Frame) {
    this.kwh = new Float64Array(frame.count).fill(Number.NaN);
    this.states = new Uint8Array(frame.count);
  }

  get count(): number {
    return this.frame.count;
  }

  /** Put a value into its slot; whether there is one for it. */
  put(startAt: number, kwh: number | null, quality: `${Quality}` | undefined): boolean {
    const index = this.frame.indexOf(startAt);
    if (index >= 0) this.set(index, kwh, quality);
    return index >= 0;
  }

  set(index: number, kwh: number | null | undefined, quality: `${Quality}` | undefined): void {
    this.kwh[index] = kwh ?? Number.NaN;
    this.states[index] = stateOf(kwh, quality);
  }

  /** The highest value of the slots [from, to), 0 if none has one. */
  highest(from: number, to: number): number {
    let highest = 0;
    for (let i = Math.max(0, from); i < Math.min(to, this.count); i++) {
      const kwh = this.kwh[i] as number;
      if (kwh > highest) highest = kwh;
    }
    return highest;
  }
}

export function slotsOf(columns: ChartColumns, kind: SlotKind): Slots {
  const slots = new Slots(frameOf(columns.startAt, columns, kind));
  columns.startAt.forEach((at, row) => {
    slots.put(at, columns.kwh[row] ?? null, columns.quality?.[row]);
  });
  return slots;
}
