// Texts with places to fill in. Pure: the language is an argument, so that two widgets of one page may
// speak two of them.

export type Language = "ja" | "en";

export type Params = Readonly<Record<string, string | number>>;

/** The same keys in both languages. */
export interface Words<Key extends string = string> {
  readonly en: Readonly<Record<Key, string>>;
  readonly ja: Readonly<Record<Key, string>>;
}

const PLACE = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g;

/**
 * `{name}` becomes the parameter `name`; `{n|day|days}` the first word where `n` is 1, else the second.
 * What is filled in stays text: whoever shows it must not take it for HTML.
 */
export function say<Key extends string>(
  lang: Language,
  words: Words<Key>,
  key: Key,
  params: Params = {},
): string {
  return words[lang][key].replace(PLACE, (_, name: string, one?: string, other?: string) => {
    if (one !== undefined) return (Number(params[name]) === 1 ? one : other) ?? "";
    return String(params[name] ?? "");
  });
}

/** The language of a tag such as `en-GB`: Japanese unless it is English. */
export const languageOf = (tag: string | null | undefined): Language =>
  tag?.toLowerCase().startsWith("en") ? "en" : "ja";
