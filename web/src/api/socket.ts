// One connection for live events, as long as somebody listens. It is known to be lost within seconds,
// also where no packet says so.

import { createClient, type Client as WsClient } from "graphql-ws";
import { type Advice, waitMs } from "./backoff";
import type { Access } from "./client";

const PING_MS = 10_000;
const PONG_MS = 5_000;
const CONNECT_MS = 15_000;
/** A view that is replaced by another needs no new connection. */
const IDLE_MS = 2_000;

export class Socket {
  readonly client: WsClient;
  /** The token that the present connection was opened with. */
  token: string | null = null;
  #advice: Advice = { minSeconds: 1, maxSeconds: 10 };
  #failures = 0;
  #pause: Promise<void> | null = null;
  #wake: () => void = () => undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, access: Access) {
    this.client = createClient({
      url: url.replace(/^http/, "ws"),
      connectionParams: async () => {
        this.token = await access.token();
        return this.token === null ? {} : { authorization: `Bearer ${this.token}` };
      },
      lazyCloseTimeout: IDLE_MS,
      keepAlive: PING_MS,
      connectionAckWaitTimeout: CONNECT_MS,
      // Who subscribes tries again, from its own last cursor.
      retryAttempts: 0,
      on: {
        connecting: () => this.#expect(CONNECT_MS),
        opened: () => this.#expect(null),
        connected: (_socket, payload) => this.#heed(payload?.reconnect),
        ping: (received) => !received && this.#expect(PONG_MS),
        pong: (received) => received && this.#expect(null),
        closed: () => this.#expect(null),
        error: () => this.#expect(null),
      },
    });
    addEventListener("online", this.#online);
    addEventListener("offline", this.#offline);
  }

  /** The connection works: the next failure is the first one again. */
  worked(): void {
    this.#failures = 0;
  }

  /** Wait until the next try is due; all who lost the same connection come back together. */
  pause(closeCode: number | null): Promise<void> {
    this.#pause ??= this.#sleep(closeCode).finally(() => {
      this.#pause = null;
    });
    return this.#pause;
  }

  /** Close it now, as if it was lost. */
  drop(): void {
    this.client.terminate();
  }

  dispose(): void {
    removeEventListener("online", this.#online);
    removeEventListener("offline", this.#offline);
    clearTimeout(this.#deadline);
    this.#wake();
    void this.client.dispose();
  }

  #sleep(closeCode: number | null): Promise<void> {
    this.#failures += 1;
    const wait = waitMs(this.#failures, closeCode, this.#advice, Math.random());
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #heed(advice: unknown): void {
    const { minSeconds, maxSeconds } = (advice ?? {}) as Partial<Advice>;
    if (minSeconds && maxSeconds) this.#advice = { minSeconds, maxSeconds };
  }

  /** Drop the connection unless it is heard of in time. */
  #expect(within: number | null): void {
    clearTimeout(this.#deadline);
    if (within !== null) this.#deadline = setTimeout(() => this.drop(), within);
  }

  readonly #online = (): void => this.#wake();
  readonly #offline = (): void => this.drop();
}
