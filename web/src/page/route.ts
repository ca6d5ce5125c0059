// The address holds the view, so that it can be shared and the back button works.

import { isDate, type TokyoDate } from "../format/dates";
import type { Direction } from "../generated/graphql";
import { language } from "../text/index";

export interface FacilityRef {
  readonly id: string;
  readonly name: string;
}

const VIEWS = [
  "facilities",
  "today",
  "day",
  "month",
  "period",
  "year",
  "all",
  "profile",
  "bills",
] as const;
const DIRECTIONS = ["IMPORT", "EXPORT"] as const;
const COMPARISONS = ["year", "month", "facility"] as const;
const LENGTHS = ["half-hour", "hour", "day", "month", "period"] as const;
const SPANS = ["month", "period", "year", "all"] as const;

export type View = (typeof VIEWS)[number];
export type Compare = (typeof COMPARISONS)[number];

export interface Route {
  /** Key; null is the first one of the deployment. */
  readonly portal: string | null;
  /** Id; null where none is chosen. */
  readonly facility: string | null;
  readonly view: View;
  /** A day of the span that is shown; null is the newest span. */
  readonly date: TokyoDate | null;
  readonly direction: Direction;
  /** With the same span so much earlier, or of another facility. */
  readonly compare: Compare | null;
  /** Id of that facility, never of the one that is shown; null where none is chosen. */
  readonly with: string | null;
  /** Length of a bar; null is the view's own. */
  readonly by: (typeof LENGTHS)[number] | null;
  /** What a profile is of; null is the view's own. */
  readonly span: (typeof SPANS)[number] | null;
  readonly table: boolean;
}

/** What is missing, unknown or wrong in an address becomes the default. */
export function readRoute(search: string): Route {
  const asked = new URLSearchParams(search);
  const facility = asked.get("facility") || null;
  const date = asked.get("date");
  const compare = oneOf(COMPARISONS, asked.get("compare"));
  const other = asked.get("with") || null;
  return {
    portal: asked.get("portal") || null,
    facility,
    view: oneOf(VIEWS, asked.get("view")) ?? (facility === null ? "facilities" : "today"),
    date: isDate(date) ? date : null,
    direction: oneOf(DIRECTIONS, asked.get("direction")) ?? "IMPORT",
    compare,
    with: compare === "facility" && other !== facility ? other : null,
    by: oneOf(LENGTHS, asked.get("by")),
    span: oneOf(SPANS, asked.get("span")),
    table: asked.get("table") === "1",
  };
}

/** The shortest address of a view: like ?facility=…&view=month, or nothing. */
export function writeRoute(route: Route): string {
  const named = new URLSearchParams();
  const usual = route.facility === null ? "facilities" : "today";
  if (route.portal !== null) named.set("portal", route.portal);
  if (route.facility !== null) named.set("facility", route.facility);
  if (route.view !== usual) named.set("view", route.view);
  if (route.date !== null) named.set("date", route.date);
  if (route.direction !== "IMPORT") named.set("direction", route.direction);
  if (route.compare !== null) named.set("compare", route.compare);
  if (route.with !== null) named.set("with", route.with);
  if (route.by !== null) named.set("by", route.by);
  if (route.span !== null) named.set("span", route.span);
  if (route.table) named.set("table", "1");
  const text = named.toString();
  return text && `?${text}`;
}

/** Where a step leads that changes a part: links show its address, and the router goes there. */
export function turned(route: Route, part: Partial<Route>): Route {
  const next = { ...route, ...part };
  if (next.compare !== "facility") return { ...next, with: null };
  // Whoever goes over to the facility that is compared with sees both the other way round.
  const isItself = next.with !== null && next.with === next.facility;
  const other = isItself ? route.facility : next.with;
  return { ...next, with: other === next.facility ? null : other };
}

/** Fires "changed" when the address leads elsewhere, by `go` or by the browser's buttons. */
export class Router extends EventTarget {
  #route: Route = readRoute(location.search);

  constructor() {
    super();
    addEventListener("popstate", () => this.#follow(readRoute(location.search)));
  }

  get route(): Route {
    return this.#route;
  }

  /** `replace` for what is no step that one would go back. */
  go(part: Partial<Route>, how: "push" | "replace" = "push"): void {
    const route = turned(this.#route, part);
    const address = location.pathname + spoken(writeRoute(route));
    if (address === location.pathname + location.search) return;
    if (how === "push") history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    this.#follow(route);
  }

  #follow(route: Route): void {
    this.#route = route;
    this.dispatchEvent(new Event("changed"));
  }
}

export const router = new Router();

function oneOf<T extends string>(known: readonly T[], asked: string | null): T | null {
  return known.find((each) => each === asked) ?? null;
}

/** An address that names a language goes on to name it: the one that is spoken by now. */
function spoken(search: string): string {
  if (!new URLSearchParams(location.search).has("lang")) return search;
  return `${search || "?"}${search && "&"}lang=${language()}`;
}
