// The example page: it logs in, and hands its token to two widgets, as any page does with a token that
// it got by OAuth. Of the widget it only knows the element.

import { type Access, Client } from "../api/client";
import {
  WidgetExampleFacilitiesDocument,
  WidgetExampleLogInDocument,
  WidgetExampleRefreshDocument,
} from "../generated/graphql";
import { demoLogIn, portals } from "../page/portals";
import type { KenshinUsage } from "./element";

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const ENDPOINT = new URL("../graphql", document.baseURI).href;
const SCRIPT = new URL("../widget.js", document.baseURI).href;

let tokens: Tokens | null = null;

const access: Access = {
  token: async () => tokens?.accessToken ?? null,
  renew: async () => null,
};
const client = new Client(ENDPOINT, access);

const logIn = form("log-in");
const choices = form("choices");

function form(id: string): HTMLFormElement {
  return document.getElementById(id) as HTMLFormElement;
}

function field(of: HTMLFormElement, name: string): HTMLInputElement | HTMLSelectElement {
  return of.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
}

function prepare(): void {
  const code = document.querySelector("pre code");
  if (code)
    code.textContent = `<script type="module" src="${SCRIPT}"></script>
<kenshin-usage facility="…" token="…" view="today" lang="ja"></kenshin-usage>`;
  for (const { key, name } of portals()) field(logIn, "portal").append(new Option(name, key));
  const demo = demoLogIn();
  if (demo === null) return;
  for (const name of ["portal", "loginId", "password"] as const)
    field(logIn, name).value = demo[name];
}

/** What was wrong; nothing if the tokens are there. */
async function openSession(): Promise<string> {
  const [portal, loginId, password] = ["portal", "loginId", "password"].map(
    (name) => field(logIn, name).value,
  ) as [string, string, string];
  const input = { portal, loginId, password };
  const { session, userErrors } = await client.mutate(WidgetExampleLogInDocument, { input });
  tokens = session;
  if (session !== null) return "";
  return (
    userErrors[0]?.message ?? "This log-in asks for more than a password: use another one here."
  );
}

/** Several widgets ask at once, and a refresh token is good for one answer. */
let renewing: Promise<string | null> | null = null;

function tokenCallback(expired: string | null): Promise<string | null> {
  renewing ??= renewed(expired).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function renewed(expired: string | null): Promise<string | null> {
  if (tokens === null || tokens.accessToken !== expired) return tokens?.accessToken ?? null;
  const input = { refreshToken: tokens.refreshToken };
  const { session } = await client.mutate(WidgetExampleRefreshDocument, { input });
  tokens = session;
  return session?.accessToken ?? null;
}

async function showWidgets(): Promise<void> {
  const { viewer } = await client.query(WidgetExampleFacilitiesDocument, {});
  const widgets = (viewer?.facilities.nodes ?? []).map(({ id }) => {
    const widget = document.createElement("kenshin-usage") as KenshinUsage;
    widget.facility = id;
    widget.endpoint = ENDPOINT;
    widget.tokenCallback = tokenCallback;
    return widget;
  });
  document.getElementById("widgets")?.replaceChildren(...widgets);
  logIn.hidden = true;
  choices.hidden = false;
  choose();
}

/** The second widget speaks the other language, to show that it can. */
function choose(): void {
  const lang = field(choices, "lang").value;
  const others = { ja: "en", en: "ja" }[lang] ?? "ja";
  document.querySelectorAll<KenshinUsage>("kenshin-usage").forEach((widget, place) => {
    widget.view = field(choices, "view").value;
    widget.lang = place === 0 ? lang : others;
    widget.classList.toggle("themed", (field(choices, "themed") as HTMLInputElement).checked);
  });
}

logIn.addEventListener("submit", async (event) => {
  event.preventDefault();
  const refused = document.getElementById("refused") as HTMLElement;
  refused.textContent = "";
  try {
    refused.textContent = await openSession();
    if (tokens !== null) await showWidgets();
  } catch (error) {
    refused.textContent = error instanceof Error ? error.message : String(error);
  }
});
choices.addEventListener("change", choose);
prepare();
