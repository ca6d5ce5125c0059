// Which stretch of time each slot of a chart stands for. Tokyo has no summer time, so that half
// hours, hours and days are equally long; weeks, months, years and reading periods are not, and
// groups of a profile are no time at all: they are counted from 0.

export type Resolution =
  | "HALF_HOUR"
  | "HOUR"
  | "DAY"
  | "WEEK"
  | "MONTH"
  | "READING_PERIOD"
  | "YEAR";

/** What the slots of a chart are. */
export type SlotKind = Resolution | "GROUP";

const MINUTE = 60;
export const HALF_HOUR = 30 * MINUTE;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Seconds of a slot, where all of them are equally long. */
const STEPS: { readonly [K in SlotKind]?: number } = {
  HALF_HOUR,
  HOUR,
  DAY,
};

export class Frame {
  /** Of every slot, where all are equally long. */
  readonly #step: number | undefined;

  /** `bounds` are the begins of all slots and the end of the last, in seconds of Unix time. */
  constructor(
    private readonly bounds: Float64Array,
    readonly kind: SlotKind,
  ) {
    this.#step = STEPS[kind];
  }

  get count(): number {
    return Math.max(0, this.bounds.length - 1);
  }

  startOf(index: number): number {
    return this.bounds[index] as number;
  }

  endOf(index: number): number {
    return this.bounds[index + 1] as number;
  }

  /** The slot that an instant lies in, or -1. */
  indexOf(at: number): number {
    const { count } = this;
    if (count === 0 || at < this.startOf(0) || at >= this.endOf(count - 1)) return -1;
    if (this.#step !== undefined) return Math.floor((at - this.startOf(0)) / this.#step);
    return this.bounds.findLastIndex((start) => start <= at);
  }
}

export interface Span {
  /** Begin of the span as it was asked for; without it the first slot's. */
  readonly from?: number;
  /** Its end, which may be in the future; without it the last slot's. */
  readonly to?: number;
}

/** Room for the whole span, also for what is still to come or was before the contract. */
export function frameOf(startAt: readonly number[], span: Span, kind: SlotKind): Frame {
  const step = STEPS[kind];
  return new Frame(step === undefined ? unequal(startAt, span) : equal(startAt, span, step), kind);
}

function equal(startAt: readonly number[], span: Span, step: number): Float64Array {
  const from = span.from ?? startAt[0] ?? 0;
  const to = span.to ?? (startAt.at(-1) ?? from - step) + step;
  const count = Math.max(0, Math.ceil((to - from) / step));
  const bounds = new Float64Array(count + 1);
  for (let i = 0; i <= count; i++) bounds[i] = from + i * step;
  return bounds;
}

function unequal(startAt: readonly number[], span: Span): Float64Array {
  if (startAt.length === 0) return new Float64Array(0);
  const last = startAt.at(-1) as number;
  return Float64Array.from([...startAt, Math.max(span.to ?? 0, last + DAY)]);
}
