// What the page says about anything that went wrong.

import type { UserError } from "../api/errors";
import { dateTime } from "../format/dates";
import { language } from ".";
import { problem } from "./problem";
import { en } from "./refusals.en";
import { ja } from "./refusals.ja";
import { type Language, say, type Words } from "./say";

type Key = keyof typeof en;

const words: Words<Key> = { en, ja };

/** Of whatever was thrown. */
export const explain = (error: unknown, lang: Language = language()): string =>
  problem(error, lang);

/** Of an entry of `userErrors`, with the time from which trying again helps. */
export function explainUserError(error: UserError, lang: Language = language()): string {
  // A code that is younger than this page comes with the server's own words.
  const what = isKnown(error.code) ? say(lang, words, error.code) : error.message;
  if (!error.retryAt) return what;
  const when = say(lang, words, "RETRY_AT", { time: dateTime(error.retryAt, lang) });
  return lang === "ja" ? what + when : `${what} ${when}`;
}

/** Which entry of the form it is about, like `password` or `fields.phone`; empty where it is none. */
export const fieldOf = (error: UserError): string =>
  (error.field ?? []).filter((name, place) => place > 0 || name !== "input").join(".");

const isKnown = (code: string): code is Key => code !== "RETRY_AT" && Object.hasOwn(en, code);
