import { expect, test } from "vitest";
import page from "../../docs/errors.md?raw";
import { en as problemsEn } from "../src/text/problems.en";
import { ja as problemsJa } from "../src/text/problems.ja";
import { en as refusalsEn } from "../src/text/refusals.en";
import { ja as refusalsJa } from "../src/text/refusals.ja";
import { languageOf, say } from "../src/text/say";

function codes(table: string): string[] {
  const part = page.split(`<!-- table: ${table} -->`)[1]?.split("<!-- end -->")[0] ?? "";
  const found = [...part.matchAll(/^\| `(\w+)` \|/gm)].map((row) => row[1] ?? "");
  expect(found.length, table).toBeGreaterThan(10);
  return found;
}

test("every error of docs/errors.md has a text in both languages", () => {
  for (const code of codes("errors")) {
    expect(problemsEn, code).toHaveProperty(code);
    expect(problemsJa, code).toHaveProperty(code);
  }
});

test("every user error and fault of docs/errors.md has a text in both languages", () => {
  for (const code of [...codes("user-errors"), ...codes("faults")]) {
    expect(refusalsEn, code).toHaveProperty(code);
    expect(refusalsJa, code).toHaveProperty(code);
  }
});

test("places of a text are filled in, and nothing of what they are filled with", () => {
  const words = {
    en: { left: "{n} {n|day|days} of {name}" },
    ja: { left: "{name}はあと{n}日" },
  };
  expect(say("en", words, "left", { n: 1, name: "{n}" })).toBe("1 day of {n}");
  expect(say("en", words, "left", { n: 2, name: "<b>" })).toBe("2 days of <b>");
  expect(say("ja", words, "left", { n: 2, name: "東京" })).toBe("東京はあと2日");
});

test("who asks for neither language gets Japanese", () => {
  expect(["en-GB", "EN", "ja-JP", "fr", "", null].map(languageOf)).toEqual([
    "en",
    "en",
    "ja",
    "ja",
    "ja",
    "ja",
  ]);
});
