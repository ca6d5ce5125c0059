/** A usage series as columns that chart, table and totals all read, so that they cannot differ. */

import { wh } from "../format/numbers";
import type { Direction, Quality, Resolution, UsageQuery } from "../generated/graphql";

type Answer = NonNullable<UsageQuery["facility"]>["usage"];

/** Columns of equal length, a row for each point; instants are seconds since 1970. */
export interface Series {
  readonly from: number;
  readonly to: number;
  readonly resolution: Resolution;
  readonly direction: Direction;
  readonly totalWh: number;
  readonly totalYen: number | null;
  readonly startAt: readonly number[];
  readonly endAt: readonly number[];
  readonly kwh: readonly (number | null)[];
  readonly yen: readonly (number | null)[];
  readonly quality: readonly Quality[];
  /** How many half hours of a point should have a value and have none. */
  readonly missing: readonly number[];
  readonly peak: Answer["peak"];
  readonly coverage: Answer["coverage"];
}

const HALF_HOUR = 1800;
const TOKYO_AHEAD = 9 * 2 * HALF_HOUR;
/** Seconds of a slot, where all are equally long. Tokyo has no summer time. */
const STEPS: { readonly [R in Resolution]?: number } = {
  HALF_HOUR,
  HOUR: 2 * HALF_HOUR,
  DAY: 48 * HALF_HOUR,
};

/** Whether slots tell of themselves when they begin: of 24 months that would be half of the bytes. */
export const isUneven = (resolution: Resolution): boolean => STEPS[resolution] === undefined;

export const seconds = (instant: string): number => Date.parse(instant) / 1000;

/** In kWh; null where no half hour has a value, which is never a zero (US-3). */
export const totalOf = ({ totalWh, coverage }: Series): number | null =>
  coverage.present === 0 ? null : totalWh / 1000;

export function seriesOf(answer: Answer, resolution: Resolution, direction: Direction): Series {
  const to = seconds(answer.to);
  const startAt = startsOf(answer, resolution);
  const endAt = startAt.map((_, row) => startAt[row + 1] ?? to);
  return {
    from: seconds(answer.from),
    to,
    resolution,
    direction,
    totalWh: wh(answer.totalKwh),
    totalYen: answer.totalYen ?? null,
    startAt,
    endAt,
    kwh: answer.columns.kwh,
    yen: answer.columns.yen,
    quality: answer.columns.quality,
    missing: missingOf(startAt, endAt, answer.coverage.missing),
    peak: answer.peak,
    coverage: answer.coverage,
  };
}

interface Slots {
  readonly from: string;
  readonly columns: {
    readonly startAt?: readonly string[];
    readonly kwh: readonly (number | null)[];
  };
}

/** Slots follow each other without a hole; the first and the last are cut to the span. */
export function startsOf({ from, columns }: Slots, resolution: Resolution): number[] {
  if (columns.startAt !== undefined) return columns.startAt.map(seconds);
  const step = STEPS[resolution] ?? Number.NaN;
  const first = seconds(from);
  // Days begin at 15:00 by Greenwich.
  const slot = Math.floor((first + TOKYO_AHEAD) / step);
  return columns.kwh.map((_, row) => (row === 0 ? first : (slot + row) * step - TOKYO_AHEAD));
}

/** How many half hours of each point lie in gaps; points and gaps are both in order. */
export function missingOf(
  startAt: readonly number[],
  endAt: readonly number[],
  gaps: readonly { from: string; to: string }[],
): number[] {
  const missing = new Array<number>(startAt.length).fill(0);
  let row = 0;
  for (const gap of gaps) {
    const from = seconds(gap.from);
    const to = seconds(gap.to);
    while (row < endAt.length && (endAt[row] ?? 0) <= from) row += 1;
    // A gap may go over many points, and a point may have the next gap too: `row` stays at its last.
    for (; row < startAt.length && (startAt[row] ?? 0) < to; row += 1) {
      const overlap = Math.min(to, endAt[row] ?? 0) - Math.max(from, startAt[row] ?? 0);
      missing[row] = (missing[row] ?? 0) + overlap / HALF_HOUR;
      if ((endAt[row] ?? 0) >= to) break;
    }
  }
  return missing;
}
