// Spans of whole Tokyo days, half-open, as views show them and arrows move them.

import { addDays, addMonths, isoOf, type TokyoDate, today } from "./dates";

/** Spans of the calendar; those of the meter come from the API. */
export type SpanKind = "day" | "month" | "year";

/** [from, to). */
export interface DateSpan {
  readonly from: TokyoDate;
  readonly to: TokyoDate;
}

/** The span of the calendar that a day is in. */
export function spanOf(kind: SpanKind, date: TokyoDate): DateSpan {
  const from = firstOf(kind, date);
  return { from, to: shift(kind, from, 1) };
}

/** The day as many spans later, or earlier. */
export function shift(kind: SpanKind, date: TokyoDate, spans: number): TokyoDate {
  if (kind === "day") return addDays(date, spans);
  return addMonths(date, kind === "month" ? spans : spans * 12);
}

/** The day itself, or the nearest one in the bounds. */
export function within(date: TokyoDate, bounds: DateSpan): TokyoDate {
  if (date < bounds.from) return bounds.from;
  return date < bounds.to ? date : addDays(bounds.to, -1);
}

/** What of a span is in the bounds; empty (`from` equals `to`) where nothing is. */
export function clamp(span: DateSpan, bounds: DateSpan): DateSpan {
  const from = span.from < bounds.from ? bounds.from : span.from;
  const to = span.to > bounds.to ? bounds.to : span.to;
  return { from, to: to < from ? from : to };
}

/** All days that the API shows: as many months back as the portal tells, and the running day. */
export function history(now: number, historyMonths: number): DateSpan {
  const last = today(now);
  return { from: addMonths(last, -historyMonths), to: addDays(last, 1) };
}

/** As variables of a query. */
export const instants = (span: DateSpan): { from: string; to: string } => ({
  from: isoOf(span.from),
  to: isoOf(span.to),
});

function firstOf(kind: SpanKind, date: TokyoDate): TokyoDate {
  if (kind === "day") return date;
  return kind === "month" ? `${date.slice(0, 7)}-01` : `${date.slice(0, 4)}-01-01`;
}
