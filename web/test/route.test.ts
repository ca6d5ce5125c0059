import { beforeAll, expect, test, vi } from "vitest";

// The module has the page's one router, which looks at the address when it is made.
vi.stubGlobal("location", { search: "", pathname: "/" });
vi.stubGlobal("document", { documentElement: {} });
vi.stubGlobal("navigator", { language: "ja" });
vi.stubGlobal("addEventListener", () => undefined);

let readRoute: typeof import("../src/page/route").readRoute;
let writeRoute: typeof import("../src/page/route").writeRoute;

beforeAll(async () => {
  ({ readRoute, writeRoute } = await import("../src/page/route"));
});

test.each([
  "",
  "?facility=abc",
  "?portal=mirai&facility=abc&view=month&date=2026-11-01&direction=EXPORT&compare=year",
  "?facility=abc&view=profile&span=year&table=1",
  "?view=today",
])("the address %s holds its view", (address) => {
  expect(writeRoute(readRoute(address))).toBe(address);
});

test.each([
  "?view=nonsense",
  "?date=2026-02-30&direction=SIDEWAYS&compare=week&table=yes",
  "?facility=&portal=&by=second&span=forever",
])("what is wrong in %s is the default", (address) => {
  expect(writeRoute(readRoute(address))).toBe("");
});

test("a facility shows today, unless the address says otherwise", () => {
  expect(readRoute("?facility=abc").view).toBe("today");
  expect(readRoute("").view).toBe("facilities");
});
