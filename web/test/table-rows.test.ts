import { expect, test } from "vitest";
import { type Column, pageOf, pressed, sorted, tabSeparated } from "../src/page/table-rows";

const kwh = [0.3, null, 0.1, 0.3, 0];
const columns: Column[] = [
  { key: "when", label: "When", value: (row) => row, text: (row) => `=${row}` },
  {
    key: "kwh",
    label: "kWh",
    numeric: true,
    value: (row) => kwh[row] ?? null,
    text: (row) => String(kwh[row]),
    copied: (row) => kwh[row]?.toFixed(3) ?? "",
  },
];

test("rows without a value are last whichever way it is sorted, equal ones in their order", () => {
  expect([...sorted(columns, 5, { key: "kwh", down: false })]).toEqual([4, 2, 0, 3, 1]);
  expect([...sorted(columns, 5, { key: "kwh", down: true })]).toEqual([0, 3, 2, 4, 1]);
  expect([...sorted(columns, 5, { key: "gone", down: true })]).toEqual([0, 1, 2, 3, 4]);
});

test("a second press sorts the other way, another column begins upwards", () => {
  const up = pressed(null, "kwh");
  expect(up).toEqual({ key: "kwh", down: false });
  expect(pressed(up, "kwh")).toEqual({ key: "kwh", down: true });
  expect(pressed(pressed(up, "kwh"), "when")).toEqual({ key: "when", down: false });
});

test("what is copied is exact, has the order of the screen, and holds no formula", () => {
  expect(tabSeparated(columns, [1, 2])).toBe("When\tkWh\n'=1\t\n'=2\t0.100\n");
});

test("pages end where the rows do, and one that is not there becomes the nearest", () => {
  expect(pageOf(35_040, 100, 350)).toEqual({ page: 350, pages: 351, first: 35_000, end: 35_040 });
  expect(pageOf(35_040, 100, 9_999).page).toBe(350);
  expect(pageOf(0, 100, -3)).toEqual({ page: 0, pages: 1, first: 0, end: 0 });
});
