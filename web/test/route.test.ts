import { beforeAll, describe, expect, test, vi } from "vitest";

// The module has the page's one router, which looks at the address when it is made.
vi.stubGlobal("location", { search: "", pathname: "/" });
vi.stubGlobal("document", { documentElement: {} });
vi.stubGlobal("navigator", { language: "ja" });
vi.stubGlobal("addEventListener", () => undefined);

let readRoute: typeof import("../src/page/route").readRoute;
let turned: typeof import("../src/page/route").turned;
let writeRoute: typeof import("../src/page/route").writeRoute;

beforeAll(async () => {
  ({ readRoute, turned, writeRoute } = await import("../src/page/route"));
});

test.each([
  "",
  "?facility=abc",
  "?portal=mirai&facility=abc&view=month&date=2026-11-01&direction=EXPORT&compare=year",
  "?facility=abc&view=month&compare=facility&with=def",
  "?facility=abc&view=profile&span=year&table=1",
  "?view=today",
])("the address %s holds its view", (address) => {
  expect(writeRoute(readRoute(address))).toBe(address);
});

test.each([
  "?view=nonsense",
  "?date=2026-02-30&direction=SIDEWAYS&compare=week&table=yes",
  "?with=def",
  "?facility=&portal=&by=second&span=forever",
])("what is wrong in %s is the default", (address) => {
  expect(writeRoute(readRoute(address))).toBe("");
});

test("a facility shows today, unless the address says otherwise", () => {
  expect(readRoute("?facility=abc").view).toBe("today");
  expect(readRoute("").view).toBe("facilities");
});

describe("the facility that is compared with", () => {
  const address = "?facility=abc&view=month&compare=facility&with=def";

  test.each([
    ["stays in other views", { view: "year" }, address.replace("month", "year")],
    ["stays beside another facility", { facility: "ghi" }, address.replace("abc", "ghi")],
    ["changes places with the one shown", { facility: "def" }, swapped(address)],
    ["goes with its comparison", { compare: "year" }, "?facility=abc&view=month&compare=year"],
    ["is never the one shown", { with: "abc" }, "?facility=abc&view=month&compare=facility"],
  ] as const)("%s", (_, part, to) => {
    expect(writeRoute(turned(readRoute(address), part))).toBe(to);
  });

  test("is none where an address names the one shown", () => {
    expect(readRoute(address.replace("def", "abc"))).toMatchObject({ with: null });
  });
});

function swapped(address: string): string {
  return address.replace("abc", "-").replace("def", "abc").replace("-", "def");
}
