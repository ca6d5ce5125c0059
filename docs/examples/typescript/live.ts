// A partner's app: a member consents, yesterday is printed, then every reading as it comes.
// It keeps its tokens and how far it has read in `kenshin.json`; started again, it goes on from there.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { CloseCode, createClient } from "graphql-ws";

const SERVER = process.env.SERVER ?? "http://127.0.0.1:8000";
const CLIENT_ID = process.env.CLIENT_ID ?? "sandbox";
const REDIRECT = process.env.REDIRECT ?? "http://127.0.0.1:8765/callback";
const KEPT = "kenshin.json";
const EARLY_MS = 60_000;
const DAY_MS = 86_400_000;

const DAY = `query Day($from: DateTime!, $to: DateTime!) {
  viewer { facilities(first: 1) { nodes {
    id
    name
    usage(from: $from, to: $to) { cursor totalKwh points { startAt kwh } }
  } } }
}`;
const LIVE = `subscription Live($facility: ID!, $after: String) {
  readings(facilityIds: [$facility], after: $after) {
    reading { startAt kwh quality revision }
    cursor
    state
  }
}`;

type Server = { issuer: string; authorization_endpoint: string; token_endpoint: string };
type Tokens = { access: string; refresh: string; expiresAt: number };
type Kept = Tokens & { facility?: string; cursor?: string };
type Point = { startAt: string; kwh: number | null };
type Place = {
  id: string;
  name: string;
  usage: { cursor: string; totalKwh: number; points: Point[] };
};
type Day = { viewer: { facilities: { nodes: Place[] } } };
type Live = { readings: { reading: Point | null; cursor: string; state: string } };

/** Stores what must outlive this process, readable by nobody else. */
function keep(kept: Kept): void {
  writeFileSync(`${KEPT}.tmp`, JSON.stringify(kept), { mode: 0o600 });
  renameSync(`${KEPT}.tmp`, KEPT);
}

/** Sends the member to the consent page, and gets tokens for what came back. */
async function askMember(server: Server): Promise<Tokens> {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const asked = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT,
    scope: "usage:read usage:live",
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const came = waitForBrowser();
  console.log("Open this, and choose what the app may see:");
  console.log(`${server.authorization_endpoint}?${asked}`);
  const { code, error, ...answer } = await came;
  if (answer.state !== state || answer.iss !== server.issuer) {
    throw new Error("Nobody asked for this answer.");
  }
  if (!code) throw new Error(`No consent: ${error}`);
  return tokens(server, {
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
  });
}

/** The parameters with which the browser comes back. */
function waitForBrowser(): Promise<Record<string, string>> {
  const { hostname, port, pathname } = new URL(REDIRECT);
  return new Promise((resolve) => {
    const listener = createServer((request, response) => {
      const address = new URL(request.url ?? "/", REDIRECT);
      response.setHeader("connection", "close").end("You may close this page.");
      if (address.pathname !== pathname) return;
      listener.close();
      resolve(Object.fromEntries(address.searchParams));
    });
    listener.listen(Number(port), hostname);
  });
}

/** Tokens for a code or a refresh token; both work once, so ask once. */
async function tokens(server: Server, fields: Record<string, string>): Promise<Tokens> {
  const body = new URLSearchParams({ client_id: CLIENT_ID, ...fields });
  const answer = await fetch(server.token_endpoint, { method: "POST", body });
  const found = await answer.json();
  if (found.error === "invalid_grant") rmSync(KEPT, { force: true }); // it has ended: ask again
  if (!answer.ok) throw new Error(`${found.error}: ${found.error_description}`);
  return {
    access: found.access_token,
    refresh: found.refresh_token,
    expiresAt: Date.now() + found.expires_in * 1000,
  };
}

/** The half hours of yesterday, printed; the place, and the cursor from which it goes on. */
async function printYesterday(access: string): Promise<{ facility: string; cursor: string }> {
  const today = `${tokyoDate(Date.now())}T00:00:00+09:00`;
  const yesterday = `${tokyoDate(Date.now() - DAY_MS)}T00:00:00+09:00`;
  const answer = await fetch(`${SERVER}/graphql`, {
    method: "POST",
    headers: { authorization: `Bearer ${access}`, "content-type": "application/json" },
    body: JSON.stringify({ query: DAY, variables: { from: yesterday, to: today } }),
  });
  const { data, errors } = (await answer.json()) as { data: Day; errors?: unknown[] };
  if (errors) throw new Error(JSON.stringify(errors));
  const [place] = data.viewer.facilities.nodes;
  for (const point of place.usage.points) console.log("day", point.startAt, point.kwh, "kWh");
  console.log(place.name, place.usage.totalKwh, "kWh");
  return { facility: place.id, cursor: place.usage.cursor };
}

function tokyoDate(at: number): string {
  return new Date(at).toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
}

/** An access token that is good for a while yet. */
async function access(server: Server, kept: Kept): Promise<string> {
  if (Date.now() > kept.expiresAt - EARLY_MS) {
    const fields = { grant_type: "refresh_token", refresh_token: kept.refresh };
    Object.assign(kept, await tokens(server, fields));
    keep(kept); // before they are used: the old ones are dead
  }
  return kept.access;
}

/** Prints readings until an error ends it; graphql-ws comes back by itself after a lost connection. */
async function follow(server: Server, kept: Kept): Promise<void> {
  const client = createClient({
    url: `${SERVER.replace("http", "ws")}/graphql`,
    connectionParams: async () => ({ authorization: `Bearer ${await access(server, kept)}` }),
    on: {
      closed: (event) => {
        if ((event as CloseEvent).code === CloseCode.Forbidden) kept.expiresAt = 0;
      },
    },
    retryAttempts: Infinity,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, kept.expiresAt && pause())),
  });
  // It subscribes again with this object: what `after` is by then is where it goes on.
  const variables = { facility: kept.facility, after: kept.cursor };
  try {
    for await (const { data, errors } of client.iterate<Live>({ query: LIVE, variables })) {
      if (!data) throw errors;
      const { reading, cursor } = data.readings;
      if (reading) console.log("live", reading.startAt, reading.kwh, "kWh");
      kept.cursor = variables.after = cursor;
      keep(kept);
    }
  } finally {
    await client.dispose();
  }
}

/** Between one and ten seconds, so that not all come back at once after a restart. */
function pause(): number {
  return 1000 + 9000 * Math.random();
}

function isUnauthenticated(thrown: unknown): boolean {
  return (
    Array.isArray(thrown) && thrown.every((each) => each.extensions?.code === "UNAUTHENTICATED")
  );
}

const metadata = await fetch(`${SERVER}/.well-known/oauth-authorization-server`);
const server = (await metadata.json()) as Server;
const kept: Kept = existsSync(KEPT)
  ? JSON.parse(readFileSync(KEPT, "utf-8"))
  : await askMember(server);
keep(kept);
if (!kept.cursor) {
  Object.assign(kept, await printYesterday(await access(server, kept)));
  keep(kept);
}
for (;;) {
  try {
    await follow(server, kept);
  } catch (thrown) {
    // CONSENT_REQUIRED: the member did not choose this.
    if (!isUnauthenticated(thrown)) throw thrown;
    kept.expiresAt = 0;
  }
}
