import { expect, test } from "vitest";
import { folded, matches, wordsOf } from "../src/page/search";

const shop = folded("新宿 センター店 東京都新宿区1番2号 0300000000000000000001 C000-001");

test.each([
  ["新宿", "as it is written"],
  ["しんじゅく", null],
  ["せんたー", "hiragana for katakana"],
  ["ｾﾝﾀｰ", "half-width katakana"],
  ["Ｃ０００００１", "full-width letters, without the hyphen"],
  ["１番２号", "full-width digits"],
  ["店 新宿区", "words in any order"],
  ["新宿　店", "a full-width space between words"],
  ["", "nothing typed finds everything"],
  ["新宿 大阪", null],
])("%s: %s", (typed, why) => {
  expect(matches(shop, wordsOf(typed))).toBe(why !== null);
});
