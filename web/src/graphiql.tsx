import "./graphiql-styles";
import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";
import "./graphiql.css";
import { type DemoLogIn, type DemoSession, logIn, readings } from "./graphiql-operations";

// The endpoint answers a browser with this page, so it is wherever the page is.
const url = location.origin + location.pathname;

/** Header names in lower case, as connection_init carries them. */
const lowerCased = (typed: Record<string, unknown> = {}) =>
  Object.fromEntries(Object.entries(typed).map(([name, value]) => [name.toLowerCase(), value]));

/**
 * Sends what is typed in the headers editor with HTTP requests and with connection_init alike.
 * A client per operation: it connects only for a subscription and closes with it, so that each one
 * speaks for the session that is in the editor when it starts.
 */
const fetcher: Fetcher = (params, options) => {
  const wsClient = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: lowerCased(options?.headers),
    // A lost connection is shown: to subscribe again without a cursor would hide a gap.
    retryAttempts: 0,
  });
  return createGraphiQLFetcher({ url, wsClient })(params, options);
};

async function ask(query: string, variables: unknown, token?: string) {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const now = new Date(answer.headers.get("date") ?? Date.now());
  return { ...(await answer.json()).data, now };
}

/** A session of the demo's member; none if it cannot be had, which the operations then tell. */
async function demoSession(input: DemoLogIn): Promise<DemoSession | undefined> {
  try {
    const token: string = (await ask(logIn().query, { input })).logIn.session.accessToken;
    const { viewer, now } = await ask(
      "{ viewer { facilities(first: 3) { nodes { id } } } }",
      {},
      token,
    );
    return { token, now, ids: viewer.facilities.nodes.map(({ id }: { id: string }) => id) };
  } catch {
    return undefined;
  }
}

// What is typed, a password and a token among it, lives as long as the browser's tab.
const storage = sessionStorage;
const demoToken = "kenshin:demoToken";

/** What was typed before speaks for the new session: the old one may have ended. */
function renew(token: string) {
  const before = storage.getItem(demoToken);
  for (const key of ["graphiql:tabState", "graphiql:headers"]) {
    const typed = storage.getItem(key);
    if (before && typed) storage.setItem(key, typed.replaceAll(before, token));
  }
  storage.setItem(demoToken, token);
}

const told = document.querySelector<HTMLMetaElement>('meta[name="kenshin-demo"]')?.content;
const demo: DemoLogIn | undefined = told ? JSON.parse(told) : undefined;
const session = demo && (await demoSession(demo));
if (session) renew(session.token);

const ready = [readings(session), logIn(demo)];
const tabs = session ? ready : ready.reverse();

// GraphiQL shows variables and headers of the first tab only if they are stored.
if (storage.getItem("graphiql:tabState") === null) {
  const [first] = tabs;
  storage.setItem("graphiql:query", first?.query ?? "");
  storage.setItem("graphiql:variables", first?.variables ?? "");
  storage.setItem("graphiql:headers", first?.headers ?? "");
}

const root = document.getElementById("graphiql");
if (root) {
  createRoot(root).render(
    <GraphiQL fetcher={fetcher} storage={storage} defaultTabs={tabs} shouldPersistHeaders />,
  );
}
