// Finding facilities by what is typed, as the API's `search` does: width, case, spaces and hyphens
// don't matter. Hiragana finds katakana as well.

const KATAKANA = /[\u30a1-\u30f6]/gu;
const APART = /[\s\-‐‑‒–—―ー−・]+/gu;

/** A text as it is compared. */
export function folded(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(APART, "");
}

/** The words of what is typed, folded; all of them must be found. */
export function wordsOf(typed: string): string[] {
  return typed.normalize("NFKC").split(/\s+/u).map(folded).filter(Boolean);
}

/** Whether a folded text has all the words. */
export function matches(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}
