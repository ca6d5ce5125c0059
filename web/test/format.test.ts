import { expect, test } from "vitest";
import * as dates from "../src/format/dates";
import { change, kwh, sumWh, yen } from "../src/format/numbers";
import { clamp, history, instants, shift, spanOf, within } from "../src/format/spans";

test("a day begins and ends at midnight in Tokyo, wherever the reader is", () => {
  expect(dates.dateOf("2026-11-21T14:59:59Z")).toBe("2026-11-21");
  expect(dates.dateOf("2026-11-21T15:00:00Z")).toBe("2026-11-22");
  expect(dates.timeOf("2026-11-22T09:30:00+09:00")).toBe("09:30");
  expect(dates.startOf("2026-11-22")).toBe(Date.parse("2026-11-21T15:00:00Z"));
});

test("months later end in the month, and over the years", () => {
  expect(dates.addMonths("2026-01-31", 1)).toBe("2026-02-28");
  expect(dates.addMonths("2024-03-31", -1)).toBe("2024-02-29");
  expect(dates.addMonths("2026-11-30", 3)).toBe("2027-02-28");
  expect(dates.addMonths("2026-01-15", -13)).toBe("2024-12-15");
});

test("only days that there are count as dates", () => {
  expect(["2026-02-28", "2024-02-29"].every(dates.isDate)).toBe(true);
  expect(["2026-02-29", "2026-13-01", "2026-1-1", "", "<b>", null].some(dates.isDate)).toBe(false);
});

test("dates are written as each language writes them, without eras", () => {
  expect(dates.longDate("2026-11-22", "ja")).toBe("2026年11月22日(日)");
  expect(dates.longDate("2026-11-22", "en")).toBe("Sun 22 November 2026");
  expect(dates.shortDate("2026-11-23", "ja")).toBe("11/23(月)");
  expect(dates.monthName("2026-01-01", "en")).toBe("January 2026");
});

test("quantities have three digits, a real minus, and a dash where there is none", () => {
  expect([1234.5, -0.25, 0, null].map((value) => kwh(value))).toEqual([
    "1,234.500",
    "−0.250",
    "0.000",
    "–",
  ]);
  expect(yen(-1234, "ja")).toBe("−1,234円");
  expect(yen(-1234, "en")).toBe("−¥1,234");
  expect([change(112, 100), change(97, 100), change(1, 0)]).toEqual(["+12%", "−3%", "–"]);
  expect([change(382.5, 383.895), kwh(-0.0004)]).toEqual(["±0%", "0.000"]);
});

test("sums are made of whole Wh, so that no fraction is left over", () => {
  expect(sumWh([0.1, 0.2, null, 0.3])).toBe(600);
  expect(sumWh(Array<number>(35_040).fill(0.1))).toBe(3_504_000);
});

test("spans of the calendar are half-open and move by their own length", () => {
  expect(spanOf("day", "2026-12-31")).toEqual({ from: "2026-12-31", to: "2027-01-01" });
  expect(spanOf("month", "2026-02-14")).toEqual({ from: "2026-02-01", to: "2026-03-01" });
  expect(spanOf("year", "2026-02-14")).toEqual({ from: "2026-01-01", to: "2027-01-01" });
  expect(shift("year", "2024-02-29", 1)).toBe("2025-02-28");
  expect(instants(spanOf("day", "2026-11-22")).from).toBe("2026-11-22T00:00:00+09:00");
});

test("nothing outside of the history is asked for", () => {
  const bounds = history(Date.parse("2026-11-22T15:30:00Z"), 24);
  expect(bounds).toEqual({ from: "2024-11-23", to: "2026-11-24" });
  expect(clamp(spanOf("year", "2024-06-01"), bounds)).toEqual({
    from: "2024-11-23",
    to: "2025-01-01",
  });
  expect(clamp(spanOf("year", "2020-06-01"), bounds)).toEqual({
    from: "2024-11-23",
    to: "2024-11-23",
  });
  expect(within("2030-01-01", bounds)).toBe("2026-11-23");
});
