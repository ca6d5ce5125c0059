/** Brings what the usage view shows, step by step: place, days, series, comparison. */

import { type TokyoDate, today } from "../format/dates";
import { type DateSpan, instants } from "../format/spans";
import { type Direction, UsageDocument } from "../generated/graphql";
import { api, clock } from "./api";
import { flows, hasHalfHours, type Place, periodsOf, placeOf } from "./place";
import type { Route } from "./route";
import { isUneven, type Series, seriesOf } from "./series";
import {
  type By,
  barsOf,
  boundsOf,
  newestOf,
  RESOLUTIONS,
  type Reach,
  type SpanView,
  spanFor,
  visible,
} from "./usage-span";

/** What the address asks for. */
export interface Question {
  readonly view: SpanView;
  readonly date: TokyoDate | null;
  readonly by: Route["by"];
  readonly direction: Direction;
}

/** One span of usage; `span` is whole, `part` what was asked for of it. */
export interface Picture {
  readonly view: SpanView;
  readonly by: By;
  readonly span: DateSpan;
  readonly part: DateSpan;
  readonly series: Series;
}

/** Why there is no picture, where that is no fault. */
export type Nowhere =
  | "no.half-hours"
  | `no.${Direction}`
  | "no.period"
  | "no.periods"
  | "before.history"
  | "after.history"
  | "after.contract";

/** What is known of one facility while it is looked at. */
export class UsageOf {
  place: Place | null = null;
  #periods: readonly DateSpan[] | null = null;

  constructor(readonly facility: string) {}

  /** Days and periods that can be looked at now; null as long as the place is not known. */
  reach(): Reach | null {
    if (this.place === null) return null;
    return { bounds: boundsOf(this.place, today(clock.now())), periods: this.#periods ?? [] };
  }

  /** The day that the address means: of none, one of the newest span. */
  dateOf({ view, date }: Pick<Question, "view" | "date">, reach: Reach): TokyoDate {
    return date ?? newestOf(view, reach);
  }

  /** Place, and reading periods where the view needs them. */
  async prepare(view: SpanView | "profile", signal: AbortSignal): Promise<Reach> {
    this.place ??= await placeOf(this.facility, signal);
    if (view === "period" && hasHalfHours(this.place)) {
      this.#periods ??= await periodsOf(this.facility, signal);
    }
    return this.reach() as Reach;
  }

  async picture(question: Question, signal: AbortSignal): Promise<Picture | Nowhere> {
    const { view, direction } = question;
    const reach = await this.prepare(view, signal);
    const place = this.place as Place;
    if (!hasHalfHours(place)) return "no.half-hours";
    if (!flows(place, direction)) return `no.${direction}`;
    const date = this.dateOf(question, reach);
    const span = spanFor(view, date, reach);
    const part = span === null ? null : visible(span, reach.bounds);
    if (span === null || part === null) return this.#nowhere(view, date, reach);
    const by = barsOf(view, question.by);
    const resolution = RESOLUTIONS[by];
    const variables = {
      facility: this.facility,
      ...instants(part),
      resolution,
      direction,
      uneven: isUneven(resolution),
    };
    const { facility } = await api.query(UsageDocument, variables, { signal });
    if (!facility) throw new TypeError("a facility without an error is there");
    return { view, by, span, part, series: seriesOf(facility.usage, resolution, direction) };
  }

  #nowhere(view: SpanView, date: TokyoDate, { bounds, periods }: Reach): Nowhere {
    if (date < bounds.from) return "before.history";
    if (date >= bounds.to) return this.#isOver(bounds) ? "after.contract" : "after.history";
    return view === "period" && periods.length === 0 ? "no.periods" : "no.period";
  }

  #isOver(bounds: DateSpan): boolean {
    return bounds.to <= today(clock.now());
  }
}
