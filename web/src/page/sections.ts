/** The parts of the page that are led to from everywhere, and the code of each, loaded when it is looked at. */

import type { View } from "./route";

export type Section = "facilities" | "today" | "usage" | "profile" | "bills";

const SPANS: ReadonlySet<View> = new Set<View>(["day", "month", "period", "year", "all"]);

const CODE: { readonly [S in Section]: () => Promise<unknown> } = {
  facilities: () => Promise.resolve(),
  today: () => import("./today"),
  usage: () => import("./usage"),
  profile: () => import("./profile"),
  bills: () => import("./bills"),
};

export const isSpan = (view: View): boolean => SPANS.has(view);

export function sectionOf(view: View): Section {
  return isSpan(view) ? "usage" : (view as Section);
}

export const loadSection = (section: Section): Promise<unknown> => CODE[section]();

/** Load the rest while nobody waits: a view that is chosen later needs no connection to be opened. */
export async function loadAll(): Promise<void> {
  for (const load of Object.values(CODE)) await load().catch(() => undefined);
}
