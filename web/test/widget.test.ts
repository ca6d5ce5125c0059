import { describe, expect, it } from "vitest";
import type { Quality } from "../src/chart/slots";
import { WidgetAccess } from "../src/widget/access";
import { HalfHours } from "../src/widget/half-hours";
import { widgetSpan } from "../src/widget/span";

const MIDNIGHT = Date.parse("2026-11-22T00:00:00+09:00") / 1000;
const DAY = 86_400;

const at = (time: string, day = 22) => `2026-11-${day}T${time}:00+09:00`;
const reading = (time: string, kwh: number | null, quality: Quality = "SETTLED") => ({
  startAt: at(time),
  kwh,
  quality,
});

function halfHours(...kwh: (number | null)[]): HalfHours {
  const startAt = kwh.map((_, i) => new Date((MIDNIGHT + i * 1800) * 1000).toISOString());
  const quality = kwh.map((value): Quality => (value === null ? "MISSING" : "SETTLED"));
  return new HalfHours(MIDNIGHT, MIDNIGHT + DAY, { startAt, kwh, quality });
}

describe("half hours", () => {
  it("add up to the Wh, and a reading that comes twice or again changes nothing but its own", () => {
    const day = halfHours(0.1, 0.2, 0.7);

    expect(day.totalWh).toBe(1000);
    day.put(reading("01:30", 0.3, "PROVISIONAL"));
    day.put(reading("01:30", 0.3, "PROVISIONAL"));
    expect(day.totalWh).toBe(1300);
    day.put(reading("00:30", 0.25));
    expect(day.totalWh).toBe(1350);
    expect(day.halfHours().kwh).toEqual([0.1, 0.25, 0.7, 0.3]);
  });

  it("call what was skipped a gap, until it comes", () => {
    const day = halfHours(0.1);

    day.put(reading("02:00", 0.5));
    expect(day.halfHours().kwh).toEqual([0.1, null, null, null, 0.5]);
    expect([day.missing, day.asOf]).toEqual([3, MIDNIGHT + 2.5 * 3600]);
    day.put(reading("00:30", 0.2));
    expect(day.missing).toBe(2);
  });

  it("begin with the contract, and earlier if a reading says so", () => {
    const startAt = [at("03:00")];
    const rows = { startAt, kwh: [1], quality: ["SETTLED"] as Quality[] };
    const day = new HalfHours(MIDNIGHT, MIDNIGHT + DAY, rows);

    expect([day.missing, day.halfHours().startAt[0]]).toEqual([0, MIDNIGHT + 3 * 3600]);
    day.put(reading("02:00", 2));
    expect([day.missing, day.totalWh]).toEqual([1, 3000]);
  });

  it("say of a reading whether it is theirs, or of a later day", () => {
    const day = halfHours();

    expect(day.put({ startAt: at("00:00", 23), kwh: 9, quality: "SETTLED" })).toBe("after");
    expect(day.put({ startAt: at("23:30", 21), kwh: 9, quality: "SETTLED" })).toBe("elsewhere");
    expect([day.totalWh, day.asOf]).toEqual([0, null]);
  });

  it("know what was used by some time", () => {
    expect(halfHours(0.1, 0.2, 0.4).whBefore(MIDNIGHT + 3600)).toBe(300);
    expect(halfHours(0.1, 0.2, 0.4).whBefore(MIDNIGHT + DAY)).toBe(700);
  });

  it("make days that are as certain as their least certain half hour", () => {
    const from = MIDNIGHT - DAY;
    const rows = { startAt: [at("23:00", 21), at("23:30", 21)], kwh: [1, 2] };
    const quality: Quality[] = ["SETTLED", "PROVISIONAL"];
    const month = new HalfHours(from, from + 3 * DAY, { ...rows, quality });
    month.put(reading("00:30", 4));

    const days = month.days();
    expect(days.startAt).toEqual([from, MIDNIGHT]);
    expect(days.kwh).toEqual([3, 4]);
    expect(days.quality).toEqual(["PROVISIONAL", "MISSING"]);
  });
});

describe("the span of a widget", () => {
  const now = Date.parse("2026-11-22T00:10:00+09:00");

  it.each([
    ["today", null, "2026-11-22", "2026-11-23", "2026-11-21"],
    ["today", "2026-01-01", "2026-11-22", "2026-11-23", "2026-11-21"],
    ["day", null, "2026-11-21", "2026-11-22", "2026-11-20"],
    ["day", "2027-01-01", "2026-11-22", "2026-11-23", "2026-11-21"],
    ["month", null, "2026-11-01", "2026-12-01", "2026-10-01"],
    ["month", "2026-03-31", "2026-03-01", "2026-04-01", "2026-02-01"],
  ] as const)("of %s at %s is from %s to %s", (view, date, from, to, before) => {
    expect(widgetSpan(view, date, now)).toEqual({ from, to, before: { from: before, to: from } });
  });
});

describe("the token of a widget", () => {
  it("is asked for once by all who need another, with the one that has ended", async () => {
    const asked: (string | null)[] = [];
    const access = new WidgetAccess();
    access.take("old");
    access.callback = async (expired) => {
      asked.push(expired);
      return "new";
    };

    expect(await access.token()).toBe("old");
    expect(await Promise.all([access.renew("old"), access.renew("old")])).toEqual(["new", "new"]);
    expect(await access.renew("old")).toBe("new");
    expect(asked).toEqual(["old"]);
  });

  it("that the page sets meanwhile is taken without asking", async () => {
    const access = new WidgetAccess();
    access.take("old");
    access.take("newer");

    expect(await access.renew("old")).toBe("newer");
    expect(await access.renew("newer")).toBeNull();
  });

  it("that is taken away stays away, whatever was being asked for", async () => {
    let answer: (token: string) => void = () => undefined;
    const access = new WidgetAccess();
    access.take("old");
    access.callback = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const renewed = access.renew("old");
    access.take(null);
    access.callback = null;
    answer("late");

    expect(await renewed).toBeNull();
    expect(await access.token()).toBeNull();
  });

  it("can be asked for again after the page could not tell it", async () => {
    const answers = [Promise.reject(new Error("offline")), Promise.resolve("late")];
    const access = new WidgetAccess();
    access.callback = () => answers.shift() ?? null;

    await expect(access.token()).rejects.toMatchObject({ code: "NETWORK" });
    expect(await access.token()).toBe("late");
  });
});
