// The token of one widget, and where it gets the next one.

import type { Access } from "../api/client";
import { ApiError } from "../api/errors";

/** Gives a valid token; `expired` is the one that was not taken, null at first. */
export type TokenCallback = (expired: string | null) => Promise<string | null> | string | null;

export class WidgetAccess implements Access {
  callback: TokenCallback | null = null;
  #token: string | null = null;
  /** One question at a time, however many ask. */
  #asking: Promise<string | null> | null = null;

  /** Null takes away the one that was there. What is still being asked for is not taken then. */
  take(token: string | null): void {
    this.#token = token;
    this.#asking = null;
  }

  async token(): Promise<string | null> {
    return this.#token ?? this.#ask(null);
  }

  async renew(rejected: string): Promise<string | null> {
    // The page may have set another one meanwhile.
    return this.#token !== null && this.#token !== rejected ? this.#token : this.#ask(rejected);
  }

  #ask(expired: string | null): Promise<string | null> {
    if (this.#asking !== null) return this.#asking;
    const asking: Promise<string | null> = this.#called(expired).then(
      (token) => this.#answered(asking, token),
      (error: unknown) => {
        this.#answered(asking, this.#token);
        throw error;
      },
    );
    this.#asking = asking;
    return asking;
  }

  #answered(asking: Promise<string | null>, token: string | null): string | null {
    if (this.#asking === asking) {
      this.#asking = null;
      this.#token = token;
    }
    return this.#token;
  }

  async #called(expired: string | null): Promise<string | null> {
    if (this.callback === null) return null;
    try {
      return (await this.callback(expired)) || null;
    } catch {
      // The page's own server may be away for a moment: it is asked again later.
      throw new ApiError("NETWORK", "tokenCallback was rejected");
    }
  }
}
