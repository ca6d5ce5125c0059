import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ServerClock } from "../src/api/clock";
import { ApiError } from "../src/api/errors";
import { type Opened, Session } from "../src/api/session";

const LIFE_MS = 15 * 60_000;

/** The server's side of /session, and the browser's cookie. */
class Server {
  cookie = "";
  refreshes = 0;
  down = false;
  ended = false;
  /** How far the server's clock is ahead of the browser's. */
  aheadMs = 0;

  open(): Opened {
    return { ...this.#pair(), refreshToken: "first", duties: [] };
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    await new Promise((answer) => setTimeout(answer, 50));
    if (this.down) throw new TypeError("fetch failed");
    if (init.method === "DELETE") return this.#empty("");
    if (url.endsWith("/session")) return this.#empty(JSON.parse(String(init.body)).refreshToken);
    if (this.cookie === "") return this.#empty("");
    if (this.ended) {
      this.cookie = "";
      return this.#json(401, { error: { code: "UNAUTHENTICATED", message: "ended" } });
    }
    this.refreshes += 1;
    this.cookie = `refresh-${this.refreshes}`;
    return this.#json(200, { ...this.#pair(), duties: [] });
  };

  #pair() {
    const expiresAt = new Date(Date.now() + this.aheadMs + LIFE_MS).toISOString();
    return { accessToken: `access-${this.refreshes}`, expiresAt };
  }

  #empty(cookie: string): Response {
    this.cookie = cookie;
    return new Response(null, { status: 204, headers: this.#headers() });
  }

  #json(status: number, body: object): Response {
    return new Response(JSON.stringify(body), { status, headers: this.#headers() });
  }

  #headers() {
    return { date: new Date(Date.now() + this.aheadMs).toUTCString() };
  }
}

/** Channels and locks of one browser. */
class Tabs {
  readonly #listeners: [object, (event: { data: unknown }) => void][] = [];
  #last: Promise<unknown> = Promise.resolve();

  readonly Channel = () => {
    const channel = {
      addEventListener: (_: string, listener: (event: { data: unknown }) => void) =>
        this.#listeners.push([channel, listener]),
      postMessage: (data: unknown) => {
        if (frozen) return;
        for (const [owner, listener] of this.#listeners) {
          if (owner !== channel) setTimeout(() => listener({ data }));
        }
      },
    };
    return channel;
  };

  readonly #held: string[] = [];

  readonly locks = {
    query: async () => ({ held: this.#held.map((name) => ({ name })) }),
    request: async (name: string, ...rest: unknown[]) => {
      const act = rest.at(-1) as () => Promise<unknown>;
      if (rest.length > 1) {
        this.#held.push(name);
        await act();
        this.#held.splice(this.#held.indexOf(name), 1);
        return undefined;
      }
      const turn = this.#last.then(act, act);
      this.#last = turn.catch(() => undefined);
      return turn;
    },
  };
}

let frozen: boolean;
let server: Server;
let tab: () => Session;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  frozen = false;
  server = new Server();
  const tabs = new Tabs();
  vi.stubGlobal("fetch", server.fetch);
  vi.stubGlobal("navigator", { locks: tabs.locks });
  vi.stubGlobal("BroadcastChannel", function Channel() {
    return tabs.Channel();
  });
  tab = () => new Session("/session", new ServerClock(() => Date.now()));
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  // Globals stay: what a test's tabs still do, they do with those that they had.
});

/** What comes of it, while time goes on. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  const outcome = promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await vi.advanceTimersByTimeAsync(1_000);
  const told = await outcome;
  if ("error" in told) throw told.error;
  return told.value;
}

test("without a cookie nobody is logged in, and nobody is asked twice", async () => {
  const session = tab();
  expect(session.state).toBe("unknown");
  expect(await soon(session.restore())).toBe(false);
  expect(session.state).toBe("out");
  server.cookie = "late";
  expect(await session.token()).toBeNull();
});

test("a session is renewed before its token ends, though nobody asks", async () => {
  const session = tab();
  await soon(session.keep(server.open()));
  expect(await session.token()).toBe("access-0");
  await vi.advanceTimersByTimeAsync(LIFE_MS - 50_000);
  expect(server.refreshes).toBe(1);
  expect(await session.token()).toBe("access-1");
});

test.each([1, -1])("a browser whose clock is wrong by %i hours renews as often", async (hours) => {
  server.aheadMs = hours * 3_600_000;
  const session = tab();
  await soon(session.keep(server.open()));
  expect(await session.token()).toBe("access-0");
  await vi.advanceTimersByTimeAsync(2 * LIFE_MS);
  expect(server.refreshes).toBe(2);
});

test("of many who ask at once with a token that is refused, one renews", async () => {
  const session = tab();
  await soon(session.keep(server.open()));
  const renewed = Promise.all([1, 2, 3].map(() => session.renew("access-0")));
  expect(await soon(renewed)).toEqual(["access-1", "access-1", "access-1"]);
  expect(server.refreshes).toBe(1);
});

test("a new tab takes the token of one that is logged in, and leaves it to it", async () => {
  const one = tab();
  await soon(one.keep(server.open()));
  const other = tab();
  expect(await soon(other.restore())).toBe(true);
  expect([await one.token(), await other.token(), server.refreshes]).toEqual([
    "access-0",
    "access-0",
    0,
  ]);
});

test("a new tab knows the server's time though only another tab was told it", async () => {
  server.aheadMs = -3_600_000;
  await soon(tab().keep(server.open()));
  const clock = new ServerClock(() => Date.now());
  await soon(new Session("/session", clock).restore());
  expect(Math.abs(clock.now() - Date.now() + 3_600_000)).toBeLessThan(1_000);
  expect(server.refreshes).toBe(0);
});

test("tabs that a browser opens all at once make do with one renewal", async () => {
  server.cookie = "kept";
  const opened = Promise.all(Array.from({ length: 10 }, () => tab().restore()));
  expect(await soon(opened)).not.toContain(false);
  expect(server.refreshes).toBe(1);
});

test("two tabs take turns, and one renews for both", async () => {
  const [one, other] = [tab(), tab()];
  await soon(one.keep(server.open()));
  const both = Promise.all([one.renew("access-0"), other.renew("access-0")]);
  expect(await soon(both)).toEqual(["access-1", "access-1"]);
  await vi.advanceTimersByTimeAsync(LIFE_MS);
  expect(server.refreshes).toBe(2);
});

test("a tab that holds the lock and does not answer keeps nobody waiting for long", async () => {
  const one = tab();
  await soon(one.keep(server.open()));
  frozen = true;
  const other = tab();
  expect(await soon(other.restore())).toBe(true);
  expect([server.refreshes, await other.token()]).toEqual([1, "access-1"]);
});

test("logging out ends the session in every tab", async () => {
  const [one, other] = [tab(), tab()];
  await soon(one.keep(server.open()));
  await soon(other.restore());
  await soon(one.end());
  expect([one.state, other.state, server.cookie]).toEqual(["out", "out", ""]);
});

test("a session whose renewed tokens are not taken is over here", async () => {
  const [one, other] = [tab(), tab()];
  await soon(one.keep(server.open()));
  one.lost();
  expect([one.state, await one.token(), other.state]).toEqual(["out", null, "in"]);
});

test("logging in anew in one tab shows nothing of the member before in another", async () => {
  const [one, other] = [tab(), tab()];
  await soon(one.keep(server.open()));
  await soon(other.restore());
  const states: string[] = [];
  other.addEventListener("changed", () => states.push(other.state));
  await soon(one.keep({ ...server.open(), accessToken: "another" }));
  expect(states).toEqual(["out", "in"]);
  expect(await other.token()).toBe("another");
});

test("a session that was ended elsewhere is over at the next renewal", async () => {
  const session = tab();
  await soon(session.keep(server.open()));
  server.ended = true;
  expect(await soon(session.renew("access-0"))).toBeNull();
  expect(session.state).toBe("out");
});

test("a server that is down ends no session, and is asked again", async () => {
  const session = tab();
  await soon(session.keep(server.open()));
  server.down = true;
  const refused = soon(session.renew("access-0"));
  await expect(refused).rejects.toMatchObject({ code: "NETWORK" } satisfies Partial<ApiError>);
  expect(session.state).toBe("in");
  server.down = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await session.token()).toBe("access-1");
});

test("who cannot be logged out stays logged in, and is told", async () => {
  const session = tab();
  await soon(session.keep(server.open()));
  server.down = true;
  await expect(soon(session.end())).rejects.toBeInstanceOf(ApiError);
  expect(session.state).toBe("in");
});
