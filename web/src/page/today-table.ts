/** The running day as rows: its half hours beside those of the day before. */

import { timeOf } from "../format/dates";
import { kwh, kwhOf } from "../format/numbers";
import { t as common, texts } from "../text/index";
import { en } from "../text/today.en";
import { ja } from "../text/today.ja";
import { type HalfHour, type RunningDay, SLOTS } from "./running-day";
import type { Column } from "./table-rows";
import { endOfSlot } from "./today-cards";

const t = texts(en, ja);

export function todayColumns(day: RunningDay): readonly Column[] {
  return [
    {
      key: "time",
      label: t("time"),
      value: (row) => row,
      total: common("total"),
      text: (row) => `${timeOf(day.startOfSlot(row))}–${endOfSlot(day, row)}`,
    },
    energy("today", t("today"), day.today, day.totalWh),
    energy("yesterday", t("yesterday short"), day.yesterday, day.yesterdayWh),
    {
      key: "quality",
      label: t("quality"),
      value: (row) => qualityOf(day.today[row]),
      text: (row) => qualityOf(day.today[row]),
    },
  ];
}

export { SLOTS as ROWS };

function energy(
  key: string,
  label: string,
  halves: readonly (HalfHour | null)[],
  totalWh: number,
): Column {
  const whOf = (row: number) => halves[row]?.wh ?? null;
  const textOf = (row: number) => {
    const wh = whOf(row);
    return halves[row] ? kwh(wh === null ? null : kwhOf(wh)) : "";
  };
  return {
    key,
    label: `${label} (kWh)`,
    numeric: true,
    value: whOf,
    text: textOf,
    wh: whOf,
    total: kwh(kwhOf(totalWh)),
    totalWh,
  };
}

function qualityOf(half: HalfHour | null | undefined): string {
  return half ? common(half.quality) : "";
}
