/**
 * The token by which a portal knows this device again. It opens nothing by itself: it only spares who also
 * has the password the question for a keyword.
 */

import { keep, keptEntries } from "./kept";

const KEY = "kenshin.devices";
/** Of a member whose login ID was not known when the token came. */
const SOMEBODY = "";

export function deviceToken(portal: string, loginId: string): string | null {
  const tokens = keptEntries<string>("localStorage", KEY);
  return tokens[nameOf(portal, loginId)] ?? tokens[nameOf(portal, SOMEBODY)] ?? null;
}

export function keepDeviceToken(portal: string, loginId: string | null, token: string): void {
  const known = keptEntries<string>("localStorage", KEY);
  const tokens = { ...known, [nameOf(portal, loginId ?? SOMEBODY)]: token };
  keep("localStorage", KEY, JSON.stringify(tokens));
}

function nameOf(portal: string, loginId: string): string {
  return `${portal} ${loginId.toLowerCase()}`;
}
