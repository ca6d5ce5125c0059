// Follows the running day of a facility: the half hours of today and yesterday as a series, then from
// its cursor live, so that no reading is lost or counted twice; and the outlook, told whole each time.

import { isAbort } from "../api/errors";
import type { LiveState, LiveToday } from "../api/live";
import { dateOf, isoOf, ms } from "../format/dates";
import { TodayHalfHoursDocument } from "../generated/graphql";
import { api, clock, live } from "./api";
import { patiently } from "./patience";
import { type DayReading, RunningDay } from "./running-day";

export interface TodayListener {
  /** Both days have come, or come anew. */
  loaded(day: RunningDay): void;
  /** A reading has changed one of them. */
  changed(day: RunningDay, reading: DayReading): void;
  outlook(today: LiveToday): void;
  stream(state: LiveState, lastReceivedAt: string | null): void;
  /** It is tried again by itself if `again`. */
  failed(error: unknown, again: boolean): void;
}

const AFTER_MIDNIGHT_MS = 1_000;

export class FollowToday {
  readonly #facility: string;
  readonly #listener: TodayListener;
  #running = new AbortController();
  #day: RunningDay | null = null;
  /** How many half hours the API missed when both days were asked for because of it. */
  #askedForMissing = 0;

  constructor(facility: string, listener: TodayListener) {
    this.#facility = facility;
    this.#listener = listener;
    void this.start();
  }

  /** Begin, or begin anew: with a new day, after a gap too long to be sent, or by hand. */
  async start(notBefore = 0): Promise<void> {
    this.stop();
    this.#running = new AbortController();
    const { signal } = this.#running;
    try {
      await this.#follow(new RunningDay(Math.max(clock.now(), notBefore)), signal);
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.#listener.failed(error, false);
    }
  }

  stop(): void {
    this.#running.abort();
  }

  async #follow(day: RunningDay, signal: AbortSignal): Promise<void> {
    const cursor = await patiently(
      () => this.#load(day, signal),
      (error) => this.#listener.failed(error, true),
      signal,
    );
    this.#day = day;
    this.#listener.loaded(day);
    this.#whenStopped(signal, this.#readings(day, cursor));
    this.#whenStopped(signal, this.#outlook());
    const timer = setTimeout(() => this.start(), day.end + AFTER_MIDNIGHT_MS - clock.now());
    this.#whenStopped(signal, () => clearTimeout(timer));
  }

  async #load(day: RunningDay, signal: AbortSignal): Promise<string> {
    const span = { from: isoOf(dateOf(day.startOfYesterday)), to: isoOf(dateOf(day.end)) };
    const variables = { facility: this.#facility, ...span };
    const { facility } = await api.query(TodayHalfHoursDocument, variables, { signal });
    if (!facility) throw new Error("no facility and no error");
    day.fill(facility.usage.columns);
    return facility.usage.cursor;
  }

  #readings(day: RunningDay, after: string): () => void {
    return live.readings({
      facilityIds: [this.#facility],
      after,
      next: (reading) => {
        if (reading.direction === "IMPORT" && day.put(reading)) {
          this.#listener.changed(day, reading);
        }
      },
      reset: () => void this.start(),
      state: (state, lastReceivedAt) => this.#listener.stream(state, lastReceivedAt),
      error: (error) => this.#listener.failed(error, false),
    });
  }

  #outlook(): () => void {
    return live.today({
      facilityId: this.#facility,
      next: (today) => {
        this.#listener.outlook(today);
        this.#compare(today);
      },
    });
  }

  /** Ask anew when the API's day is another one, or it misses half hours that are only missing by now. */
  #compare(today: LiveToday): void {
    const day = this.#day;
    if (!day) return;
    const missing = today.missingHalfHours;
    const lost = missing > day.missing && missing !== this.#askedForMissing;
    if (!lost && ms(today.startAt) <= day.start) return;
    this.#askedForMissing = missing;
    void this.start(ms(today.startAt));
  }

  #whenStopped(signal: AbortSignal, stop: () => void): void {
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  }
}
