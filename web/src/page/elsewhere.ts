/** Another place of the member, set beside a series: each point has the one of the same time (US-6). */

import { dateOf } from "../format/dates";
import { wh } from "../format/numbers";
import type { UsageElsewhereQuery } from "../generated/graphql";
import type { Compared } from "./compared";
import { type Series, seconds, startsOf } from "./series";

type Answer = NonNullable<UsageElsewhereQuery["facility"]>["usage"];

/** The newest readings of two places come at different times; what ends earlier than that is over. */
const LAG = 86_400;

export function elsewhereOf(series: Series, answer: Answer): Compared | null {
  const { expected, present } = answer.coverage;
  if (present === 0) return null;
  const from = seconds(answer.from);
  const to = seconds(answer.to);
  const startAt = startsOf(answer, series.resolution);
  const { kwh } = answer.columns;
  return {
    totalWh: wh(answer.totalKwh),
    from,
    to,
    kwh:
      series.resolution === "READING_PERIOD"
        ? byMonth(series, { startAt, to, kwh })
        : byTime(series, { startAt, kwh }),
    cut: from > series.from || to <= series.to - LAG,
    missing: expected - present,
  };
}

interface Points {
  readonly startAt: readonly number[];
  readonly kwh: readonly (number | null)[];
}

/** Under the point in which they begin: the first one of a contract may do so after it. */
function byTime({ startAt, endAt }: Series, other: Points): (number | null)[] {
  const beside = startAt.map((): number | null => null);
  let row = 0;
  other.startAt.forEach((at, point) => {
    while (row < endAt.length - 1 && (endAt[row] ?? 0) <= at) row += 1;
    beside[row] = other.kwh[point] ?? null;
  });
  return beside;
}

/** Meters of two places are read on other days: a reading period is known by the month it ends in. */
function byMonth({ endAt, to }: Series, other: Points & { readonly to: number }) {
  // The last one ends where the span does, read or not.
  const keyOf = (end: number | undefined, spanEnd: number) =>
    end === undefined || end === spanEnd ? "last" : dateOf(end * 1000).slice(0, 7);
  const isOver = other.to <= to - LAG;
  const byKey = new Map(
    other.startAt.map((_, point) => {
      const end = other.startAt[point + 1] ?? (isOver ? other.to : undefined);
      return [keyOf(end, to), other.kwh[point] ?? null];
    }),
  );
  return endAt.map((end) => byKey.get(keyOf(end, to)) ?? null);
}
