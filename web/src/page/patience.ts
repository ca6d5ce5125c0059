// Doing something again until it works, later and later, where the fault is one that passes.

import { asApiError, isAbort } from "../api/errors";

const PASSING = new Set(["NETWORK", "TIMEOUT", "UNAVAILABLE", "RATE_LIMITED"]);
const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;

export function passes(error: unknown): boolean {
  return PASSING.has(asApiError(error).code);
}

/**
 * What `task` answers in the end; `failed` hears of every fault. Throws what does not pass, and
 * when it is stopped.
 */
export async function patiently<T>(
  task: () => Promise<T>,
  failed: (error: unknown) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let wait = FIRST_MS; ; wait = Math.min(wait * 2, LONGEST_MS)) {
    try {
      return await task();
    } catch (error) {
      if (isAbort(error) || signal.aborted || !passes(error)) throw error;
      failed(error);
      await pause(wait * (0.75 + Math.random() / 2), signal);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stopped);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stopped, { once: true });
  });
}
