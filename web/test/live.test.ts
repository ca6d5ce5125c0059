import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { waitMs } from "../src/api/backoff";
import type { ApiError } from "../src/api/errors";
import { Live, type LiveReading, type LiveState } from "../src/api/live";
import { Seen } from "../src/api/seen";

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: { readonly variables?: unknown; readonly authorization?: string };
}

/** A WebSocket whose other end is the test. */
class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState = FakeSocket.CONNECTING;
  readonly sent: Message[] = [];
  onopen?: () => void;
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor() {
    sockets.push(this);
    setTimeout(() => {
      if (refusing) return this.cut(1006);
      this.readyState = FakeSocket.OPEN;
      this.onopen?.();
    });
  }

  send(text: string): void {
    const message = JSON.parse(text) as Message;
    this.sent.push(message);
    const reconnect = { minSeconds: 1, maxSeconds: 10 };
    if (message.type === "connection_init" && !mute)
      this.say({ type: "connection_ack", payload: { reconnect } });
    if (message.type === "ping" && !mute) this.say({ type: "pong" });
  }

  say(message: object): void {
    setTimeout(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }

  cut(code: number): void {
    this.readyState = FakeSocket.CLOSED;
    this.onclose?.({ code, reason: "", wasClean: true });
  }

  close(code = 1000): void {
    setTimeout(() => this.cut(code));
  }

  get subscribed(): Message | undefined {
    return this.sent.findLast(({ type }) => type === "subscribe");
  }

  event(readings: object): void {
    const id = this.subscribed?.id;
    const usual = { reading: null, state: "LIVE", lastReceivedAt: null, reset: false };
    this.say({ type: "next", id, payload: { data: { readings: { ...usual, ...readings } } } });
  }

  fail(code: string): void {
    const payload = [{ message: code, extensions: { code } }];
    this.say({ type: "error", id: this.subscribed?.id, payload });
  }
}

let sockets: FakeSocket[];
let refusing: boolean;
let mute: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  [sockets, refusing, mute] = [[], false, false];
  vi.stubGlobal("WebSocket", FakeSocket);
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  vi.stubGlobal("dispatchEvent", page.dispatchEvent.bind(page));
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const reading = (startAt: string, kwh: number, revision = 1) =>
  ({ facilityId: "f", direction: "IMPORT", startAt, kwh, revision }) as LiveReading;

/** Somebody who listens, and what they were told. */
async function listening(tokens = ["first", "second", "third", "fourth"]) {
  const told = { kwh: [] as number[], states: [] as LiveState[], resets: 0, error: "" };
  const access = {
    token: async () => tokens[0] ?? null,
    renew: async () => {
      tokens.shift();
      return tokens[0] ?? null;
    },
  };
  const live = new Live("https://api.example/graphql", access);
  const stop = live.readings({
    facilityIds: ["f"],
    after: "c0",
    next: ({ kwh }) => told.kwh.push(kwh),
    state: (state) => told.states.push(state),
    reset: () => {
      told.resets += 1;
    },
    error: ({ code }: ApiError) => {
      told.error = code;
    },
  });
  await pass(100);
  const latest = () => sockets.at(-1) as FakeSocket;
  return { told, live, stop, latest };
}

test("after a cut it resumes with the last cursor, and tells nothing twice", async () => {
  const { told, latest } = await listening();
  expect(latest().sent[0]?.payload?.authorization).toBe("Bearer first");
  expect(latest().subscribed?.payload?.variables).toEqual({ facilityIds: ["f"], after: "c0" });
  latest().event({ cursor: "c1", reading: reading("09:00", 1) });
  latest().event({ cursor: "c2", reading: reading("09:00", 2, 2), state: "STALE" });
  await pass(10);
  latest().cut(1006);
  await pass(1_100);
  expect(sockets).toHaveLength(2);
  expect(latest().subscribed?.payload?.variables).toEqual({ facilityIds: ["f"], after: "c2" });
  latest().event({ cursor: "c2", reading: reading("09:00", 2, 2), state: "CATCHING_UP" });
  latest().event({ cursor: "c3", reading: reading("09:30", 3), state: "CATCHING_UP" });
  latest().event({ cursor: "c3" });
  await pass(10);
  expect(told.kwh).toEqual([1, 2, 3]);
  expect(told.states).toEqual(["connecting", "live", "stale", "reconnecting", "live"]);
});

test("a server that is away is asked later and later, and at once when the network is back", async () => {
  const { told, latest } = await listening();
  refusing = true;
  latest().cut(1006);
  await pass(60_000);
  const tries = sockets.length;
  expect(tries).toBeGreaterThan(4);
  expect(tries).toBeLessThan(11);
  refusing = false;
  dispatchEvent(new Event("online"));
  await pass(10);
  expect(sockets).toHaveLength(tries + 1);
  latest().event({ cursor: "c1" });
  await pass(10);
  expect(told.states.at(-1)).toBe("live");
  latest().cut(1006);
  await pass(1_000);
  expect(sockets).toHaveLength(tries + 2);
});

test("a connection over which nothing comes any more is given up within seconds", async () => {
  const { told, latest } = await listening();
  latest().event({ cursor: "c1" });
  await pass(30_000);
  expect(sockets).toHaveLength(1);
  mute = true;
  await pass(15_500);
  expect(told.states.at(-1)).toBe("reconnecting");
  mute = false;
  await pass(2_000);
  expect(latest().subscribed?.payload?.variables).toMatchObject({ after: "c1" });
});

test("a subscription whose heartbeats stay out is opened anew, though its socket answers", async () => {
  const { told, latest } = await listening();
  latest().event({ cursor: "c1" });
  await pass(92_000);
  expect(told.states.slice(-1)).toEqual(["reconnecting"]);
  expect(latest().subscribed?.payload?.variables).toMatchObject({ after: "c1" });
});

test.each([
  ["the socket", (socket: FakeSocket) => socket.cut(4403)],
  ["the subscription", (socket: FakeSocket) => socket.fail("UNAUTHENTICATED")],
])("an ended session is renewed where %s says so, and no more than twice", async (_, refuse) => {
  const { told, latest } = await listening();
  refuse(latest());
  await pass(3_000);
  expect(latest().subscribed).toBeDefined();
  expect(told.error).toBe("");
  refuse(latest());
  await pass(3_000);
  expect(told.error).toBe("");
  refuse(latest());
  await pass(10_000);
  expect([told.error, told.states.at(-1)]).toEqual(["UNAUTHENTICATED", "ended"]);
});

test.each([
  ["FORBIDDEN", "FORBIDDEN"],
  ["NOT_FOUND", "NOT_FOUND"],
  ["UNAVAILABLE", ""],
])("an error %s ends it only where trying again is of no use", async (code, told_) => {
  const { told, latest } = await listening();
  latest().fail(code);
  await pass(5_000);
  expect(told.error).toBe(told_);
  const again = latest().sent.filter(({ type }) => type === "subscribe").length + sockets.length;
  expect(again > 2).toBe(told_ === "");
});

test("more than could be sent is told, and it goes on from there", async () => {
  const { told, latest } = await listening();
  latest().event({ cursor: "c9", reset: true });
  latest().event({ cursor: "c10", reading: reading("10:00", 4) });
  await pass(10);
  expect([told.resets, told.kwh]).toEqual([1, [4]]);
});

test("who stops is told nothing more, and the connection closes", async () => {
  const { told, stop, latest } = await listening();
  latest().event({ cursor: "c1", reading: reading("10:00", 4) });
  stop();
  await pass(5_000);
  expect([told.kwh, told.states]).toEqual([[], ["connecting"]]);
  expect(latest().readyState).toBe(FakeSocket.CLOSED);
  expect(sockets).toHaveLength(1);
});

test("waiting grows to half a minute; at a restart all spread over the time it asks for", () => {
  const advice = { minSeconds: 1, maxSeconds: 10 };
  expect([1, 2, 3, 9].map((failures) => waitMs(failures, 1006, advice, 0))).toEqual([
    500, 1_000, 2_000, 15_000,
  ]);
  expect(waitMs(99, 1006, advice, 0.999)).toBeLessThan(30_000);
  expect([0, 0.5].map((random) => waitMs(1, 1012, advice, random))).toEqual([1_000, 5_500]);
});

test("what was seen is forgotten at last, the oldest first", () => {
  const seen = new Seen();
  expect(seen.isNew(reading("first", 1))).toBe(true);
  for (let n = 0; n < 4_096; n++) seen.isNew(reading(String(n), 1));
  expect(seen.isNew(reading("4095", 1))).toBe(false);
  expect(seen.isNew(reading("4095", 1, 2))).toBe(true);
  expect(seen.isNew(reading("first", 1))).toBe(true);
});
