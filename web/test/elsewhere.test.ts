import { describe, expect, test } from "vitest";
import type { UsageElsewhereQuery, UsageQuery } from "../src/generated/graphql";
import { elsewhereOf } from "../src/page/elsewhere";
import { type Series, seriesOf } from "../src/page/series";

type Answer = NonNullable<UsageQuery["facility"]>["usage"];
type Other = NonNullable<UsageElsewhereQuery["facility"]>["usage"];

const at = (text: string): string => `2026-${text}:00+09:00`;

function answer(starts: string[], to: string, kwh: (number | null)[]): Answer & Other {
  const present = kwh.filter((each) => each !== null).length;
  return {
    from: at(starts[0] ?? to),
    to: at(to),
    totalKwh: kwh.reduce<number>((sum, each) => sum + (each ?? 0), 0),
    totalYen: null,
    columns: {
      startAt: starts.map(at),
      kwh,
      yen: kwh.map(() => null),
      quality: kwh.map((each) => (each === null ? "MISSING" : "SETTLED")),
    },
    peak: null,
    coverage: { expected: kwh.length, present, missing: [], settledUntil: null },
  };
}

function other(starts: string[], to: string, kwh: (number | null)[], told = true): Other {
  const whole = answer(starts, to, kwh);
  return { ...whole, columns: told ? whole.columns : { kwh } };
}

describe("another place", () => {
  const half = ["11-01T00:00", "11-01T00:30", "11-01T01:00"];
  const halves = seriesOf(answer(half, "11-01T01:30", [1, 2, 3]), "HALF_HOUR", "IMPORT");

  test("stands beside the half hours of the same time, that need not be told", () => {
    const found = elsewhereOf(halves, other(half, "11-01T01:30", [0.1, null, 0.2], false));
    expect(found).toMatchObject({ kwh: [0.1, null, 0.2], totalWh: 300, cut: false, missing: 1 });
  });

  test("has values from where its contract begins, and is known to be cut", () => {
    const found = elsewhereOf(halves, other(half.slice(1), "11-01T01:30", [5, 6], false));
    expect(found).toMatchObject({ kwh: [null, 5, 6], cut: true });
  });

  test("is not cut where only its newest reading has yet to come", () => {
    const found = elsewhereOf(halves, other(half.slice(0, 2), "11-01T01:00", [5, 6], false));
    expect(found).toMatchObject({ kwh: [5, 6, null], cut: false, to: halves.startAt[2] });
  });

  test("is none without any value", () => {
    expect(elsewhereOf(halves, other(half, "11-01T01:30", [null, null, null]))).toBeNull();
  });

  test("has the month in which its contract begins under that month", () => {
    const starts = ["09-01T00:00", "10-01T00:00", "11-01T00:00"];
    const months = seriesOf(answer(starts, "11-20T00:00", [1, 2, 3]), "MONTH", "IMPORT");
    const younger = other(["10-17T00:00", "11-01T00:00"], "11-20T00:00", [4, 5]);
    expect(elsewhereOf(months, younger)).toMatchObject({ kwh: [null, 4, 5], cut: true });
  });

  test("has the reading periods that end in the same month, though its meter is read on other days", () => {
    const read = (starts: string[], to: string, kwh: number[]): Series =>
      seriesOf(answer(starts, to, kwh), "READING_PERIOD", "IMPORT");
    const shown = read(["09-01T00:00", "09-12T00:00", "10-12T00:00"], "11-01T00:00", [1, 2, 3]);
    const starts = ["09-01T00:00", "09-25T00:00", "10-25T00:00"];
    expect(elsewhereOf(shown, other(starts, "11-01T00:00", [4, 5, 6]))?.kwh).toEqual([4, 5, 6]);
    const ended = other(starts.slice(0, 2), "10-20T00:00", [4, 5]);
    expect(elsewhereOf(shown, ended)).toMatchObject({ kwh: [4, 5, null], cut: true });
  });
});
