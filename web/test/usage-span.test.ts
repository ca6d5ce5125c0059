import { describe, expect, test } from "vitest";
import {
  barsOf,
  boundsOf,
  neighbour,
  newestOf,
  type Reach,
  spanFor,
  visible,
} from "../src/page/usage-span";

const reach: Reach = {
  bounds: { from: "2024-11-23", to: "2026-11-24" },
  periods: [
    { from: "2026-09-12", to: "2026-10-12" },
    { from: "2026-10-12", to: "2026-11-12" },
    { from: "2026-11-12", to: "2026-12-12" },
  ],
};

describe("the days that can be looked at", () => {
  const on = "2026-11-23";
  const electricity = (startOn: string, endOn: string | null = null) => ({
    kind: "ELECTRICITY" as const,
    startOn,
    endOn,
  });

  test.each([
    ["the history, where no contract is known", [], reach.bounds],
    [
      "from the begin of a younger contract",
      [electricity("2026-04-01")],
      { from: "2026-04-01", to: "2026-11-24" },
    ],
    ["from the history, of an older one", [electricity("2019-04-01")], reach.bounds],
    [
      "up to the end of the last contract",
      [electricity("2019-04-01", "2026-02-01")],
      { from: "2024-11-23", to: "2026-02-01" },
    ],
    [
      "none, before the contract begins",
      [electricity("2027-01-01")],
      { from: "2027-01-01", to: "2027-01-01" },
    ],
    ["not those of gas", [{ ...electricity("2026-04-01"), kind: "GAS" as const }], reach.bounds],
  ])("are %s", (_, contracts, bounds) => {
    expect(boundsOf({ historyMonths: 24, contracts }, on)).toEqual(bounds);
  });
});

describe("a span", () => {
  test.each([
    ["day", "2026-11-23", { from: "2026-11-23", to: "2026-11-24" }],
    ["month", "2026-11-23", { from: "2026-11-01", to: "2026-12-01" }],
    ["period", "2026-11-11", { from: "2026-10-12", to: "2026-11-12" }],
    ["period", "2026-11-12", { from: "2026-11-12", to: "2026-12-12" }],
    ["period", "2026-01-01", null],
    ["year", "2024-12-31", { from: "2024-01-01", to: "2025-01-01" }],
    ["all", "2026-11-23", reach.bounds],
  ] as const)("%s of %s", (view, date, span) => {
    expect(spanFor(view, date, reach)).toEqual(span);
  });

  test("is asked for only as far as there is history", () => {
    const { bounds } = reach;
    expect(visible({ from: "2024-01-01", to: "2025-01-01" }, bounds)?.from).toBe("2024-11-23");
    expect(visible({ from: "2024-01-01", to: "2024-11-23" }, bounds)).toBeNull();
  });
});

describe("arrows", () => {
  test.each([
    ["day", "2026-11-23", 1, null],
    ["day", "2024-11-23", -1, null],
    ["day", "2026-11-22", 1, "2026-11-23"],
    ["month", "2026-10-31", 1, "2026-11-23"],
    ["month", "2024-12-20", -1, "2024-11-23"],
    ["year", "2025-06-01", 1, "2026-06-01"],
    ["year", "2024-12-31", -1, null],
    ["period", "2026-10-15", -1, "2026-09-12"],
    ["period", "2026-10-15", 1, "2026-11-12"],
    ["period", "2026-11-20", 1, null],
    ["day", "2031-01-01", -1, null],
  ] as const)("lead from the %s of %s, %d, to %s", (view, date, step, to) => {
    expect(neighbour(view, date, step, reach)).toBe(to);
  });
});

test("of no date, the newest period is shown, also where the running one is not known", () => {
  expect(newestOf("period", reach)).toBe("2026-11-23");
  expect(newestOf("period", { ...reach, periods: reach.periods.slice(0, 2) })).toBe("2026-10-12");
  expect(newestOf("period", { ...reach, periods: [] })).toBe("2026-11-23");
});

test("bars that a view does not have become its own", () => {
  expect(barsOf("year", "hour")).toBe("month");
  expect(barsOf("month", "hour")).toBe("hour");
});
