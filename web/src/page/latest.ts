/** Of several loads the newest counts: older ones are aborted, and their late answers dropped. */

import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Ends with its host: what has left the page waits for nothing. */
export class Latest implements ReactiveController {
  #running = new AbortController();

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  /** Ends what runs, and says what the next load is to be ended by. */
  next(): AbortSignal {
    this.stop();
    this.#running = new AbortController();
    return this.#running.signal;
  }

  stop(): void {
    this.#running.abort();
  }
}
