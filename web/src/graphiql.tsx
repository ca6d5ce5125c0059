import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";

// With the login of `kenshin demo`. A tab of its own: GraphiQL sends all variables of a tab with each
// of its operations, and the password belongs to this one only.
const logIn = {
  query: `mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    session { accessToken expiresAt }
    challenge { __typename }
    userErrors { code message field }
  }
}
`,
  variables: `{
  "input": {
    "portal": "denki-jtb",
    "loginId": "demo@kenshin.example",
    "password": "kenshin-demo-1"
  }
}
`,
};

const readings = {
  query: `# Put the token that LogIn answers into Headers below,
# and ids that Home answers into Variables for Live.

query Home {
  viewer {
    facilities(first: 5) {
      nodes {
        id
        name
        latestReading {
          startAt kwh quality revision
        }
      }
    }
  }
}

subscription Live($ids: [ID!]!) {
  readings(facilityIds: $ids) {
    reading {
      facilityId startAt kwh quality revision
    }
    cursor
    state
  }
}
`,
  variables: `{
  "ids": []
}
`,
  headers: `{
  // "Authorization": "Bearer <accessToken>"
}
`,
};

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

// What is typed, a password and a token among it, lives as long as the browser's tab.
const storage = sessionStorage;

// GraphiQL shows the variables of the first tab only if they are stored.
if (storage.getItem("graphiql:tabState") === null) {
  storage.setItem("graphiql:query", logIn.query);
  storage.setItem("graphiql:variables", logIn.variables);
}

createRoot(document.getElementById("graphiql")!).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    defaultTabs={[logIn, readings]}
    shouldPersistHeaders
  />,
);
