// How long to wait before the next try.

/** As `connection_ack` advises. */
export interface Advice {
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

const LONGEST_MS = 30_000;
/** The server restarts: everybody comes back, spread over the time that it asks for. */
const RESTART = 1012;

/**
 * Milliseconds before the try after `failures` in a row, of which the last ended with `closeCode`.
 * `random` is in [0, 1): who was cut off together must not come back together.
 */
export function waitMs(
  failures: number,
  closeCode: number | null,
  { minSeconds, maxSeconds }: Advice,
  random: number,
): number {
  if (closeCode === RESTART) return (minSeconds + random * (maxSeconds - minSeconds)) * 1000;
  const ceiling = Math.min(LONGEST_MS, minSeconds * 1000 * 2 ** Math.min(failures - 1, 16));
  return ceiling * (0.5 + random / 2);
}
