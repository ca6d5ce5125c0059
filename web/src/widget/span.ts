// Which days a widget shows, and with which it compares them.

import { addDays, startOf, type TokyoDate, today } from "../format/dates";
import { type DateSpan, spanOf } from "../format/spans";

export type WidgetView = "today" | "day" | "month";

export interface WidgetSpan extends DateSpan {
  /** The span before it: as many days, or the month before. */
  readonly before: DateSpan;
}

export const isView = (text: string): text is WidgetView =>
  text === "today" || text === "day" || text === "month";

/** `date` is null for the newest: the running day or month; of whole days, yesterday. */
export function widgetSpan(view: WidgetView, date: TokyoDate | null, now: number): WidgetSpan {
  const span = spanOf(view === "month" ? "month" : "day", chosen(view, date, now));
  return { ...span, before: spanOf(view === "month" ? "month" : "day", addDays(span.from, -1)) };
}

function chosen(view: WidgetView, date: TokyoDate | null, now: number): TokyoDate {
  const running = today(now);
  if (view === "today") return running;
  if (date !== null) return date > running ? running : date;
  return view === "day" ? addDays(running, -1) : running;
}

/** [from, to) in seconds of Unix time. */
export const secondsOf = ({ from, to }: DateSpan): { from: number; to: number } => ({
  from: startOf(from) / 1000,
  to: startOf(to) / 1000,
});
