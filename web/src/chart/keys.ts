// Which slot a key leads to, from the one that is pointed at.

import type { SlotKind } from "./frame";

/** Slots that Page Up and Page Down step over: to the same time of another day, and so on. */
const PAGES: Record<SlotKind, number> = {
  HALF_HOUR: 48,
  HOUR: 24,
  DAY: 7,
  WEEK: 4,
  MONTH: 12,
  READING_PERIOD: 12,
  YEAR: 5,
  GROUP: 8,
};

/** The slot to point at, null to point at none, undefined for a key that means nothing here. */
export function keyStep(
  key: string,
  at: number | null,
  count: number,
  kind: SlotKind,
): number | null | undefined {
  const last = count - 1;
  const by = (step: number): number => {
    // The first key comes from outside: it enters at the end that it comes from.
    if (at === null) return step > 0 ? 0 : last;
    return Math.min(last, Math.max(0, at + step));
  };
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return by(1);
    case "ArrowLeft":
    case "ArrowDown":
      return by(-1);
    case "PageUp":
      return by(pageOf(kind, count));
    case "PageDown":
      return by(-pageOf(kind, count));
    case "Home":
      return 0;
    case "End":
      return last;
    case "Escape":
      return null;
    default:
      return undefined;
  }
}

/** A day of half hours in one chart of a day would be all of it: there it is three hours. */
const pageOf = (kind: SlotKind, count: number): number =>
  PAGES[kind] < count ? PAGES[kind] : Math.max(1, Math.floor(count / 8));
