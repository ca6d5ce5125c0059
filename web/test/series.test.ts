import { describe, expect, test } from "vitest";
import type { UsageBeforeQuery, UsageQuery } from "../src/generated/graphql";
import { beforeOf } from "../src/page/before";
import { missingOf, seriesOf } from "../src/page/series";

type Answer = NonNullable<UsageQuery["facility"]>["usage"];
type Earlier = NonNullable<NonNullable<UsageBeforeQuery["facility"]>["usage"]["comparedWith"]>;

const at = (text: string): string => `2026-${text}:00+09:00`;

function answer(starts: string[], to: string, kwh: (number | null)[]): Answer & Earlier {
  return {
    from: starts[0] ?? to,
    to,
    totalKwh: kwh.reduce<number>((sum, each) => sum + (each ?? 0), 0),
    totalYen: null,
    columns: {
      startAt: starts,
      kwh,
      yen: kwh.map(() => null),
      quality: kwh.map((each) => (each === null ? "MISSING" : "SETTLED")),
    },
    peak: null,
    coverage: { expected: kwh.length, present: kwh.length, missing: [], settledUntil: null },
  };
}

const earlier = (starts: string[], to: string, kwh: (number | null)[]): Earlier =>
  answer(starts, to, kwh);

describe("a series", () => {
  test("has the Wh of the API's total, although kWh as floats do not add up", () => {
    const starts = [at("11-01T00:00"), at("11-01T00:30"), at("11-01T01:00")];
    const series = seriesOf(
      answer(starts, at("11-01T01:30"), [0.1, 0.2, 0.3]),
      "HALF_HOUR",
      "IMPORT",
    );
    expect(series.totalWh).toBe(600);
    expect(series.endAt).toEqual([...series.startAt.slice(1), series.to]);
  });

  test("knows when equally long slots begin without being told, the first one cut to the span", () => {
    const { columns, ...rest } = answer([at("11-01T12:00")], at("11-03T06:00"), [1, 2, 3]);
    const even = { ...columns, startAt: undefined };
    const series = seriesOf({ ...rest, columns: even }, "DAY", "IMPORT");
    const starts = [at("11-01T12:00"), at("11-02T00:00"), at("11-03T00:00")];
    expect(series.startAt).toEqual(starts.map((start) => Date.parse(start) / 1000));
    expect(series.endAt.at(-1)).toBe(Date.parse(at("11-03T06:00")) / 1000);
  });

  test("counts the half hours of each point that lie in a gap", () => {
    const day = 86_400;
    const first = Date.parse(at("11-01T00:00")) / 1000;
    const startAt = [0, 1, 2, 3].map((days) => first + days * day);
    const endAt = startAt.map((start) => start + day);
    const gaps = [
      { from: at("11-01T02:00"), to: at("11-01T03:30") },
      { from: at("11-01T23:00"), to: at("11-03T01:00") },
      { from: at("11-03T05:00"), to: at("11-03T05:30") },
    ];
    expect(missingOf(startAt, endAt, gaps)).toEqual([5, 48, 3, 0]);
  });
});

describe("the same span earlier", () => {
  test("stands under the same dates, with nothing where there is no such date", () => {
    const starts = ["03-27", "03-28", "03-29", "03-31"].map((on) => at(`${on}T00:00`));
    const march = seriesOf(answer(starts, at("04-01T00:00"), [1, 2, 3, 4]), "DAY", "IMPORT");
    const february = earlier(
      ["02-27", "02-28"].map((on) => at(`${on}T00:00`)),
      at("03-01T00:00"),
      [7, null],
    );
    expect(beforeOf(march, february, 1)?.kwh).toEqual([7, null, null, null]);
  });

  test("is known to be cut where the contract began in it", () => {
    const day = seriesOf(
      answer([at("11-02T00:00"), at("11-02T12:00")], at("11-03T00:00"), [1, 1]),
      "HALF_HOUR",
      "IMPORT",
    );
    const from = (start: string) => beforeOf(day, earlier([at(start)], at("10-03T00:00"), [5]), 1);
    expect(from("10-02T00:00")?.cut).toBe(false);
    expect(from("10-02T12:00")).toMatchObject({ cut: false, kwh: [null, 5] });
    expect(beforeOf(day, earlier([], at("10-03T00:00"), []), 1)).toBeNull();
  });

  test("finds reading periods by the month in which they end, since meters are read on other days", () => {
    // The last one is cut: it ends in the month in which the one before it does.
    const starts = [at("09-12T00:00"), at("10-13T00:00"), at("11-12T00:00")];
    const periods = seriesOf(
      answer(starts, at("11-20T00:00"), [3, 4, 5]),
      "READING_PERIOD",
      "IMPORT",
    );
    const before = earlier(
      [at("08-11T00:00"), at("09-10T00:00"), at("10-11T00:00")],
      at("10-20T00:00"),
      [1, 2, 3],
    );
    expect(beforeOf(periods, before, 1)?.kwh).toEqual([1, 2, 3]);
  });
});
