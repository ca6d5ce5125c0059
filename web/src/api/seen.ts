// Readings that were told before. The server promises each at least once.

export interface Named {
  readonly facilityId: string;
  readonly direction: string;
  readonly startAt: string;
  readonly revision: number;
}

/** More than can come again after a resume: it starts at the cursor of the last event. */
const KEPT = 4096;

export class Seen {
  readonly #revisions = new Map<string, number>();

  /** Whether this revision of the half hour, or a later one, was not asked about before. */
  isNew({ facilityId, direction, startAt, revision }: Named): boolean {
    const name = `${facilityId} ${direction} ${startAt}`;
    const known = this.#revisions.get(name);
    if (known !== undefined && known >= revision) return false;
    // Deleted first, to become the youngest: the map keeps the order of insertion.
    this.#revisions.delete(name);
    this.#revisions.set(name, revision);
    const oldest = this.#revisions.keys().next();
    if (this.#revisions.size > KEPT && !oldest.done) this.#revisions.delete(oldest.value);
    return true;
  }
}
