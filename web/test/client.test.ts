import { afterEach, expect, test, vi } from "vitest";
import { Client, type Document } from "../src/api/client";
import { ServerClock } from "../src/api/clock";
import { isAbort } from "../src/api/errors";

const DOCUMENT = "query { viewer { id } }" as unknown as Document<{
  viewer: { id: string } | null;
}>;

afterEach(() => vi.unstubAllGlobals());

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const failed = (code: string, extensions: object = {}) =>
  json({ data: null, errors: [{ message: code, extensions: { code, ...extensions } }] });

/** A client, the tokens that it sent, and how often it renewed. */
function client(...answers: (() => Response | Promise<Response>)[]) {
  const seen = { tokens: [] as (string | null)[], renewed: 0, lost: 0 };
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    seen.tokens.push(new Headers(init.headers).get("authorization"));
    return new Promise((resolve, reject) => {
      const given = () => reject(init.signal?.reason);
      init.signal?.addEventListener("abort", given);
      if (init.signal?.aborted) given();
      Promise.resolve(answers.shift()?.()).then(
        (answer) => answer && resolve(answer),
        (error: unknown) => reject(error),
      );
    });
  });
  const access = {
    token: async () => "old",
    renew: async () => {
      seen.renewed += 1;
      return "new";
    },
    lost: () => {
      seen.lost += 1;
    },
  };
  return { api: new Client("/graphql", access), seen };
}

test("an answer is its data", async () => {
  const { api, seen } = client(() => json({ data: { viewer: { id: "1" } } }));
  expect(await api.query(DOCUMENT, {})).toEqual({ viewer: { id: "1" } });
  expect(seen.tokens).toEqual(["Bearer old"]);
});

test("a session that has ended is renewed, and what was asked is asked again", async () => {
  const ended = () => failed("UNAUTHENTICATED");
  const again = client(ended, () => json({ data: { viewer: null } }));
  expect(await again.api.query(DOCUMENT, {})).toEqual({ viewer: null });
  expect(again.seen).toEqual({ tokens: ["Bearer old", "Bearer new"], renewed: 1, lost: 0 });
  const never = client(ended, ended, ended, ended);
  await expect(never.api.query(DOCUMENT, {})).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(never.seen).toMatchObject({ renewed: 2, lost: 1 });
});

test("an error has its code and what is told with it", async () => {
  const { api } = client(() => failed("RATE_LIMITED", { retryAfter: 7 }));
  await expect(api.query(DOCUMENT, {})).rejects.toMatchObject({
    code: "RATE_LIMITED",
    retryAfter: 7,
  });
});

test("fields that could be answered are there beside those that could not", async () => {
  const error = { message: "gone", path: ["viewer"], extensions: { code: "NOT_FOUND" } };
  const { api } = client(() => json({ data: { viewer: null }, errors: [error] }));
  const { data, errors } = await api.queryPartly(DOCUMENT, {});
  expect(data).toEqual({ viewer: null });
  expect(errors).toMatchObject([{ code: "NOT_FOUND", path: ["viewer"] }]);
});

test.each([
  ["NETWORK", () => Promise.reject(new TypeError("refused"))],
  ["NETWORK", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ["NETWORK", () => json(null)],
  ["RATE_LIMITED", () => new Response("slow down", { status: 429 })],
  ["UNAVAILABLE", () => failed("UNAVAILABLE")],
])("what is no answer is %s", async (code, answer) => {
  await expect(client(answer).api.query(DOCUMENT, {})).rejects.toMatchObject({ code });
});

test("who waits too long is told so, and who gives up gets no error of the API", async () => {
  const slow = () => new Promise<Response>(() => undefined);
  await expect(client(slow).api.query(DOCUMENT, {}, { timeoutMs: 5 })).rejects.toMatchObject({
    code: "TIMEOUT",
  });
  const load = new AbortController();
  const given = client(slow).api.query(DOCUMENT, {}, { signal: load.signal });
  load.abort();
  expect(isAbort(await given.catch((error: unknown) => error))).toBe(true);
});

test("the server's clock is known by its answers, the quickest of them best", () => {
  let here = 0;
  const clock = new ServerClock(() => here);
  const answer = (sent: number, received: number, date: string) => {
    here = received;
    clock.observe(date, sent);
  };
  answer(1_000, 1_100, "Mon, 23 Nov 2026 01:00:00 GMT");
  const first = clock.now();
  expect(Math.abs(first - Date.parse("2026-11-23T01:00:00.550Z"))).toBeLessThanOrEqual(500);
  answer(2_000, 3_900, "Mon, 23 Nov 2026 01:00:02 GMT");
  expect(clock.now() - first).toBe(2_800);
  answer(4_000, 9_000, "no date");
  // Somebody put the clock back by an hour.
  answer(10_000, 10_400, "Mon, 23 Nov 2026 02:00:09 GMT");
  expect(new Date(clock.now()).toISOString()).toMatch(/^2026-11-23T02:00:09/);
});
