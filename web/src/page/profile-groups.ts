/** Groups of a profile, as the chart and the table have them. */

import type { ChartColumns } from "../chart/element";
import { weekdayName } from "../format/dates";
import { count, kwh } from "../format/numbers";
import { language, texts } from "../text/index";
import { en } from "../text/profile.en";
import { ja } from "../text/profile.ja";
import type { Groups, Profile } from "./profile-load";
import type { Column } from "./table-rows";

const t = texts(en, ja);
export type GroupKind = keyof Pick<Profile, "halfHours" | "weekdays" | "dayKinds">;

const columnsOf = new WeakMap<Groups, ChartColumns>();

/** The same object for the same groups: the chart draws anew only when they are others. */
export function groupColumns(groups: Groups): ChartColumns {
  const known = columnsOf.get(groups);
  if (known !== undefined) return known;
  const columns = {
    startAt: groups.map(({ group }) => group),
    kwh: groups.map(({ averageKwh }) => averageKwh ?? null),
  };
  columnsOf.set(groups, columns);
  return columns;
}

export const groupNames = (kind: GroupKind, groups: Groups): string[] =>
  groups.map(({ group }) => groupName(kind, group));

function groupName(kind: GroupKind, group: number): string {
  if (kind === "halfHours") return `${clockTime(group)}–${clockTime(group + 1)}`;
  if (kind === "weekdays") return weekdayName(group, language(), "long");
  return group === 0 ? t("dayKind.0") : t("dayKind.1");
}

/** Of 0 to 48 half hours since midnight. */
const clockTime = (halfHours: number): string =>
  `${String(Math.floor(halfHours / 2)).padStart(2, "0")}:${halfHours % 2 === 0 ? "00" : "30"}`;

/** Which half hour of the day is the highest, in words; nothing where none has a value. */
export function highest(groups: Groups): string {
  let top: Groups[number] | null = null;
  for (const one of groups) {
    if (one.averageKwh != null && one.averageKwh > (top?.averageKwh ?? -1)) top = one;
  }
  if (top === null) return "";
  const group = groupName("halfHours", top.group);
  return t("highest.halfHours", { group, kwh: kwh(top.averageKwh) });
}

export function tableColumns(kind: GroupKind, groups: Groups): Column[] {
  return [
    {
      key: "group",
      label: t(`group.${kind}`),
      value: (row) => row,
      text: (row) => groupName(kind, groups[row]?.group ?? row),
    },
    {
      key: "average",
      label: kind === "halfHours" ? t("average.halfHours") : t("average.days"),
      numeric: true,
      value: (row) => groups[row]?.averageKwh ?? null,
      text: (row) => kwh(groups[row]?.averageKwh),
      copied: (row) => groups[row]?.averageKwh?.toString() ?? "",
    },
    {
      key: "count",
      label: t("count"),
      numeric: true,
      value: (row) => groups[row]?.halfHours ?? 0,
      text: (row) => count(groups[row]?.halfHours ?? 0),
      copied: (row) => String(groups[row]?.halfHours ?? 0),
    },
  ];
}
