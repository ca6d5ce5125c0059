// The language of the page, and its texts.

import type { ReactiveController, ReactiveControllerHost } from "lit";
import { en } from "./base.en";
import { ja } from "./base.ja";
import { type Language, languageOf, type Params, say } from "./say";

export type { Language } from "./say";

const KEPT = "kenshin.lang";
const changes = new EventTarget();
let current: Language = chosen();
document.documentElement.lang = current;

export const language = (): Language => current;

/** Switch all texts at once; the choice is kept for this browser. */
export function setLanguage(lang: Language): void {
  keep(lang);
  if (lang === current) return;
  current = lang;
  document.documentElement.lang = lang;
  rename(lang);
  changes.dispatchEvent(new Event("changed"));
}

export function onLanguage(listener: () => void): () => void {
  changes.addEventListener("changed", listener);
  return () => changes.removeEventListener("changed", listener);
}

/** Renders its element anew when the language changes. */
export class Speaking implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #stop?: () => void;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = onLanguage(() => this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#stop?.();
  }
}

/** A view's texts, by their keys. A key that one of the languages lacks is an error of types. */
export function texts<Key extends string>(
  english: Readonly<Record<Key, string>>,
  japanese: Readonly<Record<NoInfer<Key>, string>>,
): (key: Key, params?: Params) => string {
  const words = { en: english, ja: japanese };
  return (key, params) => say(current, words, key, params);
}

/** Words that many views need. */
export const t = texts(en, ja);

function chosen(): Language {
  const asked = new URLSearchParams(location.search).get("lang") ?? kept();
  if (asked === "ja" || asked === "en") return asked;
  return languageOf(navigator.language);
}

/** In an address that names a language, else the old one would come back with it. */
function rename(lang: Language): void {
  const address = new URL(location.href);
  if (!address.searchParams.has("lang")) return;
  address.searchParams.set("lang", lang);
  history.replaceState(history.state, "", address);
}

// A browser may refuse storage: then the choice lasts as long as the page.
function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(lang: Language): void {
  try {
    localStorage.setItem(KEPT, lang);
  } catch {
    // As above.
  }
}
