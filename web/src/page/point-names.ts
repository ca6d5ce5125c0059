/** How spans and points of usage are called, in the reader's language. */

import {
  addDays,
  dateOf,
  longDate,
  monthName,
  type TokyoDate,
  timeOf,
  weekdayName,
  weekdayOf,
  yearName,
} from "../format/dates";
import type { DateSpan } from "../format/spans";
import type { Language } from "../text/say";
import type { Series } from "./series";
import type { SpanView } from "./usage-span";

/** "2026/11/22", which both languages read alike. */
export const numericDate = (date: TokyoDate): string => date.replaceAll("-", "/");

/** Both days are in it: "2026/10/12–2026/11/11". */
export const numericSpan = ({ from, to }: DateSpan): string =>
  `${numericDate(from)}–${numericDate(addDays(to, -1))}`;

export function spanName(view: SpanView, span: DateSpan, lang: Language): string {
  if (view === "day") return longDate(span.from, lang);
  if (view === "month") return monthName(span.from, lang);
  return view === "year" ? yearName(span.from, lang) : numericSpan(span);
}

/** "13:30–14:00"; midnight at the end is 24:00. */
export function timeSpan(startAt: number, endAt: number): string {
  const end = timeOf(endAt * 1000);
  return `${timeOf(startAt * 1000)}–${end === "00:00" ? "24:00" : end}`;
}

/** "2026/11/22 13:30", as it is copied. */
export const numericInstant = (at: number): string =>
  `${numericDate(dateOf(at * 1000))} ${timeOf(at * 1000)}`;

export function pointName(series: Series, startAt: number, endAt: number, lang: Language): string {
  const date = dateOf(startAt * 1000);
  switch (series.resolution) {
    case "HALF_HOUR":
    case "HOUR": {
      const time = timeSpan(startAt, endAt);
      return series.to - series.from > 86_400 ? `${numericDate(date)} ${time}` : time;
    }
    case "MONTH":
      return monthName(date, lang);
    case "READING_PERIOD":
      // The last one may end in the middle of the running day.
      return numericSpan({ from: date, to: addDays(dateOf(endAt * 1000 - 1), 1) });
    default:
      return `${numericDate(date)} (${weekdayName(weekdayOf(date), lang, "short")})`;
  }
}
