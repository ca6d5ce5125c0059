/** The series as the chart takes it, with room for what is still to come. */

import type { ChartColumns } from "../chart/element";
import { startOf } from "../format/dates";
import type { Compared } from "./compared";
import type { Picture } from "./usage-load";

const made = new WeakMap<object, ChartColumns>();

/** The same object for the same picture: the chart draws anew only when it is another one. */
export function chartColumns(picture: Picture): ChartColumns {
  return once(picture, () => {
    const { series } = picture;
    return {
      ...spanOf(picture),
      startAt: series.startAt,
      kwh: series.kwh,
      // The API tells how certain the values are that are there; the chart, that some are not.
      quality: series.quality.map((quality, row) => (series.missing[row] ? "MISSING" : quality)),
    };
  });
}

/** What it is compared with, standing under the dates of the picture. */
export function comparedColumns(picture: Picture, found: Compared | null): ChartColumns | null {
  if (found === null) return null;
  return once(found, () => ({
    ...spanOf(picture),
    startAt: picture.series.startAt,
    kwh: found.kwh,
  }));
}

const spanOf = ({ span }: Picture) => ({
  from: startOf(span.from) / 1000,
  to: startOf(span.to) / 1000,
});

function once(of: object, make: () => ChartColumns): ChartColumns {
  const known = made.get(of);
  if (known !== undefined) return known;
  const columns = make();
  made.set(of, columns);
  return columns;
}
