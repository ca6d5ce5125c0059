import { expect, test } from "vitest";
import { nameIn, ownAddress } from "../src/page/files";
import { numericSpan, pointName, timeSpan } from "../src/page/point-names";
import type { Series } from "../src/page/series";

const at = (text: string): number => Date.parse(`2026-${text}:00+09:00`) / 1000;

test("a file keeps the name that it came with, in any script", () => {
  const name = `attachment; filename="download.csv"; filename*=UTF-8''${encodeURIComponent("使用量.csv")}`;
  expect(nameIn(name)).toBe("使用量.csv");
  expect(nameIn('attachment; filename="download.csv"')).toBe("download.csv");
  expect(nameIn("")).toBe("download");
});

test("a file is fetched from this server, whatever name the server is known by", () => {
  const page = "http://127.0.0.1:8000/?view=day";
  expect(ownAddress("https://api.example.jp/files/a.b?x=1", page)).toBe("/files/a.b?x=1");
  expect(ownAddress("/files/a.b", page)).toBe("/files/a.b");
});

test("the last half hour of a day ends at 24:00", () => {
  expect(timeSpan(at("11-22T23:30"), at("11-23T00:00"))).toBe("23:30–24:00");
  expect(timeSpan(at("11-22T00:00"), at("11-22T00:30"))).toBe("00:00–00:30");
});

test.each([
  ["HALF_HOUR", "11-22T13:00", "11-22T13:30", "2026/11/22 13:00–13:30"],
  ["DAY", "11-22T00:00", "11-23T00:00", "2026/11/22 (日)"],
  ["MONTH", "11-01T00:00", "11-23T10:30", "2026年11月"],
  ["READING_PERIOD", "10-12T00:00", "11-12T00:00", "2026/10/12–2026/11/11"],
  ["READING_PERIOD", "11-12T00:00", "11-23T10:30", "2026/11/12–2026/11/23"],
] as const)("a point of %s has a name of its own", (resolution, start, end, name) => {
  const series = { resolution, from: at("10-01T00:00"), to: at("11-23T10:30") } as Series;
  expect(pointName(series, at(start), at(end), "ja")).toBe(name);
});

test("spans name their last day, not the one after it", () => {
  expect(numericSpan({ from: "2026-10-12", to: "2026-11-12" })).toBe("2026/10/12–2026/11/11");
});
