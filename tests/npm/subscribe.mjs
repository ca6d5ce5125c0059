// Prints the events of a subscription as JSON lines until it ends.
// node subscribe.mjs URL TOKEN QUERY VARIABLES
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token, query, variables] = process.argv.slice(2);
const client = createClient({
  url,
  webSocketImpl: WebSocket, // Node has none of its own before version 22
  connectionParams: { authorization: `Bearer ${token}` },
  retryAttempts: 0,
});
for await (const event of client.iterate({ query, variables: JSON.parse(variables) })) {
  console.log(JSON.stringify(event));
}
