/** In which language a name is read out and broken into lines: names are not translated with the page. */

import { nothing } from "lit";

const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

/** For `lang`; nothing where the page's language will do. */
export const scriptOf = (name: string): "ja" | typeof nothing =>
  JAPANESE.test(name) ? "ja" : nothing;
