// The page's own connection to its server: one session, one clock, one socket.

import { Client } from "../api/client";
import { ServerClock } from "../api/clock";
import { Live } from "../api/live";
import { Session } from "../api/session";

/** Wherever the page is: also behind a path prefix. */
const at = (path: string): string => new URL(path, new URL("./", location.href)).href;

export const clock = new ServerClock();
export const session = new Session(at("session"), clock);
export const api = new Client(at("graphql"), session, clock);
export const live = new Live(at("graphql"), session);

// A connection speaks for who opened it.
session.addEventListener("changed", () => {
  if (session.state === "out") live.drop();
});
