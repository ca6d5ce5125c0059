/** The same span earlier, set beside a series: each point has the one of the same date (US-6). */

import { addMonths, dateOf, timeOf } from "../format/dates";
import { wh } from "../format/numbers";
import type { Resolution, UsageBeforeQuery } from "../generated/graphql";
import type { Compared } from "./compared";
import type { Compare } from "./route";
import { type Series, seconds } from "./series";

type Answer = NonNullable<UsageBeforeQuery["facility"]>["usage"]["comparedWith"] | undefined;

export const monthsBefore = (compare: Exclude<Compare, "facility">): number =>
  compare === "year" ? 12 : 1;

export function beforeOf(series: Series, answer: Answer, months: number): Compared | null {
  if (!answer || answer.coverage.present === 0) return null;
  const { expected, present } = answer.coverage;
  const from = seconds(answer.from);
  const to = seconds(answer.to);
  const startAt = answer.columns.startAt.map(seconds);
  const edges = { startAt, endAt: startAt.map((_, row) => startAt[row + 1] ?? to) };
  const byKey = new Map(
    startAt.map((_, row) => [keyOf(edges, row, series.resolution, 0), answer.columns.kwh[row]]),
  );
  const kwh = series.startAt.map((_, row) => {
    const key = keyOf(series, row, series.resolution, months);
    return (key === null ? null : byKey.get(key)) ?? null;
  });
  return {
    totalWh: wh(answer.totalKwh),
    from,
    to,
    kwh,
    cut: isCut(series, from, months),
    missing: expected - present,
  };
}

/** What a point is found by some months later; null where that date was not in the earlier month. */
function keyOf(
  edges: { startAt: readonly number[]; endAt: readonly number[] },
  row: number,
  resolution: Resolution,
  months: number,
): string | null {
  // Meters are read on other days each month: a reading period is known by the month it ends in,
  // but for the last one, which ends where the span does.
  const byEnd = resolution === "READING_PERIOD";
  if (byEnd && row === edges.endAt.length - 1) return "last";
  const at = ((byEnd ? edges.endAt[row] : edges.startAt[row]) ?? 0) * 1000;
  const date = dateOf(at);
  const earlier = addMonths(date, -months);
  if (byEnd) return earlier.slice(0, 7);
  return earlier.slice(8) === date.slice(8) ? `${earlier}T${timeOf(at)}` : null;
}

function isCut(series: Series, from: number, months: number): boolean {
  return dateOf(from * 1000) > addMonths(dateOf(series.from * 1000), -months);
}
