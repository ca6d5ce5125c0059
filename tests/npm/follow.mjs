// Follows the readings of facilities for as long as it lives, and comes back by itself.
// Prints {"event": …} and {"closed": code} as JSON lines.
// node follow.mjs LIBRARY URL TOKEN QUERY VARIABLES
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [library, url, token, query, variables] = process.argv.slice(2);
const print = (line) => console.log(JSON.stringify(line));

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${token}` },
  retryAttempts: Infinity,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 100 + 100 * Math.random())),
  shouldRetry: () => true, // also while nobody listens, which is an error and no close
  on: { closed: ({ code }) => print({ closed: code }) },
});

// Both libraries subscribe again with the object that they were given: what it has in `after` by
// then is where they go on.
const libraries = {
  "graphql-ws": async (variables) => {
    for await (const { data } of client.iterate({ query, variables })) {
      variables.after = data.readings.cursor;
      print({ event: data.readings });
    }
  },
  forgetful: async (variables) => {
    for await (const { data } of client.iterate({ query, variables })) {
      print({ event: data.readings });
    }
  },
  apollo: async (variables) => {
    const { ApolloClient, ApolloLink, InMemoryCache, gql } = await import("@apollo/client");
    const { GraphQLWsLink } = await import("@apollo/client/link/subscriptions");
    const { tap } = await import("rxjs");
    const resuming = new ApolloLink((operation, forward) =>
      forward(operation).pipe(
        tap(({ data }) => {
          operation.variables.after = data.readings.cursor;
        }),
      ),
    );
    const apollo = new ApolloClient({
      link: ApolloLink.from([resuming, new GraphQLWsLink(client)]),
      cache: new InMemoryCache(),
    });
    apollo
      .subscribe({ query: gql(query), variables, fetchPolicy: "no-cache" })
      .subscribe(({ data }) => print({ event: data.readings }));
  },
};
await libraries[library](JSON.parse(variables));
