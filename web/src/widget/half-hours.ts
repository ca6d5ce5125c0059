// What the widget knows of a span: one value per half hour. A reading takes the place of the one
// before it, so that whatever comes twice changes nothing, and every sum is of whole Wh.

import { DAY, HALF_HOUR } from "../chart/frame";
import type { ChartColumns, Quality } from "../chart/slots";
import { kwhOf, wh } from "../format/numbers";

export interface HalfHour {
  /** ISO 8601, as the API has it. */
  readonly startAt: string;
  readonly kwh: number | null;
  readonly quality: Quality;
}

/** The columns of a usage series. */
export interface UsageRows {
  readonly startAt: readonly string[];
  readonly kwh: readonly (number | null)[];
  readonly quality: readonly Quality[];
}

/** Where a reading belongs. */
export type Place = "in" | "after" | "elsewhere";

/** From the least certain: what is said of a day whose half hours differ. */
const CERTAINTY: readonly Quality[] = ["MISSING", "PROVISIONAL", "ESTIMATED", "SETTLED"];

const seconds = (iso: string): number => Date.parse(iso) / 1000;

export class HalfHours {
  /** In Wh from `from` on; null where there should be a value. */
  readonly #wh: (number | null)[] = [];
  readonly #quality: Quality[] = [];
  /** Index of the first half hour that is known of: the contract may begin within the span. */
  #first = Number.POSITIVE_INFINITY;

  /** Of [from, to), in seconds of Unix time; `rows` is what the API has of it. */
  constructor(
    readonly from: number,
    readonly to: number,
    rows: UsageRows,
  ) {
    rows.startAt.forEach((startAt, row) => {
      this.put({ startAt, kwh: rows.kwh[row] ?? null, quality: rows.quality[row] ?? "MISSING" });
    });
  }

  put({ startAt, kwh, quality }: HalfHour): Place {
    const at = seconds(startAt);
    if (at >= this.to) return "after";
    if (at < this.from) return "elsewhere";
    const index = this.#index(at);
    const [first, end] = [this.#first, this.#wh.length];
    this.#first = Math.min(first, index);
    this.#wh[index] = kwh === null ? null : wh(kwh);
    this.#quality[index] = kwh === null ? "MISSING" : quality;
    // What lies between this reading and those that are there has not come: a gap, as yet.
    this.#leave(end, index);
    this.#leave(index + 1, first);
    return "in";
  }

  get totalWh(): number {
    return sum(this.#known);
  }

  /** How many half hours should have a value by now and have none. */
  get missing(): number {
    return this.#known.filter((value) => value === null).length;
  }

  /** End of the newest half hour that has a value; null if none has. */
  get asOf(): number | null {
    const newest = this.#wh.findLastIndex((value) => typeof value === "number");
    return newest < 0 ? null : this.#startOf(newest + 1);
  }

  /** What was used before an instant. */
  whBefore(at: number): number {
    return sum(this.#wh.slice(this.#first, Math.max(0, this.#index(at))));
  }

  halfHours(): ChartColumns {
    return this.#columns(
      this.#known.map((_, i) => this.#startOf(this.#first + i)),
      this.#known.map((value) => (value === null ? null : kwhOf(value))),
      this.#quality.slice(this.#first),
    );
  }

  /** The same by day of Tokyo; the span has to begin with one. */
  days(): ChartColumns {
    const [startAt, kwh, quality]: [number[], (number | null)[], Quality[]] = [[], [], []];
    const perDay = DAY / HALF_HOUR;
    for (let day = 0; day < this.#wh.length; day += perDay) {
      const from = Math.max(day, this.#first);
      const values = this.#wh.slice(from, day + perDay);
      if (values.length === 0) continue;
      startAt.push(this.#startOf(day));
      kwh.push(values.some((value) => value !== null) ? kwhOf(sum(values)) : null);
      quality.push(leastCertain(this.#quality.slice(from, day + perDay)));
    }
    return this.#columns(startAt, kwh, quality);
  }

  get #known(): readonly (number | null)[] {
    return this.#wh.slice(this.#first);
  }

  #columns(startAt: number[], kwh: (number | null)[], quality: Quality[]): ChartColumns {
    return { from: this.from, to: this.to, startAt, kwh, quality };
  }

  #index(at: number): number {
    return (at - this.from) / HALF_HOUR;
  }

  #startOf(index: number): number {
    return this.from + index * HALF_HOUR;
  }

  /** Gaps at [from, to), which is often nothing at all. */
  #leave(from: number, to: number): void {
    if (!Number.isFinite(to)) return;
    for (let i = Math.max(from, this.#first); i < to; i++) {
      this.#wh[i] = null;
      this.#quality[i] = "MISSING";
    }
  }
}

const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);

const leastCertain = (qualities: readonly Quality[]): Quality =>
  CERTAINTY.find((quality) => qualities.includes(quality)) ?? "MISSING";
