// Quantities as text. Japanese and English group digits alike; only words around them differ.

import type { Language } from "../text/say";

/** What stands where there is no value: never a zero. */
export const NOTHING = "–";

const formats = new Map<number, Intl.NumberFormat>();

function grouped(value: number, digits: number): string {
  let format = formats.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat("en", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      // What rounds to nothing has no sign.
      signDisplay: "negative",
    });
    formats.set(digits, format);
  }
  const text = format.format(value);
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

/** Like 1,234.567; without its unit. */
export const kwh = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined ? NOTHING : grouped(value, digits);

/** In whole Wh: what sums are made of, since kWh as floats do not add up. */
export const wh = (value: number): number => Math.round(value * 1000);

export const kwhOf = (value: number): number => value / 1000;

/** In whole Wh. Gaps add nothing. */
export const sumWh = (values: Iterable<number | null | undefined>): number => {
  let sum = 0;
  for (const value of values) if (value !== null && value !== undefined) sum += wh(value);
  return sum;
};

/** Like 1,234円 or ¥1,234. */
export function yen(value: number | null | undefined, lang: Language, digits = 0): string {
  if (value === null || value === undefined) return NOTHING;
  if (lang === "ja") return `${grouped(value, digits)}円`;
  const amount = grouped(value, digits);
  return amount.startsWith("−") ? `−¥${amount.slice(1)}` : `¥${amount}`;
}

/** Like 35,040. */
export const count = (value: number): string => grouped(value, 0);

/** How far `value` is over or under `base`, like +12% or −3%; "–" where there is nothing to compare with. */
export function change(value: number | null | undefined, base: number | null | undefined): string {
  if (value === null || value === undefined || !base) return NOTHING;
  const percent = Math.round(((value - base) / Math.abs(base)) * 100);
  return `${percent > 0 ? "+" : percent === 0 ? "±" : ""}${grouped(percent, 0)}%`;
}
