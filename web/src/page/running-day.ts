// The half hours of a Tokyo day and of the day before, in integer Wh, so that sums are exact. Pure:
// what comes from the API is put in, what the page shows is taken out.

import type { ChartColumns } from "../chart/slots";
import { dateOf, ms, startOf } from "../format/dates";
import { kwhOf, wh } from "../format/numbers";
import type { Quality } from "../generated/graphql";

export const SLOTS = 48;
const SLOT_MS = 30 * 60_000;
const DAY_MS = SLOTS * SLOT_MS;

export interface HalfHour {
  readonly wh: number | null;
  readonly quality: Quality;
  /** Of what came live; what a series told counts as older. */
  readonly revision: number;
}

/** Columns of a usage series. */
export interface Columns {
  readonly startAt: readonly string[];
  readonly kwh: readonly (number | null)[];
  readonly quality: readonly Quality[];
}

export interface DayReading {
  readonly startAt: string;
  readonly kwh: number;
  readonly quality: Quality;
  readonly revision: number;
}

export class RunningDay {
  /** Midnight at its begin, in ms. */
  readonly start: number;
  readonly #today: (HalfHour | null)[] = new Array(SLOTS).fill(null);
  readonly #yesterday: (HalfHour | null)[] = new Array(SLOTS).fill(null);

  constructor(now: number) {
    this.start = startOf(dateOf(now));
  }

  get end(): number {
    return this.start + DAY_MS;
  }

  get startOfYesterday(): number {
    return this.start - DAY_MS;
  }

  get today(): readonly (HalfHour | null)[] {
    return this.#today;
  }

  get yesterday(): readonly (HalfHour | null)[] {
    return this.#yesterday;
  }

  /** Put in a series; the half hours that it has are as it says. */
  fill(columns: Columns): void {
    columns.startAt.forEach((at, row) => {
      const kwh = columns.kwh[row] ?? null;
      this.#set(ms(at), {
        wh: kwh === null ? null : wh(kwh),
        quality: columns.quality[row] ?? "MISSING",
        revision: -1,
      });
    });
  }

  /** Put in a reading that came live; whether it changed one of the two days. */
  put(reading: DayReading): boolean {
    const known = this.#get(ms(reading.startAt));
    if (known === undefined || (known && known.revision > reading.revision)) return false;
    return this.#set(ms(reading.startAt), { ...reading, wh: wh(reading.kwh) });
  }

  /** Index of the newest half hour of the day that has a value, -1 if there is none. */
  get newest(): number {
    return this.#today.findLastIndex((half) => half?.wh != null);
  }

  get totalWh(): number {
    return sum(this.#today);
  }

  get yesterdayWh(): number {
    return sum(this.#yesterday);
  }

  /** How many half hours are over of those up to the newest that has a value. */
  completeAt(now: number): number {
    return Math.max(0, Math.min(this.newest + 1, this.slotAt(now)));
  }

  /** Of the first half hours of the day before; null if none of them has a value. */
  yesterdayUntil(halfHours: number): number | null {
    const halves = this.#yesterday.slice(0, halfHours);
    return halves.some((half) => half?.wh != null) ? sum(halves) : null;
  }

  /** Sums of the first half hours, of those that have a value on both days; null if none has. */
  comparedUntil(halfHours: number): { readonly today: number; readonly yesterday: number } | null {
    const both = Array.from({ length: halfHours }, (_, slot) => slot).filter(
      (slot) => this.#today[slot]?.wh != null && this.#yesterday[slot]?.wh != null,
    );
    if (both.length === 0) return null;
    const of = (halves: readonly (HalfHour | null)[]) =>
      sum(both.map((slot) => halves[slot] ?? null));
    return { today: of(this.#today), yesterday: of(this.#yesterday) };
  }

  /** Half hours of the day that should have a value and have none, as far as is known here. */
  get missing(): number {
    return this.#today.filter((half) => half !== null && half.wh === null).length;
  }

  startOfSlot(index: number): number {
    return this.start + index * SLOT_MS;
  }

  /** The half hour that an instant lies in; beyond 0 to 47 on other days. */
  slotAt(instant: number): number {
    return Math.floor((instant - this.start) / SLOT_MS);
  }

  todayColumns(): ChartColumns {
    return columnsOf(this.#today, this.start);
  }

  yesterdayColumns(): ChartColumns {
    return columnsOf(this.#yesterday, this.startOfYesterday);
  }

  /** What is known of a half hour; undefined if it is of neither day. */
  #get(at: number): HalfHour | null | undefined {
    const slot = this.slotAt(at);
    if (slot < -SLOTS || slot >= SLOTS) return undefined;
    return slot < 0 ? this.#yesterday[slot + SLOTS] : this.#today[slot];
  }

  #set(at: number, half: HalfHour): boolean {
    const slot = this.slotAt(at);
    if (slot < -SLOTS || slot >= SLOTS) return false;
    if (slot < 0) this.#yesterday[slot + SLOTS] = half;
    else this.#today[slot] = half;
    return true;
  }
}

function sum(halves: readonly (HalfHour | null)[]): number {
  return halves.reduce((total, half) => total + (half?.wh ?? 0), 0);
}

function columnsOf(halves: readonly (HalfHour | null)[], start: number): ChartColumns {
  const known = halves.flatMap((half, index) => (half ? [{ ...half, index }] : []));
  return {
    from: start / 1000,
    to: (start + DAY_MS) / 1000,
    startAt: known.map(({ index }) => (start + index * SLOT_MS) / 1000),
    kwh: known.map(({ wh }) => (wh === null ? null : kwhOf(wh))),
    quality: known.map(({ quality }) => quality),
  };
}
