import { expect, test } from "vitest";
import { RunningDay } from "../src/page/running-day";

const NOON = Date.parse("2026-11-23T12:10:00+09:00");

/** A day of 100, 101, … Wh after one of 200, 201, … Wh, known until noon. */
function filled(): RunningDay {
  const day = new RunningDay(NOON);
  const slots = Array.from({ length: 48 + 24 }, (_, slot) => slot);
  day.fill({
    startAt: slots.map((slot) => new Date(day.startOfYesterday + slot * 1_800_000).toISOString()),
    kwh: slots.map((slot) => (slot < 48 ? 200 + slot : 52 + slot) / 1000),
    quality: slots.map(() => "SETTLED"),
  });
  return day;
}

const reading = (startAt: string, kwh: number, revision: number) =>
  ({ startAt, kwh, revision, quality: "PROVISIONAL" }) as const;

test("sums are in whole Wh, of each day", () => {
  const day = filled();
  expect(day.totalWh).toBe(24 * 100 + (23 * 24) / 2);
  expect(day.yesterdayWh).toBe(48 * 200 + (47 * 48) / 2);
  expect(day.newest).toBe(23);
});

test("a reading takes the place of an older revision, and an older one changes nothing", () => {
  const day = filled();
  const before = day.totalWh;
  expect(day.put(reading("2026-11-23T12:00:00+09:00", 0.05, 3))).toBe(true);
  expect(day.put(reading("2026-11-23T12:00:00+09:00", 0.04, 2))).toBe(false);
  expect(day.put(reading("2026-11-23T12:00:00+09:00", 0.05, 3))).toBe(true);
  expect(day.totalWh).toBe(before + 50);
});

test("a reading of another day is none of these two", () => {
  const day = filled();
  expect(day.put(reading("2026-11-24T00:00:00+09:00", 1, 1))).toBe(false);
  expect(day.put(reading("2026-11-21T23:30:00+09:00", 1, 1))).toBe(false);
  expect(day.put(reading("2026-11-22T23:30:00+09:00", 1, 1))).toBe(true);
  expect(day.yesterdayWh).toBe(filled().yesterdayWh - 247 + 1000);
});

test("the running half hour has no part in the comparison with yesterday", () => {
  const day = filled();
  day.put(reading("2026-11-23T12:00:00+09:00", 0.05, 1));
  expect(day.completeAt(NOON)).toBe(24);
  expect(day.comparedUntil(24)).toEqual({ today: day.totalWh - 50, yesterday: 24 * 200 + 276 });
});

test("a half hour that is missing on either day has no part in it either", () => {
  const day = filled();
  day.fill({ startAt: ["2026-11-23T00:00:00+09:00"], kwh: [null], quality: ["MISSING"] });
  day.fill({ startAt: ["2026-11-22T00:30:00+09:00"], kwh: [null], quality: ["MISSING"] });
  expect(day.missing).toBe(1);
  expect(day.comparedUntil(3)).toEqual({ today: 102, yesterday: 202 });
  expect(day.comparedUntil(2)).toBeNull();
});

test("the chart has a place for what is still to come, and no value", () => {
  const { startAt, kwh, from, to } = filled().todayColumns();
  expect([startAt.length, kwh.length]).toEqual([24, 24]);
  expect((to as number) - (from as number)).toBe(86_400);
});
