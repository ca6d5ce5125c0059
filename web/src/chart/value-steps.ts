// Where the axis of values has lines.

/** At most `most` steps from 0 up to `highest`, at values that are easily read. */
export function valueSteps(highest: number, most: number): { step: number; values: number[] } {
  const step = niceStep(highest / Math.max(1, most));
  const count = Math.floor(highest / step + 1e-9);
  // Counted, not added up, which would drift.
  return { step, values: Array.from({ length: count + 1 }, (_, i) => i * step) };
}

/** The smallest of 1, 2, 2.5 and 5, and their tenfolds, that is at least so much. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 2.5, 5].find((nice) => nice * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}
