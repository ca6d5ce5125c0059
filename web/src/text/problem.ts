// What happened and what to do, where an operation could not be done. Small enough for the widget.

import { asApiError } from "../api/errors";
import { longDate } from "../format/dates";
import { en } from "./problems.en";
import { ja } from "./problems.ja";
import { type Language, say, type Words } from "./say";

type Key = keyof typeof en;

const words: Words<Key> = { en, ja };

export function problem(reason: unknown, lang: Language): string {
  const error = asApiError(reason);
  const { code, availableOn, retryAfter, requestId } = error;
  if (code === "NOT_YET_AVAILABLE" && availableOn !== null) {
    return say(lang, words, "NOT_YET_AVAILABLE_UNTIL", { day: longDate(availableOn, lang) });
  }
  if (code === "RATE_LIMITED" && retryAfter !== null) {
    return say(lang, words, "RATE_LIMITED_FOR", { seconds: Math.ceil(retryAfter) });
  }
  if (code === "INTERNAL" && requestId !== null) {
    return say(lang, words, "INTERNAL_KNOWN_AS", { requestId });
  }
  return say(lang, words, isKnown(code) ? code : "INTERNAL");
}

const isKnown = (code: string): code is Key => Object.hasOwn(en, code);
