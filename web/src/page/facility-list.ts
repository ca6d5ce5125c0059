// The member's facilities, each with its latest reading: loaded page by page, then live by one
// subscription for each hundred (the most that one takes).

import { isAbort } from "../api/errors";
import type { LiveState } from "../api/live";
import { ms } from "../format/dates";
import {
  FacilitiesDocument,
  type FacilitiesQuery,
  LatestReadingsDocument,
  type MemberState,
} from "../generated/graphql";
import { api, live } from "./api";
import { patiently } from "./patience";
import { folded } from "./search";

export interface Latest {
  readonly startAt: string;
  readonly endAt: string;
  readonly kwh: number;
  readonly revision: number;
}

type Node = FacilitiesQuery["viewer"] extends infer Viewer
  ? NonNullable<Viewer> extends { facilities: { nodes: (infer Each)[] } }
    ? Each
    : never
  : never;

/** A facility as the list shows it. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly area: string | null;
  readonly address: string;
  /** Everything that it is found by, folded. */
  readonly found: string;
}

export interface StreamNote {
  readonly state: LiveState;
  readonly lastReceivedAt: string | null;
}

const AT_ONCE = 100;
const WORST: readonly LiveState[] = ["ended", "reconnecting", "connecting", "stale", "live"];

/** Fires "changed", at most once for each picture that the browser draws. */
export class FacilityList extends EventTarget {
  facilities: readonly Listed[] = [];
  /** How many there are; null before the first page has come. */
  total: number | null = null;
  memberState: MemberState | null = null;
  problem: unknown = null;
  readonly #latest = new Map<string, Latest>();
  readonly #notes = new Map<number, StreamNote>();
  #load = new AbortController();
  #stops: (() => void)[] = [];
  #drawing = false;

  get complete(): boolean {
    return this.total !== null && this.facilities.length >= this.total;
  }

  /** The only facility of a member who has one. */
  get only(): Listed | null {
    return this.total === 1 ? (this.facilities[0] ?? null) : null;
  }

  get stream(): StreamNote {
    const notes = [...this.#notes.values()];
    const worst = WORST.find((state) => notes.some((note) => note.state === state));
    const received = notes.flatMap((note) => note.lastReceivedAt ?? []).sort();
    return { state: worst ?? "connecting", lastReceivedAt: received.at(-1) ?? null };
  }

  latestOf(id: string): Latest | null {
    return this.#latest.get(id) ?? null;
  }

  /** Load everything anew, and follow it. */
  async load(): Promise<void> {
    this.clear();
    const { signal } = this.#load;
    try {
      let after: string | null = null;
      do after = await this.#patientPage(after, signal);
      while (after !== null && !signal.aborted);
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.#fail(error);
    }
  }

  async #patientPage(after: string | null, signal: AbortSignal): Promise<string | null> {
    const ask = () => this.#page(after, signal);
    const next = await patiently(ask, (error) => this.#fail(error), signal);
    this.problem = null;
    return next;
  }

  #fail(error: unknown): void {
    this.problem = error;
    this.#changed();
  }

  clear(): void {
    this.#load.abort();
    this.#load = new AbortController();
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#notes.clear();
    this.#latest.clear();
    this.facilities = [];
    this.total = this.memberState = this.problem = null;
    this.#changed();
  }

  /** One page; answers the cursor of the next one. */
  async #page(after: string | null, signal: AbortSignal): Promise<string | null> {
    const { viewer } = await api.query(FacilitiesDocument, { after }, { signal });
    // Somebody else may have come meanwhile.
    signal.throwIfAborted();
    if (!viewer) return null;
    const { nodes, totalCount, pageInfo } = viewer.facilities;
    this.memberState = viewer.state;
    this.facilities = [...this.facilities, ...nodes.map(listed)];
    this.total = totalCount;
    this.#changed();
    const ids = nodes.map((node) => node.id);
    if (ids.length && viewer.state !== "POSTCARD_IN_TRANSIT") this.#follow(ids, signal);
    return pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
  }

  #follow(ids: string[], signal: AbortSignal): void {
    for (let first = 0; first < ids.length; first += AT_ONCE) {
      this.#followSome(ids.slice(first, first + AT_ONCE), this.#stops.length, signal);
    }
  }

  #followSome(ids: string[], place: number, signal: AbortSignal): void {
    let following = false;
    const ask = () => void this.#askLatest(ids, signal);
    ask();
    const stop = live.readings({
      facilityIds: ids,
      next: (reading) => {
        if (reading.direction === "IMPORT") this.#put(reading.facilityId, reading);
      },
      reset: ask,
      state: (state, lastReceivedAt) => {
        this.#notes.set(place, { state, lastReceivedAt });
        // What was stored after the first answer and before the stream began would be missed.
        if (!following && (state === "live" || state === "stale")) ask();
        following ||= state === "live" || state === "stale";
        this.#changed();
      },
    });
    this.#stops.push(stop);
  }

  async #askLatest(ids: string[], signal: AbortSignal): Promise<void> {
    const load = () => api.query(LatestReadingsDocument, { ids }, { signal });
    try {
      const { nodes } = await patiently(load, () => undefined, signal);
      for (const node of nodes) {
        if (node && "latestReading" in node && node.latestReading) {
          this.#put(node.id, node.latestReading);
        }
      }
    } catch {
      // The list does without: the stream's state says that there is nothing new.
    }
  }

  #put(id: string, reading: Latest): void {
    const known = this.#latest.get(id);
    if (known && isNewer(known, reading)) return;
    this.#latest.set(id, reading);
    this.#changed();
  }

  #changed(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.dispatchEvent(new Event("changed"));
    });
  }
}

function isNewer(known: Latest, than: Latest): boolean {
  const later = ms(known.startAt) - ms(than.startAt);
  return later > 0 || (later === 0 && known.revision > than.revision);
}

function listed(node: Node): Listed {
  const { prefecture, city, line1, line2 } = node.address;
  const address = [prefecture, city, line1, line2].filter(Boolean).join("");
  const parts = [node.name, address, node.supplyPointNumber, node.customerNumber, node.area];
  return {
    id: node.id,
    name: node.name,
    area: node.area ?? null,
    address,
    found: folded(parts.join(" ")),
  };
}
