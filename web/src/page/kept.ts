/** What the browser keeps for the page; nothing where it refuses to, or has something else there. */

type Store = "localStorage" | "sessionStorage";

export function kept(store: Store, key: string): string | null {
  try {
    return window[store].getItem(key);
  } catch {
    return null;
  }
}

/** By name; empty where nothing is kept. */
export function keptEntries<T>(store: Store, key: string): Readonly<Record<string, T>> {
  // Names may come from the address: without a prototype there is no "constructor".
  const entries = Object.create(null);
  try {
    return Object.assign(entries, JSON.parse(kept(store, key) ?? "{}"));
  } catch {
    return entries;
  }
}

/** As long as the page lasts everything goes on without. */
export function keep(store: Store, key: string, value: string): void {
  try {
    window[store].setItem(key, value);
  } catch {
    // Full, or refused.
  }
}
