/** The facility of the address: named by the member's list, or by itself where that does not have it (yet). */

import { FacilityNameDocument } from "../generated/graphql";
import { api, session } from "./api";
import type { FacilityList } from "./facility-list";
import { patiently } from "./patience";
import { type FacilityRef, router } from "./route";

/** Fires "changed". */
export class NamedFacility extends EventTarget {
  /** The same object while it is the same: views load anew with another one. */
  current: FacilityRef | null = null;
  /** Why it cannot be shown. */
  problem: unknown = null;
  readonly #list: FacilityList;
  #asking = new AbortController();

  constructor(list: FacilityList) {
    super();
    this.#list = list;
  }

  /** The address or the list may have changed. */
  find(): void {
    const id = router.route.facility;
    const listed = this.#list.facilities.find((one) => one.id === id);
    if (id === null) this.forget();
    else if (listed) this.#take({ id, name: listed.name });
    else if (this.current?.id !== id && session.state === "in" && !session.duties.length) {
      void this.#ask(id);
    }
  }

  forget(): void {
    this.#take(null);
  }

  async #ask(id: string): Promise<void> {
    this.#take({ id, name: "" });
    const { signal } = this.#asking;
    const failed = (error: unknown) => this.#fail(error);
    const ask = () => api.query(FacilityNameDocument, { id }, { signal });
    try {
      const { facility } = await patiently(ask, failed, signal);
      if (facility && !signal.aborted) this.#take(facility);
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
  }

  #take(facility: FacilityRef | null): void {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { current } = this;
    const same = current?.id === facility?.id && current?.name === facility?.name;
    if (same && this.problem === null) return;
    this.problem = null;
    if (!same) this.current = facility;
    this.dispatchEvent(new Event("changed"));
  }

  #fail(error: unknown): void {
    this.problem = error;
    this.dispatchEvent(new Event("changed"));
  }
}
