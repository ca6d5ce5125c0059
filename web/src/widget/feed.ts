// What a widget shows, from the API: the half hours of its span, then every reading from exactly there
// on. What fails for now is tried again, later and later; what fails for good is told.

import { waitMs } from "../api/backoff";
import type { Client } from "../api/client";
import type { ServerClock } from "../api/clock";
import { type ApiError, asApiError } from "../api/errors";
import type { Live, LiveReading, LiveState, Stop } from "../api/live";
import { addDays, isoOf, startOf, type TokyoDate, today } from "../format/dates";
import type { DateSpan } from "../format/spans";
import { WidgetPlaceDocument, WidgetUsageDocument } from "../generated/graphql";
import { HalfHours } from "./half-hours";
import { secondsOf, type WidgetSpan, type WidgetView, widgetSpan } from "./span";

export interface Wanted {
  readonly facility: string;
  readonly view: WidgetView;
  /** Null for the newest. */
  readonly date: TokyoDate | null;
}

export interface Shown {
  readonly name: string;
  readonly span: WidgetSpan;
  readonly current: HalfHours;
  /** Null where the portal's history does not reach back. */
  readonly before: HalfHours | null;
}

export interface Audience {
  /** All is new. */
  loaded(shown: Shown): void;
  /** One half hour of what was loaded has another value. */
  changed(): void;
  state(state: LiveState, lastReceivedAt: string | null): void;
  failed(error: ApiError, triesAgain: boolean): void;
}

export interface Sources {
  readonly client: Client;
  readonly live: Live;
  readonly clock: ServerClock;
}

/** Of these a new try may be answered otherwise. */
const PASSING: ReadonlySet<string> = new Set([
  "UNAVAILABLE",
  "RATE_LIMITED",
  "INTERNAL",
  "NETWORK",
  "TIMEOUT",
]);
const ADVICE = { minSeconds: 1, maxSeconds: 10 };
/** After midnight by the server's clock, which is known to the second. */
const MIDNIGHT_MARGIN_MS = 1_500;

export class Feed {
  #stopping = new AbortController();
  #unsubscribe: Stop = () => undefined;
  #midnight: ReturnType<typeof setTimeout> | undefined;
  #shown: Shown | null = null;

  constructor(
    private readonly sources: Sources,
    private readonly wanted: Wanted,
    private readonly audience: Audience,
  ) {}

  start(): void {
    this.stop();
    this.#stopping = new AbortController();
    void this.#run(this.#stopping.signal);
  }

  stop(): void {
    this.#stopping.abort();
    this.#unsubscribe();
    clearTimeout(this.#midnight);
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#load(signal);
        return;
      } catch (reason) {
        if (signal.aborted) return;
        const error = asApiError(reason);
        const triesAgain = PASSING.has(error.code);
        this.audience.failed(error, triesAgain);
        if (!triesAgain) return;
        const wait = waitMs(failures, null, ADVICE, Math.random());
        await pause(Math.max(wait, (error.retryAfter ?? 0) * 1000), signal);
      }
    }
  }

  async #load(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.sources;
    const { facility, view, date } = this.wanted;
    // The first answer also tells what time it is: the reader's clock may be wrong.
    const name = this.#shown?.name ?? (await this.#name(signal));
    const span = widgetSpan(view, date, clock.now());
    const ask = async ({ from, to }: DateSpan) => {
      const variables = { facility, from: isoOf(from), to: isoOf(to) };
      const answer = await client.query(WidgetUsageDocument, variables, { signal });
      const usage = answer.facility?.usage;
      const seconds = secondsOf({ from, to });
      const rows = usage?.columns ?? NO_ROWS;
      return { cursor: usage?.cursor ?? null, half: new HalfHours(seconds.from, seconds.to, rows) };
    };
    const [current, before] = await Promise.all([ask(span), ask(span.before).catch(tooFarBack)]);
    if (signal.aborted) return;
    this.#shown = { name, span, current: current.half, before: before?.half ?? null };
    this.audience.loaded(this.#shown);
    this.#follow(current.cursor);
    this.#awaitMidnight();
  }

  async #name(signal: AbortSignal): Promise<string> {
    const { facility } = this.wanted;
    const answer = await this.sources.client.query(WidgetPlaceDocument, { facility }, { signal });
    return answer.facility?.name ?? "";
  }

  #follow(after: string | null): void {
    const { audience } = this;
    this.#unsubscribe = this.sources.live.readings({
      facilityIds: [this.wanted.facility],
      after,
      next: (reading) => this.#received(reading),
      reset: () => this.start(),
      state: (state, lastReceivedAt) => audience.state(state, lastReceivedAt),
      error: (error) => audience.failed(error, false),
    });
  }

  #received(reading: LiveReading): void {
    const shown = this.#shown;
    if (shown === null || reading.direction !== "IMPORT") return;
    if (shown.current.put(reading) === "after") this.#turn();
    else {
      shown.before?.put(reading);
      this.audience.changed();
    }
  }

  /** Another day may have begun: what is shown goes with it, if it is the newest. */
  #turn(): void {
    const { view, date } = this.wanted;
    const span = widgetSpan(view, date, this.sources.clock.now());
    if (span.from !== this.#shown?.span.from) this.start();
    else this.#awaitMidnight();
  }

  #awaitMidnight(): void {
    clearTimeout(this.#midnight);
    const now = this.sources.clock.now();
    const wait = startOf(addDays(today(now), 1)) - now + MIDNIGHT_MARGIN_MS;
    this.#midnight = setTimeout(() => this.#turn(), wait);
  }
}

const NO_ROWS = { startAt: [], kwh: [], quality: [] };

function tooFarBack(reason: unknown): null {
  if (asApiError(reason).code === "RANGE_TOO_LARGE") return null;
  throw reason;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => wake(), milliseconds);
    const wake = () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      resolve();
    };
    signal.addEventListener("abort", wake, { once: true });
    addEventListener("online", wake, { once: true });
  });
}
