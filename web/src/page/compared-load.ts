/** Brings what a series is compared with. */

import {
  UsageBeforeDocument,
  UsageElsewhereDocument,
  type UsageElsewhereQueryVariables,
} from "../generated/graphql";
import { api } from "./api";
import { beforeOf, monthsBefore } from "./before";
import type { Against, Beside } from "./compared";
import { elsewhereOf } from "./elsewhere";
import { flows, kindsOf } from "./place";
import { isUneven, type Series } from "./series";

/** As far as the series goes, so that totals can be compared; null where it has no point. */
export async function besideOf(
  facility: string,
  series: Series,
  against: Against,
  signal: AbortSignal,
): Promise<Beside | null> {
  if (series.from >= series.to) return null;
  const span = {
    from: new Date(series.from * 1000).toISOString(),
    to: new Date(series.to * 1000).toISOString(),
    resolution: series.resolution,
    direction: series.direction,
  };
  if (against.compare === "facility") return elsewhere(against.with, series, span, signal);
  const { compare } = against;
  const what = compare === "year" ? ("YEAR_BEFORE" as const) : ("MONTH_BEFORE" as const);
  const asked = { facility, ...span, what };
  const found = await api.query(UsageBeforeDocument, asked, { signal });
  const before = beforeOf(series, found.facility?.usage.comparedWith, monthsBefore(compare));
  return { compare, name: null, found: before ?? "before.none" };
}

type Span = Pick<UsageElsewhereQueryVariables, "from" | "to" | "resolution" | "direction">;

async function elsewhere(
  facility: string,
  series: Series,
  span: Span,
  signal: AbortSignal,
): Promise<Beside> {
  const variables = { facility, ...span, uneven: isUneven(series.resolution) };
  const other = (await api.query(UsageElsewhereDocument, variables, { signal })).facility;
  if (!other) throw new TypeError("a facility without an error is there");
  const found = flows({ kinds: kindsOf(other) }, series.direction)
    ? (elsewhereOf(series, other.usage) ?? "elsewhere.none")
    : (`elsewhere.${series.direction}` as const);
  return { compare: "facility", name: other.name, found };
}
