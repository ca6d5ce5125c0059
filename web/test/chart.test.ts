import { describe, expect, it } from "vitest";
import { DAY, frameOf, HALF_HOUR } from "../src/chart/frame";
import { keyStep } from "../src/chart/keys";
import { has, pixelColumns } from "../src/chart/pixels";
import { type ChartColumns, type Quality, State, slotsOf } from "../src/chart/slots";
import { summaryOf } from "../src/chart/summary";
import { slotTicks, timeTicks } from "../src/chart/ticks";
import { valueSteps } from "../src/chart/value-steps";

const NAMES = {
  day: (at: number) => `d${new Date((at + 32_400) * 1000).getUTCDate()}`,
  month: (at: number) => `m${new Date((at + 32_400) * 1000).getUTCMonth() + 1}`,
  year: (at: number) => `y${new Date((at + 32_400) * 1000).getUTCFullYear()}`,
};

const tokyo = (text: string): number => Date.parse(`${text}+09:00`) / 1000;
const MIDNIGHT = tokyo("2026-11-22T00:00:00");

function halfHours(kwh: (number | null)[], quality?: Quality[]): ChartColumns {
  const startAt = kwh.map((_, i) => MIDNIGHT + i * HALF_HOUR);
  return { startAt, kwh, from: MIDNIGHT, to: MIDNIGHT + DAY, ...(quality && { quality }) };
}

describe("slots", () => {
  it("leave room for the rest of the day, and tell a gap from a zero and from what is to come", () => {
    const slots = slotsOf(halfHours([0.5, null, 0]), "HALF_HOUR");

    expect(slots.count).toBe(48);
    expect([...slots.states.slice(0, 4)]).toEqual([
      State.SETTLED,
      State.GAP,
      State.SETTLED,
      State.NONE,
    ]);
    expect(slots.kwh[2]).toBe(0);
  });

  it("take one value in place, and none of another span", () => {
    const slots = slotsOf(halfHours([0.5]), "HALF_HOUR");

    expect(slots.put(MIDNIGHT + HALF_HOUR, 0.25, "PROVISIONAL")).toBe(true);
    expect(slots.put(MIDNIGHT + DAY, 9, "SETTLED")).toBe(false);
    expect(slots.put(MIDNIGHT - 1, 9, "SETTLED")).toBe(false);
    expect([slots.kwh[1], slots.states[1]]).toEqual([0.25, State.PROVISIONAL]);
    expect(slots.highest(0, 48)).toBe(0.5);
  });

  it("put a series that begins later where it belongs", () => {
    const late = {
      startAt: [MIDNIGHT + 2 * DAY],
      kwh: [7],
      from: MIDNIGHT,
      to: MIDNIGHT + 3 * DAY,
    };

    expect([...slotsOf(late, "DAY").states]).toEqual([State.NONE, State.NONE, State.SETTLED]);
  });

  it("are as long as their months", () => {
    const starts = [tokyo("2026-01-01T00:00:00"), tokyo("2026-02-01T00:00:00")];
    const frame = frameOf(starts, { to: tokyo("2026-03-01T00:00:00") }, "MONTH");

    expect([frame.count, frame.endOf(1)]).toEqual([2, tokyo("2026-03-01T00:00:00")]);
    expect(frame.indexOf(tokyo("2026-01-31T23:30:00"))).toBe(0);
  });

  it("call a day incomplete that has a value, but not of all half hours", () => {
    const columns = { startAt: [MIDNIGHT], kwh: [8.25], quality: ["MISSING"] as Quality[] };

    expect(slotsOf(columns, "DAY").states[0]).toBe(State.PARTIAL);
  });
});

describe("a summary", () => {
  it("adds up to the Wh, and joins gaps that lie side by side", () => {
    const summary = summaryOf(
      slotsOf(halfHours([0.1, 0.2, null, null, 0.7, null, 0.7]), "HALF_HOUR"),
    );

    expect(summary.totalWh).toBe(1700);
    expect(summary.peak).toBe(4);
    expect(summary.gaps).toEqual([
      { from: MIDNIGHT + 2 * HALF_HOUR, to: MIDNIGHT + 4 * HALF_HOUR },
      { from: MIDNIGHT + 5 * HALF_HOUR, to: MIDNIGHT + 6 * HALF_HOUR },
    ]);
    expect(summary.counts[State.NONE]).toBe(41);
  });

  it("has no highest value where there is none", () => {
    expect(summaryOf(slotsOf(halfHours([]), "HALF_HOUR")).peak).toBe(-1);
  });
});

describe("columns of pixels", () => {
  const kwh = Array.from({ length: 35_040 }, (_, i) => (i === 20_000 ? 9 : (i % 48) / 48));
  kwh[30] = Number.NaN;
  const slots = slotsOf(
    {
      startAt: kwh.map((_, i) => MIDNIGHT + i * HALF_HOUR),
      kwh: kwh.map((value) => (Number.isNaN(value) ? null : value)),
    },
    "HALF_HOUR",
  );

  it.each([1, 7, 640, 1000, 35_040, 50_000])("lose no peak, gap or value at %i", (width) => {
    const { highest, mean, states } = pixelColumns(slots, 0, 35_040, width);

    expect(highest.length).toBe(width);
    expect(highest.filter((top) => top === 9)).toHaveLength(1);
    expect(states.filter((seen) => has(seen, State.GAP))).toHaveLength(1);
    expect(mean.every((value, x) => Number.isNaN(value) || value <= (highest[x] as number))).toBe(
      true,
    );
  });

  it("stand for every slot exactly once", () => {
    const ones = slotsOf(halfHours(Array.from({ length: 48 }, (_, i) => i)), "HALF_HOUR");
    const { mean } = pixelColumns(ones, 0, 48, 7);

    expect([...mean]).toEqual([3, 10, 17, 24, 31, 38, 44.5].map((n) => expect.closeTo(n, 9)));
  });
});

describe("labels of the axis", () => {
  const labels = (
    columns: ChartColumns,
    resolution: "HALF_HOUR" | "DAY" | "MONTH",
    width: number,
  ) => {
    const { frame } = slotsOf(columns, resolution);
    return timeTicks(frame, 0, frame.count, width, NAMES);
  };

  it("are hours of a day, as many as there is room for", () => {
    const wide = labels(halfHours([1]), "HALF_HOUR", 600);
    const narrow = labels(halfHours([1]), "HALF_HOUR", 250);

    expect(wide.map(({ label }) => label).slice(0, 3)).toEqual(["00:00", "02:00", "04:00"]);
    expect(narrow.map(({ label }) => label)).toEqual(["00:00", "06:00", "12:00", "18:00", "24:00"]);
    expect(narrow.map(({ position }) => position)).toEqual([0, 12, 24, 36, 48]);
  });

  it("are days of a month, below their bars", () => {
    const from = tokyo("2026-10-01T00:00:00");
    const month = { startAt: [from], kwh: [1], from, to: tokyo("2026-11-01T00:00:00") };

    const ticks = labels(month, "DAY", 400);

    expect(ticks.map(({ label }) => label)).toEqual(["d1", "d6", "d11", "d16", "d21", "d26"]);
    expect(ticks[1]?.position).toBe(5.5);
  });

  it("are months of two years of half hours, and January is its year", () => {
    const from = tokyo("2024-11-22T00:00:00");
    const years = { startAt: [from], kwh: [1], from, to: MIDNIGHT };

    const ticks = labels(years, "HALF_HOUR", 600);

    expect(ticks.map(({ label }) => label)).toEqual([
      "y2025",
      "m4",
      "m7",
      "m10",
      "y2026",
      "m4",
      "m7",
      "m10",
    ]);
    expect(ticks[0]?.position).toBe(40 * 48);
  });

  it("skip slots that there is no room for", () => {
    expect(slotTicks(0, 7, 100, 30, String).map(({ label }) => label)).toEqual(["0", "3", "6"]);
  });
});

describe("keys", () => {
  it("step, enter from their side, and stop at the ends", () => {
    const step = (key: string, at: number | null) => keyStep(key, at, 48, "HALF_HOUR");

    expect([step("ArrowRight", null), step("ArrowLeft", null)]).toEqual([0, 47]);
    expect([step("ArrowRight", 47), step("ArrowLeft", 5), step("PageUp", 0)]).toEqual([47, 4, 6]);
    expect([step("Home", 9), step("End", 9), step("Escape", 9)]).toEqual([0, 47, null]);
    expect(step("a", 9)).toBeUndefined();
  });
});

describe("lines of the axis of values", () => {
  it.each([
    [0.55, 4, 0.2],
    [14.3, 5, 5],
    [448, 5, 100],
    [1, 4, 0.25],
    [0.001, 3, 0.0005],
  ])("up to %d with at most %d steps are %d apart", (highest, most, step) => {
    const found = valueSteps(highest, most);

    expect(found.step).toBeCloseTo(step, 9);
    expect(found.values[0]).toBe(0);
    expect(found.values.length - 1).toBeLessThanOrEqual(most);
    expect(found.values.at(-1)).toBeLessThanOrEqual(highest * 1.000001);
  });
});
