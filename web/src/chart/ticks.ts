// Where the time axis has labels, and which: as many as there is room for, at the borders that
// people count in (hours, days, months, years of Tokyo).

import { timeOf } from "../format/dates";
import { DAY, type Frame, HOUR } from "./frame";
import { calendarDay, monthStart, roundUp, timeOfDay } from "./tokyo";

export interface Tick {
  /** On the axis, which counts slots; a slot is [index, index + 1). */
  readonly position: number;
  readonly label: string;
}

export interface TickNames {
  day(at: number): string;
  month(at: number): string;
  year(at: number): string;
}

/** Of a letter, in CSS pixels. */
const NARROW_LETTER = 7;
const WIDE_LETTER = 12;
/** Between two names, in CSS pixels. */
const NAME_SPACE = 14;
/** Beside the bars, which a name may reach into, in CSS pixels. */
const GUTTER = 16;
/** Pixels that a label needs with the space beside it. */
const ROOM = { hour: 46, day: 52, month: 54, year: 58 } as const;
const HOURS = [1, 2, 3, 6, 12] as const;
const MONTHS = [1, 2, 3, 6] as const;
/** Days of the month, by how many days are between them. */
const DAYS: readonly (readonly [apart: number, chosen: (day: number) => boolean])[] = [
  [1, () => true],
  [2, (day) => day % 2 === 1 && day < 31],
  [5, (day) => day % 5 === 1 && day < 31],
  [10, (day) => day % 10 === 1 && day < 31],
];

/** Labels of the slots [from, to), drawn over `width` pixels. */
export function timeTicks(
  frame: Frame,
  from: number,
  to: number,
  width: number,
  names: TickNames,
): Tick[] {
  if (to <= from || frame.count === 0) return [];
  switch (frame.kind) {
    case "HALF_HOUR":
    case "HOUR":
    case "DAY":
      return new Axis(frame, from, to, width, names).ticks();
    case "YEAR":
      return slotTicks(from, to, width, ROOM.year, (i) => names.year(frame.startOf(i)));
    case "MONTH":
      return slotTicks(from, to, width, ROOM.month, (i) => monthOrYear(frame.startOf(i), names));
    default:
      return slotTicks(from, to, width, ROOM.day, (i) => names.day(frame.startOf(i)));
  }
}

/** The names of the slots [from, to), as many as there is room for. */
export function nameTicks(
  names: readonly string[],
  from: number,
  to: number,
  width: number,
): Tick[] {
  const room = NAME_SPACE + Math.max(...names.map(widthOf));
  const ticks = slotTicks(from, to, width, room, (index) => names[index] ?? "");
  // What would stand out over an edge would be cut off there; one name alone stays.
  const slot = width / (to - from);
  const inside = ticks.filter(({ position, label }) => {
    const middle = (position - from) * slot;
    return Math.min(middle, width - middle) + GUTTER >= widthOf(label) / 2;
  });
  return inside.length > 0 ? inside : ticks;
}

const widthOf = (name: string): number =>
  [...name].reduce((sum, letter) => sum + (letter > "⺀" ? WIDE_LETTER : NARROW_LETTER), 0);

/** A label below the middle of every slot, or of every second, third … if there is no room. */
export function slotTicks(
  from: number,
  to: number,
  width: number,
  room: number,
  label: (index: number) => string,
): Tick[] {
  const every = Math.max(1, Math.ceil(((to - from) * room) / width));
  const ticks: Tick[] = [];
  for (let i = Math.ceil(from / every) * every; i < to; i += every)
    ticks.push({ position: i + 0.5, label: label(i) });
  return ticks;
}

/** January says which year it is. */
const monthOrYear = (at: number, names: TickNames): string =>
  calendarDay(at).month === 1 ? names.year(at) : names.month(at);

/** The axis of slots that are equally long. */
class Axis {
  readonly #step: number;
  readonly #start: number;
  readonly #end: number;

  constructor(
    private readonly frame: Frame,
    from: number,
    to: number,
    private readonly width: number,
    private readonly names: TickNames,
  ) {
    this.#step = frame.endOf(0) - frame.startOf(0);
    this.#start = frame.startOf(from);
    this.#end = frame.endOf(Math.min(to, frame.count) - 1);
  }

  ticks(): Tick[] {
    const fits = (seconds: number, room: number): boolean =>
      ((this.#end - this.#start) / seconds) * room <= this.width;
    const hours = HOURS.find((n) => fits(n * HOUR, ROOM.hour));
    if (hours !== undefined && this.#step < DAY) return this.#hours(hours * HOUR);
    const days = DAYS.find(([apart]) => fits(apart * DAY, ROOM.day));
    if (days !== undefined) return this.#days(days[1]);
    const months = MONTHS.find((n) => fits(n * 30 * DAY, ROOM.month));
    return this.#months(months ?? 12);
  }

  #position(at: number): number {
    return (at - this.frame.startOf(0)) / this.#step;
  }

  #hours(step: number): Tick[] {
    const oneDay = this.#end - this.#start <= DAY;
    const ticks: Tick[] = [];
    for (let at = roundUp(this.#start, step); at <= this.#end; at += step) {
      const midnight = timeOfDay(at) === 0;
      let label = timeOf(at * 1000);
      if (midnight && oneDay && at > this.#start) label = "24:00";
      else if (midnight && !oneDay) label = this.names.day(at);
      ticks.push({ position: this.#position(at), label });
    }
    return ticks;
  }

  #days(chosen: (day: number) => boolean): Tick[] {
    // Below the bar if a bar is a day, else where the day begins.
    const middle = this.#step === DAY ? 0.5 : 0;
    const ticks: Tick[] = [];
    for (let at = roundUp(this.#start, DAY); at < this.#end; at += DAY)
      if (chosen(calendarDay(at).day))
        ticks.push({ position: this.#position(at) + middle, label: this.names.day(at) });
    return ticks;
  }

  #months(every: number): Tick[] {
    const first = calendarDay(this.#start);
    const ticks: Tick[] = [];
    for (let month = first.month; ; month++) {
      const at = monthStart(first.year, month);
      if (at >= this.#end) return ticks;
      if (at < this.#start || (month - 1) % every !== 0) continue;
      ticks.push({ position: this.#position(at), label: monthOrYear(at, this.names) });
    }
  }
}
