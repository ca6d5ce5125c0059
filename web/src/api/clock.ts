// The server's clock. A reader's clock may be an hour off, and still tokens must be renewed in time and
// "today" must be the running day.

export class ServerClock {
  #ahead = 0;
  #uncertain = Number.POSITIVE_INFINITY;
  readonly #here: () => number;

  /**
   * `here`: milliseconds of a clock, whatever it shows. That of the browser's `performance` would not
   * do: it stands still while a computer sleeps.
   */
  constructor(here: () => number = () => Date.now()) {
    this.#here = here;
  }

  /** The server's time, in milliseconds since 1970. */
  now(): number {
    return this.#here() + this.#ahead;
  }

  /** What this clock showed when a request was sent, for `observe`. */
  mark(): number {
    return this.#here();
  }

  /** Take the time that another tab told, unless the server itself has told it. */
  adopt(now: number): void {
    if (this.#uncertain === Number.POSITIVE_INFINITY) this.#ahead = now - this.#here();
  }

  /**
   * Learn from the `Date` of an answer to a request sent at `mark`. It is told in whole seconds and
   * was true at some time in between: the shortest wait says it best.
   */
  observe(date: string | null, sent: number): void {
    const told = Date.parse(date ?? "");
    const received = this.#here();
    const uncertain = received - sent;
    if (Number.isNaN(told) || uncertain < 0) return;
    // Somebody may have put the clock right, or wrong: then the newest answer counts.
    const changed = Math.abs(told - this.now()) > uncertain + 2_000;
    if (uncertain > this.#uncertain && !changed) return;
    this.#uncertain = uncertain;
    this.#ahead = told + 500 - (sent + received) / 2;
  }
}
