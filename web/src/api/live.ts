// Live readings, and the running day. Nothing is lost by a lost connection; what comes twice by that is
// told once.

import {
  LiveReadingsDocument,
  type LiveReadingsSubscription,
  LiveTodayDocument,
  type LiveTodaySubscription,
} from "../generated/graphql";
import type { Access } from "./client";
import { Following, type Listener, type Stop, type Subscription } from "./following";
import { Seen } from "./seen";
import { Socket } from "./socket";

export type { LiveState, Stop, Subscription } from "./following";

export type LiveEvent = LiveReadingsSubscription["readings"];
export type LiveReading = NonNullable<LiveEvent["reading"]>;
export type LiveToday = LiveTodaySubscription["usageToday"];

export interface Readings extends Listener {
  readonly facilityIds: readonly string[];
  readonly after?: string | null;
  next(reading: LiveReading, event: LiveEvent): void;
  /** More was missed than is sent: ask for the span anew; what comes next is live. */
  reset?(cursor: string): void;
}

export interface Today extends Listener {
  readonly facilityId: string;
  next(today: LiveToday): void;
}

export class Live {
  readonly #socket: Socket;
  readonly #access: Access;

  constructor(url: string, access: Access) {
    this.#access = access;
    this.#socket = new Socket(url, access);
  }

  readings(asked: Readings): Stop {
    const seen = new Seen();
    return this.subscribe({
      ...asked,
      document: LiveReadingsDocument,
      variables: (after) => ({ facilityIds: [...asked.facilityIds], after }),
      cursor: ({ readings }) => readings.cursor,
      streamState: ({ readings }) => readings.state,
      lastReceivedAt: ({ readings }) => readings.lastReceivedAt,
      state: asked.state?.bind(asked),
      error: asked.error?.bind(asked),
      next: ({ readings: event }) => {
        if (event.reset) asked.reset?.(event.cursor);
        if (event.reading !== null && seen.isNew(event.reading)) asked.next(event.reading, event);
      },
    });
  }

  today(asked: Today): Stop {
    return this.subscribe({
      document: LiveTodayDocument,
      variables: () => ({ facilityId: asked.facilityId }),
      streamState: ({ usageToday }) => usageToday.state,
      lastReceivedAt: ({ usageToday }) => usageToday.lastReceivedAt,
      state: asked.state?.bind(asked),
      error: asked.error?.bind(asked),
      next: ({ usageToday }) => asked.next(usageToday),
    });
  }

  subscribe<R, V>(subscription: Subscription<R, V>): Stop {
    const following = new Following(this.#socket, this.#access, subscription);
    void following.run();
    return () => following.stop();
  }

  /** Drop the connection: who asks is somebody else from now on. */
  drop(): void {
    this.#socket.drop();
  }

  dispose(): void {
    this.#socket.dispose();
  }
}
