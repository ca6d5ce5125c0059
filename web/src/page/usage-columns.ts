/** The columns of the usage table: the same series as the chart, exact to the Wh. */

import { dateOf } from "../format/dates";
import { kwh, wh, yen } from "../format/numbers";
import { t as common, language, texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import { type Beside, type Compared, foundOf } from "./compared";
import { numericInstant, pointName } from "./point-names";
import type { Route } from "./route";
import { type Series, totalOf } from "./series";
import type { Column } from "./table-rows";

const t = texts(en, ja);

export function usageColumns(series: Series, beside: Beside | null): Column[] {
  const columns = [when(series), used(series), cost(series), quality(series)];
  if (series.missing.some((count) => count > 0) && series.resolution !== "HALF_HOUR") {
    columns.push(missing(series));
  }
  const found = foundOf(beside);
  return found === null ? columns : [...columns, ...compared(series, found, beside?.name ?? null)];
}

function when(series: Series): Column {
  return {
    key: "when",
    label: t("column.when"),
    value: (row) => series.startAt[row] ?? null,
    text: (row) => pointName(series, series.startAt[row] ?? 0, series.endAt[row] ?? 0, language()),
    copied: (row) => numericInstant(series.startAt[row] ?? 0),
    leadsTo: (row) => leadsTo(series, row),
    total: t("row.total"),
  };
}

/** A day of a longer span, or a month of a year: its own view. */
function leadsTo(series: Series, row: number): Partial<Route> | null {
  const date = dateOf((series.startAt[row] ?? 0) * 1000);
  if (series.resolution === "DAY") return { view: "day", date, by: null };
  if (series.resolution === "MONTH") return { view: "month", date, by: null };
  return series.resolution === "READING_PERIOD" ? { view: "period", date, by: null } : null;
}

function used(series: Series): Column {
  return {
    key: "kwh",
    label: t("column.kwh"),
    numeric: true,
    value: (row) => series.kwh[row] ?? null,
    text: (row) => kwh(series.kwh[row] ?? null),
    copied: (row) => exact(series.kwh[row]),
    wh: (row) => whOf(series.kwh[row]),
    total: kwh(totalOf(series)),
    totalWh: series.totalWh,
  };
}

function cost(series: Series): Column {
  return {
    key: "yen",
    label: t("column.yen"),
    numeric: true,
    value: (row) => series.yen[row] ?? null,
    text: (row) => yen(series.yen[row] ?? null, language(), 2),
    copied: (row) => series.yen[row]?.toFixed(2) ?? "",
    total: yen(series.totalYen, language()),
  };
}

function quality(series: Series): Column {
  return {
    key: "quality",
    label: t("column.quality"),
    value: (row) => series.quality[row] ?? null,
    text: (row) => common(series.quality[row] ?? "MISSING"),
  };
}

function missing(series: Series): Column {
  return {
    key: "missing",
    label: t("column.missing"),
    numeric: true,
    value: (row) => series.missing[row] ?? 0,
    text: (row) => String(series.missing[row] ?? 0),
  };
}

function compared(series: Series, found: Compared, name: string | null): Column[] {
  const difference = (row: number): number | null => {
    const [now, then] = [whOf(series.kwh[row]), whOf(found.kwh[row])];
    return now === null || then === null ? null : (now - then) / 1000;
  };
  return [
    {
      key: "compared",
      label: name === null ? t("column.before") : t("column.elsewhere", { name }),
      named: name !== null,
      numeric: true,
      value: (row) => found.kwh[row] ?? null,
      text: (row) => kwh(found.kwh[row] ?? null),
      copied: (row) => exact(found.kwh[row]),
      wh: (row) => whOf(found.kwh[row]),
    },
    {
      key: "difference",
      label: t("column.difference"),
      numeric: true,
      value: difference,
      text: (row) => kwh(difference(row)),
      copied: (row) => exact(difference(row)),
    },
  ];
}

const whOf = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : wh(value);

/** As spreadsheets read it: three decimals, no thousands' mark, empty where there is no value. */
const exact = (value: number | null | undefined): string => value?.toFixed(3) ?? "";
