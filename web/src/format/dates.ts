// Tokyo's calendar. It has been nine hours ahead since 1951, without summer time, so days are plain
// arithmetic; years are those of the Gregorian calendar, never of an era.

import type { Language } from "../text/say";

/** Like 2026-11-22: a day in Tokyo. */
export type TokyoDate = string;

/** ISO 8601 as the API answers it, or milliseconds since 1970. */
export type Instant = string | number;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AHEAD = 9 * HOUR;

const WEEKDAYS = {
  ja: { short: [..."月火水木金土日"], long: [..."月火水木金土日"].map((day) => `${day}曜日`) },
  en: {
    short: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    long: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  },
};
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

export const ms = (instant: Instant): number =>
  typeof instant === "number" ? instant : Date.parse(instant);

/** The day that an instant is in. */
export const dateOf = (instant: Instant): TokyoDate =>
  new Date(ms(instant) + AHEAD).toISOString().slice(0, 10);

/** Like 09:30. */
export const timeOf = (instant: Instant): string =>
  new Date(ms(instant) + AHEAD).toISOString().slice(11, 16);

/** The midnight with which a day begins. */
export const startOf = (date: TokyoDate): number => utc(date) - AHEAD;

/** The same for variables: ISO 8601 at +09:00. */
export const isoOf = (date: TokyoDate): string => `${date}T00:00:00+09:00`;

export const today = (now: number): TokyoDate => dateOf(now);

export const addDays = (date: TokyoDate, days: number): TokyoDate =>
  new Date(utc(date) + days * DAY).toISOString().slice(0, 10);

/** The same day of another month, or the last one of a shorter month. */
export function addMonths(date: TokyoDate, months: number): TokyoDate {
  const { year, month, day } = partsOf(date);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const length = new Date(
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0),
  ).getUTCDate();
  first.setUTCDate(Math.min(day, length));
  return first.toISOString().slice(0, 10);
}

/** 0 is Monday. */
export const weekdayOf = (date: TokyoDate): number => (new Date(utc(date)).getUTCDay() + 6) % 7;

export const daysBetween = (from: TokyoDate, to: TokyoDate): number =>
  Math.round((utc(to) - utc(from)) / DAY);

/** Whether it is the name of a day that there is. */
export function isDate(text: string | null | undefined): text is TokyoDate {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = utc(text);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** Like 2026年11月22日(日) or Sun 22 November 2026. */
export function longDate(date: TokyoDate, lang: Language): string {
  const { year, month, day } = partsOf(date);
  const weekday = weekdayName(weekdayOf(date), lang);
  return lang === "ja"
    ? `${year}年${month}月${day}日(${weekday})`
    : `${weekday} ${day} ${MONTHS[month - 1]} ${year}`;
}

/** Like 11/22(日) or Sun 22 Nov. */
export function shortDate(date: TokyoDate, lang: Language): string {
  const { month, day } = partsOf(date);
  const weekday = weekdayName(weekdayOf(date), lang);
  return lang === "ja"
    ? `${month}/${day}(${weekday})`
    : `${weekday} ${day} ${MONTHS[month - 1]?.slice(0, 3)}`;
}

/** Like 2026年11月 or November 2026. */
export function monthName(date: TokyoDate, lang: Language): string {
  const { year, month } = partsOf(date);
  return lang === "ja" ? `${year}年${month}月` : `${MONTHS[month - 1]} ${year}`;
}

/** Like 2026年 or 2026. */
export const yearName = (date: TokyoDate, lang: Language): string =>
  lang === "ja" ? `${date.slice(0, 4)}年` : date.slice(0, 4);

/** 0 is Monday. */
export const weekdayName = (
  weekday: number,
  lang: Language,
  length: "short" | "long" = "short",
): string => WEEKDAYS[lang][length][weekday] ?? "";

/** Like 11/22(日) 09:30 or Sun 22 Nov 09:30. */
export const dateTime = (instant: Instant, lang: Language): string =>
  `${shortDate(dateOf(instant), lang)} ${timeOf(instant)}`;

/** Like 5分前 or 5 minutes ago; the day and the time of what is over a day old. */
export function ago(instant: Instant, now: number, lang: Language): string {
  const passed = now - ms(instant);
  if (passed >= DAY) return dateTime(instant, lang);
  const [amount, unit] =
    passed < MINUTE
      ? [Math.max(0, Math.floor(passed / 1000)), "second" as const]
      : passed < HOUR
        ? [Math.floor(passed / MINUTE), "minute" as const]
        : [Math.floor(passed / HOUR), "hour" as const];
  return new Intl.RelativeTimeFormat(lang, { numeric: "always" }).format(-amount, unit);
}

const utc = (date: TokyoDate): number => Date.parse(`${date}T00:00:00Z`);

const partsOf = (date: TokyoDate) => ({
  year: Number(date.slice(0, 4)),
  month: Number(date.slice(5, 7)),
  day: Number(date.slice(8, 10)),
});
