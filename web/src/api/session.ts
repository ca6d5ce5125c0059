// The page's session. The access token lives in memory; the refresh token in a cookie that no script
// can read, and that /session/refresh changes for the next pair.

import type { Duty } from "../generated/graphql";
import type { Access } from "./client";
import { ServerClock } from "./clock";
import { ApiError } from "./errors";
import { Tabs } from "./tabs";

export type SessionState = "unknown" | "out" | "in";

/** As `logIn` answers it. */
export interface Opened {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
  readonly duties: readonly Duty[];
}

/** As `/session/refresh` answers it. */
type Renewed = Omit<Opened, "refreshToken">;

/** What tabs tell each other. A renewal makes the access token of all of them useless. */
type News =
  | { readonly kind: "opened" | "renewed"; readonly session: Renewed; readonly now: number }
  | { readonly kind: "ended" }
  | { readonly kind: "asking" };

const NAME = "kenshin-session";
const ANSWER_MS = 500;
/** A token is not used in its last moments: a request takes time. */
const MARGIN_MS = 20_000;
/** The socket's session must not end either, though nothing asks: renewed so long before. */
const AHEAD_MS = 60_000;
const AGAIN_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const TIMEOUT_MS = 20_000;

/** Fires "changed" when `state` or `duties` do. */
export class Session extends EventTarget implements Access {
  #state: SessionState = "unknown";
  #current: Renewed | null = null;
  #renewing: Promise<string | null> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #url: string;
  readonly #clock: ServerClock;
  readonly #tabs = new Tabs<News>(NAME, (news) => this.#heard(news));

  /** `url`: of /session. */
  constructor(url: string, clock = new ServerClock()) {
    super();
    this.#url = url;
    this.#clock = clock;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** What the member must do before anything else is shown, in this order. */
  get duties(): readonly Duty[] {
    return this.#current?.duties ?? [];
  }

  /** After each duty that was done: those that are left. */
  setDuties(duties: readonly Duty[]): void {
    if (this.#current === null) return;
    this.#current = { ...this.#current, duties };
    this.#changed();
    this.#tell("renewed", this.#current);
  }

  /** Take a session that was opened; throws ApiError if its cookie could not be set. */
  async keep({ refreshToken, ...session }: Opened): Promise<void> {
    await this.#tabs.alone(async () => {
      await refuse(await this.#ask("POST", "", JSON.stringify({ refreshToken })));
      this.#enter(session);
      this.#tell("opened", session);
    });
  }

  /** Find the session of an earlier visit; whether there is one. Throws ApiError if nobody can tell. */
  async restore(): Promise<boolean> {
    return (await this.renew()) !== null;
  }

  /** A token that the API takes now; null if nobody is logged in. Throws ApiError if nobody can tell. */
  async token(): Promise<string | null> {
    if (this.#state === "out") return null;
    return this.#valid() ?? this.renew(this.#current?.accessToken);
  }

  /**
   * Another token than the rejected one: of another tab, if that was faster, else the next one.
   * Null if the session has ended.
   */
  renew(rejected?: string): Promise<string | null> {
    this.#renewing ??= this.#tabs
      .alone(() => this.#renew(rejected))
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  /** Log out, in all tabs; throws ApiError if the session may still be open. */
  async end(): Promise<void> {
    await this.#tabs.alone(async () => {
      await refuse(await this.#ask("DELETE", ""));
      this.#leave();
      this.#tabs.tell({ kind: "ended" });
    });
  }

  /** The API takes no token, though the server renews them: nobody is logged in here. */
  lost(): void {
    this.#leave();
  }

  async #renew(rejected: string | undefined): Promise<string | null> {
    if (this.#state === "unknown") await this.#askTabs();
    const valid = this.#valid();
    // While this tab waited for its turn, another one may have renewed, or logged out.
    if (valid !== null && valid !== rejected) return valid;
    if (this.#state === "out") return null;
    const session = await this.#refresh().catch((error: unknown) => {
      this.#renewIn(AGAIN_MS);
      throw error;
    });
    if (session === null) {
      this.#leave();
      this.#tabs.tell({ kind: "ended" });
      return null;
    }
    this.#enter(session);
    this.#tell("renewed", session);
    return session.accessToken;
  }

  /** The next pair; null if the session has ended, or there was none. */
  async #refresh(): Promise<Renewed | null> {
    const response = await this.#ask("POST", "/refresh");
    if (response.status === 401 || response.status === 204) return null;
    await refuse(response);
    return (await response.json()) as Renewed;
  }

  /** The token of another tab, if one is logged in: a renewal would make it useless there. */
  async #askTabs(): Promise<void> {
    if (!(await this.#tabs.anyJoined())) return;
    this.#tabs.tell({ kind: "asking" });
    await new Promise<void>((heard) => {
      this.addEventListener("changed", () => heard(), { once: true });
      setTimeout(heard, ANSWER_MS);
    });
  }

  #valid(): string | null {
    if (this.#current === null) return null;
    const left = Date.parse(this.#current.expiresAt) - this.#clock.now();
    return left > MARGIN_MS ? this.#current.accessToken : null;
  }

  #heard(news: News): void {
    if (news.kind === "asking") {
      if (this.#current !== null && this.#valid() !== null) this.#tell("renewed", this.#current);
    } else if (news.kind === "ended") {
      this.#leave();
    } else if (news.kind === "opened" || this.#state !== "out") {
      this.#clock.adopt(news.now);
      this.#adopt(news);
    }
  }

  #adopt({ kind, session }: News & { session: Renewed }): void {
    if (kind === "opened" && this.#state === "in") {
      // Perhaps another member: nothing of the one before stays on the screen.
      this.#leave();
      setTimeout(() => this.#enter(session));
    } else {
      this.#enter(session);
    }
  }

  #enter(session: Renewed): void {
    const before = this.#state;
    const duties = this.duties.join();
    if (before !== "in") this.#tabs.join();
    this.#state = "in";
    this.#current = session;
    const left = Date.parse(session.expiresAt) - this.#clock.now();
    // Where tokens last shorter than that, at half their time.
    this.#renewIn(left - Math.min(AHEAD_MS, left / 2));
    if (before !== "in" || duties !== this.duties.join()) this.#changed();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#tabs.leave();
    this.#current = null;
    if (this.#state === "out") return;
    this.#state = "out";
    this.#changed();
  }

  #renewIn(wait: number): void {
    clearTimeout(this.#timer);
    if (this.#state !== "in") return;
    // Not all tabs at once: the first one does it for the others.
    const jitter = Math.random() * Math.min(5_000, wait / 4);
    const token = this.#current?.accessToken;
    this.#timer = setTimeout(
      // Whoever asks next is told what is wrong; this tries again by itself.
      () => void this.renew(token).catch(() => undefined),
      Math.min(Math.max(wait - jitter, 0), LONGEST_TIMER_MS),
    );
  }

  async #ask(method: string, path: string, body?: string): Promise<Response> {
    const sent = this.#clock.mark();
    try {
      const response = await fetch(this.#url + path, {
        method,
        ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
        credentials: "same-origin",
        // Goes on when the page is left: an answer whose cookie is lost would cost the session.
        keepalive: true,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      this.#clock.observe(response.headers.get("date"), sent);
      return response;
    } catch {
      throw new ApiError("NETWORK", "the server cannot be reached");
    }
  }

  #tell(kind: "opened" | "renewed", session: Renewed): void {
    this.#tabs.tell({ kind, session, now: this.#clock.now() });
  }

  #changed(): void {
    this.dispatchEvent(new Event("changed"));
  }
}

/** Throws ApiError for an answer that says no. */
async function refuse(response: Response): Promise<void> {
  if (response.ok) return;
  const told = await response.json().catch(() => null);
  const code = told?.error?.code ?? (response.status === 503 ? "UNAVAILABLE" : "NETWORK");
  throw new ApiError(code, told?.error?.message ?? `answered ${response.status}`);
}
