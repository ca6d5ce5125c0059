// The widget's texts. Its language is an argument: two of them on one page may speak two.

import { type Language, type Params, say } from "../text/say";
import { en } from "../text/widget.en";
import { ja } from "../text/widget.ja";

export type Word = keyof typeof en;
/** Texts in the language of one widget. */
export type Speak = (key: Word, params?: Params) => string;

const WORDS = { en, ja };

export const speaker =
  (lang: Language): Speak =>
  (key, params) =>
    say(lang, WORDS, key, params);
