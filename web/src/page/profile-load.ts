/** Brings the usage profile of a span: averages by half hour, by weekday, by kind of day (US-5). */

import { addDays, addMonths } from "../format/dates";
import { clamp, type DateSpan, instants } from "../format/spans";
import { type Direction, ProfileDocument, type ProfileQuery } from "../generated/graphql";
import { api } from "./api";
import { flows, type Place } from "./place";
import type { Route } from "./route";
import type { UsageOf } from "./usage-load";
import { newest, type Reach, type SpanView, spanFor, visible } from "./usage-span";

export type ProfileSpan = NonNullable<Route["span"]>;
export const PROFILE_SPANS = ["year", "month", "period", "all"] as const;
export type Groups = NonNullable<ProfileQuery["facility"]>["halfHours"]["points"];

/** `part` is what was asked for. */
export interface Profile {
  readonly kind: ProfileSpan;
  readonly part: DateSpan;
  readonly direction: Direction;
  readonly halfHours: Groups;
  readonly weekdays: Groups;
  readonly dayKinds: Groups;
}

export interface ProfileQuestion {
  readonly kind: ProfileSpan;
  readonly date: Route["date"];
  readonly direction: Direction;
}

/** How spans of profiles are named as spans of usage: the list of them is the same. */
export const VIEW_OF: Record<ProfileSpan, SpanView> = {
  month: "month",
  period: "period",
  year: "all",
  all: "all",
};

/** Null where the span has nothing that can be looked at. */
export async function profileOf(
  known: UsageOf,
  question: ProfileQuestion,
  signal: AbortSignal,
): Promise<Profile | null> {
  const { kind, date, direction } = question;
  const view = VIEW_OF[kind];
  const reach = await known.prepare(view, signal);
  if (!flows(known.place as Place, direction)) return null;
  const part = partOf(kind, known.dateOf({ view, date }, reach), reach);
  if (part === null) return null;
  const variables = { facility: known.facility, ...instants(part), direction };
  const { facility } = await api.query(ProfileDocument, variables, { signal });
  if (!facility?.halfHours.points.some((point) => point.halfHours > 0)) return null;
  return {
    kind,
    part,
    direction,
    halfHours: facility.halfHours.points,
    weekdays: facility.weekdays.points,
    dayKinds: facility.dayKinds.points,
  };
}

function partOf(kind: ProfileSpan, date: string, reach: Reach): DateSpan | null {
  const { bounds } = reach;
  if (kind === "year") return visible(lastYear(bounds), bounds);
  const span = spanFor(VIEW_OF[kind], date, reach);
  return span === null ? null : visible(span, bounds);
}

const lastYear = (bounds: DateSpan): DateSpan =>
  clamp({ from: addDays(addMonths(newest(bounds), -12), 1), to: bounds.to }, bounds);
