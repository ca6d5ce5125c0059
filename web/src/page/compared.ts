/** What a series is set beside (US-6): the same place so much earlier, or another place of the member. */

import type { Direction } from "../generated/graphql";
import type { Compare, Route } from "./route";
import { comparesWith, type SpanView } from "./usage-span";

/** What is asked for. */
export type Against =
  | { readonly compare: Exclude<Compare, "facility"> }
  | { readonly compare: "facility"; readonly with: string };

/** `kwh` has a value for each point of the series, null where there is none to stand beside it. */
export interface Compared {
  readonly totalWh: number;
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly kwh: readonly (number | null)[];
  /** Whether it is as long as the history or a contract lets it be only: the totals are not of the same span. */
  readonly cut: boolean;
  /** Half hours that should have a value and have none. */
  readonly missing: number;
}

/** Why there is nothing, where that is no fault. */
export type Absent = "before.none" | "elsewhere.none" | `elsewhere.${Direction}`;

export interface Beside {
  readonly compare: Compare;
  /** Of the other place; null where it is the same. */
  readonly name: string | null;
  readonly found: Compared | Absent;
}

/** What a view of an address is compared with; null where it is nothing, or nothing yet. */
export function againstOf(view: SpanView, route: Pick<Route, "compare" | "with">): Against | null {
  const { compare, with: other } = route;
  if (compare === null || !comparesWith(view, compare)) return null;
  if (compare !== "facility") return { compare };
  return other === null ? null : { compare, with: other };
}

export const foundOf = (beside: Beside | null): Compared | null =>
  beside === null || typeof beside.found === "string" ? null : beside.found;
