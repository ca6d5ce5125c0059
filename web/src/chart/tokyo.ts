// The Tokyo calendar for axes, in seconds of Unix time: nine hours ahead, all year.

import { DAY, HOUR } from "./frame";

const AHEAD = 9 * HOUR;

export interface CalendarDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

export function calendarDay(at: number): CalendarDay {
  const local = new Date((at + AHEAD) * 1000);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
  };
}

/** `month` may be over 12. */
export const monthStart = (year: number, month: number): number =>
  Date.UTC(year, month - 1, 1) / 1000 - AHEAD;

/** Seconds since midnight. */
export const timeOfDay = (at: number): number => (at + AHEAD) % DAY;

/** The first instant at or after `at` that is a multiple of `step`, counted from midnight. */
export const roundUp = (at: number, step: number): number =>
  Math.ceil((at + AHEAD) / step) * step - AHEAD;
