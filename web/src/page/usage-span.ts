/** Which days a view of usage is of, and which lie before and after them. Days are of Tokyo. */

import { addDays, addMonths, type TokyoDate } from "../format/dates";
import { clamp, type DateSpan, shift, spanOf, within } from "../format/spans";
import type { ContractKind, Resolution } from "../generated/graphql";
import type { Compare, Route } from "./route";

export const SPAN_VIEWS = ["day", "month", "period", "year", "all"] as const;
export type SpanView = (typeof SPAN_VIEWS)[number];
export type By = NonNullable<Route["by"]>;

/** How long the bars of a view may be; the first is the default. */
export const BARS: Record<SpanView, readonly By[]> = {
  day: ["half-hour", "hour"],
  month: ["day", "hour", "half-hour"],
  period: ["day", "hour", "half-hour"],
  year: ["month", "period", "day"],
  all: ["half-hour", "day", "month", "period"],
};

/** What a view can be compared with. Before all that there is, there is nothing. */
export const COMPARED: Record<SpanView, readonly Compare[]> = {
  day: ["month", "year", "facility"],
  month: ["month", "year", "facility"],
  period: ["month", "year", "facility"],
  year: ["year", "facility"],
  all: ["facility"],
};

export const RESOLUTIONS: Record<By, Resolution> = {
  "half-hour": "HALF_HOUR",
  hour: "HOUR",
  day: "DAY",
  month: "MONTH",
  period: "READING_PERIOD",
};

export const isSpanView = (view: string): view is SpanView =>
  (SPAN_VIEWS as readonly string[]).includes(view);

/** The bars of a view as the address has them, or its default. */
export function barsOf(view: SpanView, by: Route["by"]): By {
  const choices = BARS[view];
  return choices.find((choice) => choice === by) ?? (choices[0] as By);
}

export const comparesWith = (view: SpanView, compare: Route["compare"]): boolean =>
  compare !== null && COMPARED[view].includes(compare);

/** What can be looked at: half-open days, and the reading periods among them, oldest first. */
export interface Reach {
  readonly bounds: DateSpan;
  readonly periods: readonly DateSpan[];
}

/** Since when a place is supplied with what, and how far back its portal looks. */
export interface Supplied {
  readonly historyMonths: number;
  readonly contracts: readonly {
    readonly kind: ContractKind;
    readonly startOn: TokyoDate;
    readonly endOn: TokyoDate | null;
  }[];
}

/** Days that have or may get half hours: of the history, and of the contracts where they are known. */
export function boundsOf(place: Supplied, on: TokyoDate): DateSpan {
  const history = { from: addMonths(on, -place.historyMonths), to: addDays(on, 1) };
  const electric = place.contracts.filter((contract) => contract.kind !== "GAS");
  const begins = electric.map((contract) => contract.startOn).sort();
  const ends = electric.map((contract) => contract.endOn ?? history.to).sort();
  const from = [history.from, begins[0] ?? history.from].sort()[1] as TokyoDate;
  const to = [history.to, ends.at(-1) ?? history.to].sort()[0] as TokyoDate;
  // A contract that begins later than today, or ended before the history, leaves nothing.
  return from < to ? { from, to } : { from, to: from };
}

/**
 * The days that a view of a date shows, whole; null where there is no reading period of the date.
 *
 * They may lie out of the bounds: `visible` is the part that can be asked for.
 */
export function spanFor(view: SpanView, date: TokyoDate, reach: Reach): DateSpan | null {
  if (view === "all") return reach.bounds;
  if (view !== "period") return spanOf(view, date);
  return reach.periods.find((period) => period.from <= date && date < period.to) ?? null;
}

/** The part of a span that can be asked for; null if it is none. */
export function visible(span: DateSpan, bounds: DateSpan): DateSpan | null {
  const part = clamp(span, bounds);
  return part.from < part.to ? part : null;
}

/** The newest day that can be looked at. */
export const newest = (bounds: DateSpan): TokyoDate => addDays(bounds.to, -1);

/** A date of the newest span: of periods that may be before the running day, which none may hold yet. */
export function newestOf(view: SpanView, reach: Reach): TokyoDate {
  const date = within(newest(reach.bounds), reach.bounds);
  if (view !== "period" || spanFor(view, date, reach) !== null) return date;
  return periodBeside(date, -1, reach) ?? date;
}

/** A date of the span beside the one of a date, or null at the end of what can be looked at. */
export function neighbour(
  view: SpanView,
  date: TokyoDate,
  step: -1 | 1,
  reach: Reach,
): TokyoDate | null {
  if (view === "all") return null;
  if (view === "period") return periodBeside(date, step, reach);
  const next = shift(view, date, step);
  return visible(spanOf(view, next), reach.bounds) === null ? null : within(next, reach.bounds);
}

function periodBeside(date: TokyoDate, step: -1 | 1, reach: Reach): TokyoDate | null {
  const open = reach.periods.filter((period) => visible(period, reach.bounds) !== null);
  const beside =
    step < 0
      ? open.findLast((period) => period.to <= date)
      : open.find((period) => period.from > date);
  return beside === undefined ? null : within(beside.from, reach.bounds);
}
