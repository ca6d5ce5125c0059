/** What the usage view has to show at a moment, while it follows the address. */

import type { ReactiveController, ReactiveControllerHost } from "lit";

import { isAbort } from "../api/errors";
import { clock } from "./api";
import type { Against, Beside } from "./compared";
import { besideOf } from "./compared-load";
import { Latest } from "./latest";
import { type Nowhere, type Picture, type Question, UsageOf } from "./usage-load";

/** A picture that is older is asked for again when the reader comes back to it. */
const FRESH_MS = 60_000;
/** A series that ends longer ago is over: nothing follows any more. */
const RUNNING_MS = 24 * 3_600_000;

export class UsageState implements ReactiveController {
  /** Null until the first facility is followed. */
  known = new UsageOf("");
  /** May be of an earlier question while the next one is asked. */
  picture: Picture | null = null;
  nowhere: Nowhere | null = null;
  problem: unknown = null;
  beside: Beside | null = null;
  besideProblem: unknown = null;
  loading = false;
  readonly #host: ReactiveControllerHost;
  readonly #load: Latest;
  readonly #comparing: Latest;
  #question: Question | null = null;
  #against: Against | null = null;
  #asked = "";
  #compared = "";
  #askedAt = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    this.#load = new Latest(host);
    this.#comparing = new Latest(host);
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("visibilitychange", this.#comeBack);
  }

  hostDisconnected(): void {
    document.removeEventListener("visibilitychange", this.#comeBack);
    this.#asked = "";
  }

  /** Asks for what is not there yet, and only for that; called before every rendering. */
  follow(facility: string, question: Question, against: Against | null): void {
    if (this.known.facility !== facility) this.#forget(facility);
    this.#question = question;
    this.#against = against;
    const asked = JSON.stringify([facility, question]);
    if (asked !== this.#asked) {
      this.#asked = asked;
      void this.ask();
    } else if (!this.loading) void this.#askBeside();
  }

  /** Another place: nothing of the last one may stand under its name. */
  #forget(facility: string): void {
    this.known = new UsageOf(facility);
    this.picture = null;
    this.nowhere = null;
    this.beside = null;
  }

  async ask(again: { quietly: boolean } = { quietly: false }): Promise<void> {
    const signal = this.#load.next();
    this.#comparing.stop();
    this.#askedAt = clock.now();
    this.problem = null;
    this.#loads(true);
    try {
      const found = await this.known.picture(this.#question as Question, signal);
      this.picture = typeof found === "string" ? null : found;
      this.nowhere = typeof found === "string" ? found : null;
      this.beside = null;
      this.#compared = "";
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      if (!again.quietly) this.#fail(error);
    }
    this.#loads(false);
    await this.#askBeside();
  }

  #loads(loading: boolean): void {
    this.loading = loading;
    this.#host.requestUpdate();
  }

  #fail(error: unknown): void {
    // What was asked for is not there, and what was shown before is not what the address says.
    this.picture = null;
    this.nowhere = null;
    this.problem = error;
  }

  compareAgain(): void {
    this.#compared = "";
    void this.#askBeside();
  }

  async #askBeside(): Promise<void> {
    const against = this.#against;
    const { picture } = this;
    const asked = JSON.stringify([against, picture === null ? null : this.#asked]);
    if (asked === this.#compared) return;
    const signal = this.#comparing.next();
    this.#compared = asked;
    this.besideProblem = null;
    this.beside = null;
    try {
      if (against !== null && picture !== null) {
        this.beside = await besideOf(this.known.facility, picture.series, against, signal);
      }
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.besideProblem = error;
    }
    this.#host.requestUpdate();
  }

  /** Of a span that is not over there may be more by now. */
  readonly #comeBack = (): void => {
    const { picture } = this;
    if (document.visibilityState !== "visible" || picture === null || this.loading) return;
    const isRunning = picture.series.to * 1000 > this.#askedAt - RUNNING_MS;
    if (isRunning && clock.now() - this.#askedAt > FRESH_MS) void this.ask({ quietly: true });
  };
}
