/** The way to another company's log-in and back: what must be remembered in between. */

import type { UserError } from "../api/errors";
import { type CompleteExternalLogInInput, StartExternalLogInDocument } from "../generated/graphql";
import { api } from "./api";
import { keep, keptEntries } from "./kept";

const KEY = "kenshin.external";

interface Visit {
  readonly portal: string;
  readonly token: string;
  /** The address's query, to come back to. */
  readonly search: string;
}

/** Somebody who was sent back; `input` is null where nobody was let in. */
export interface Return {
  readonly portal: string;
  readonly search: string;
  readonly input: CompleteExternalLogInInput | null;
}

/** Leave for a provider's log-in; answers what is wrong if that is not possible. */
export async function leaveFor(portal: string, provider: string): Promise<readonly UserError[]> {
  // The page itself, which is what operators name in KENSHIN_EXTERNAL_REDIRECTS.
  const redirectUri = `${location.origin}/`;
  const input = { portal, provider, redirectUri };
  const begun = await api.mutate(StartExternalLogInDocument, { input });
  if (!begun.authorizationUrl || !begun.state || !begun.token) return begun.userErrors;
  const visit: Visit = { portal, token: begun.token, search: location.search };
  keep("sessionStorage", KEY, JSON.stringify({ [begun.state]: visit }));
  location.assign(begun.authorizationUrl);
  return [];
}

/**
 * What a provider has sent somebody back with; null if nobody comes from one. "stranger": whose visit did not
 * begin in this tab.
 */
export function returned(search: string): Return | "stranger" | null {
  const query = new URLSearchParams(search);
  const state = query.get("state");
  if (state === null || !(query.has("code") || query.has("error"))) return null;
  const visit = recall(state);
  if (visit === null) return "stranger";
  const { portal, token } = visit;
  const code = query.get("code");
  const input = code === null ? null : { portal, token, state, code, issuer: query.get("iss") };
  return { portal, search: visit.search, input };
}

/** The visit that began with this state; it is forgotten with that. */
function recall(state: string): Visit | null {
  const visits = keptEntries<Visit>("sessionStorage", KEY);
  keep("sessionStorage", KEY, "");
  return visits[state] ?? null;
}
