// A subscription that goes on: after a lost connection it resumes with its last cursor.

import type { StreamState } from "../generated/graphql";
import { type Access, type Document, RENEWALS } from "./client";
import { ApiError, asApiError, type WireError } from "./errors";
import type { Socket } from "./socket";

export type Stop = () => void;

/** What a reader may trust: only of `live` and `stale` is all there that the server has. */
export type LiveState = "connecting" | "live" | "stale" | "reconnecting" | "ended";

export interface Listener {
  /** Called with each change, and with the time of the newest reading as the server tells it. */
  state?(state: LiveState, lastReceivedAt: string | null): void;
  /** It is over (state `ended`), and trying again will not help. */
  error?(error: ApiError): void;
}

export interface Subscription<Result, Variables> extends Listener {
  readonly document: Document<Result, Variables>;
  /** With the cursor to resume from; null begins with the present. */
  variables(cursor: string | null): Variables;
  next(data: Result): void;
  readonly after?: string | null;
  /** Of subscriptions that resume. */
  cursor?(data: Result): string | null;
  /** Of events that tell how far behind the present they are; without it each event is live. */
  streamState?(data: Result): StreamState;
  lastReceivedAt?(data: Result): string | null;
}

/** Of these a new try may be answered otherwise. */
const PASSING: ReadonlySet<string> = new Set([
  "UNAVAILABLE",
  "RATE_LIMITED",
  "INTERNAL",
  "NETWORK",
]);
/** Closed with these, we are at fault: see docs/live.md. */
const FATAL: ReadonlySet<number> = new Set([1002, 1007, 1009, 4400, 4401, 4406, 4409, 4429]);
const NOT_VALID = 4403;
/** Heartbeats come every few seconds: a subscription without any is dead, whatever its socket says. */
const SILENCE_MS = 90_000;

/** An answer of graphql-ws may hold errors beside its data. */
type Answer = { readonly errors?: readonly WireError[] };

/** Why a subscription ended for now. Null: the server is done with it, or its connection was closed. */
type End = { readonly error: ApiError | null; readonly closeCode: number | null };

export class Following<R, V> {
  readonly #socket: Socket;
  readonly #access: Access;
  readonly #asked: Subscription<R, V>;
  #cursor: string | null;
  #state: LiveState | null = null;
  #lastReceivedAt: string | null = null;
  #stopped = false;
  #renewals = 0;
  #unsubscribe: Stop = () => undefined;

  constructor(socket: Socket, access: Access, asked: Subscription<R, V>) {
    this.#socket = socket;
    this.#access = access;
    this.#asked = asked;
    this.#cursor = asked.after ?? null;
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
  }

  async run(): Promise<void> {
    this.#tell("connecting");
    while (!this.#stopped) {
      const end = await this.#follow();
      if (this.#stopped) return;
      const error = await this.#verdict(end);
      if (error !== null) {
        this.#stopped = true;
        this.#tell("ended");
        this.#asked.error?.(error);
      }
    }
  }

  /** Until it ends, however that is. */
  #follow(): Promise<End> {
    return new Promise((resolve) => {
      const asked = this.#asked;
      const cursor = () => this.#cursor;
      let silence: ReturnType<typeof setTimeout> | undefined;
      const listen = () => {
        clearTimeout(silence);
        silence = setTimeout(() => this.#socket.drop(), SILENCE_MS);
      };
      const done = (end: End) => {
        clearTimeout(silence);
        resolve(end);
      };
      this.#unsubscribe = this.#socket.client.subscribe<R>(
        {
          query: asked.document.toString(),
          // Read when it is sent, so that it is never an old cursor.
          get variables() {
            return asked.variables(cursor()) as Record<string, unknown>;
          },
        },
        {
          next: (result) => {
            listen();
            const error = (result as Answer).errors?.[0];
            if (error === undefined) this.#next(result.data as R);
            else done({ error: ApiError.of(error), closeCode: null });
          },
          error: (reason) => done(endOf(reason)),
          complete: () => done({ error: null, closeCode: null }),
        },
      );
    });
  }

  #next(data: R): void {
    if (this.#stopped) return;
    this.#renewals = 0;
    this.#socket.worked();
    this.#cursor = this.#asked.cursor?.(data) ?? this.#cursor;
    this.#asked.next(data);
    const lastReceivedAt = this.#asked.lastReceivedAt?.(data) ?? this.#lastReceivedAt;
    this.#tell(this.#stateOf(data), lastReceivedAt);
  }

  #stateOf(data: R): LiveState {
    const told = this.#asked.streamState?.(data) ?? "LIVE";
    if (told === "LIVE") return "live";
    if (told === "STALE") return "stale";
    return this.#state === "connecting" ? "connecting" : "reconnecting";
  }

  /** Wait until the next try is due; or why there will be none. */
  async #verdict({ error, closeCode }: End): Promise<ApiError | null> {
    this.#unsubscribe();
    this.#tell("reconnecting");
    if (closeCode !== null && FATAL.has(closeCode)) {
      return new ApiError("INTERNAL", `the connection was closed with ${closeCode}`);
    }
    if (closeCode === NOT_VALID || error?.code === "UNAUTHENTICATED") return this.#renew();
    if (error !== null && !PASSING.has(error.code)) return error;
    await this.#socket.pause(closeCode);
    return null;
  }

  /** Go on with another token; more refusals in a row are final. */
  async #renew(): Promise<ApiError | null> {
    const rejected = this.#socket.token;
    if (rejected === null || this.#renewals === RENEWALS) return this.#lost();
    this.#renewals += 1;
    try {
      return (await this.#access.renew(rejected)) === null ? this.#lost() : null;
    } catch (reason) {
      const error = asApiError(reason);
      if (!PASSING.has(error.code)) return error;
      this.#renewals = 0;
      await this.#socket.pause(null);
      return null;
    }
  }

  #lost(): ApiError {
    this.#access.lost?.();
    return new ApiError("UNAUTHENTICATED", "the session has ended");
  }

  #tell(state: LiveState, lastReceivedAt = this.#lastReceivedAt): void {
    if (state === this.#state && lastReceivedAt === this.#lastReceivedAt) return;
    this.#state = state;
    this.#lastReceivedAt = lastReceivedAt;
    this.#asked.state?.(state, lastReceivedAt);
  }
}

/** What graphql-ws tells: errors of the subscription, how the socket was closed, or that it never opened. */
function endOf(reason: unknown): End {
  if (Array.isArray(reason)) {
    const [first] = reason as WireError[];
    return { error: first ? ApiError.of(first) : null, closeCode: null };
  }
  if (isClose(reason)) return { error: null, closeCode: reason.code };
  return { error: reason instanceof ApiError ? reason : null, closeCode: null };
}

/** Whether a socket was closed, and did not just fail to open. */
const isClose = (reason: unknown): reason is { readonly code: number } =>
  typeof reason === "object" &&
  reason !== null &&
  typeof (reason as { code?: unknown }).code === "number";
