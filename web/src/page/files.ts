/** Fetches a file by its signed address and hands it to the browser, under the name it came with. */

import { ApiError } from "../api/errors";

/** Making a workbook of 24 months takes the server seconds. */
const LIMIT_MS = 60_000;

/** The name under which it was saved. Throws ApiError with the code that the server answered. */
export async function save(address: string, signal: AbortSignal): Promise<string> {
  const answer = await fetched(address, AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]));
  if (!answer.ok) throw await refusal(answer);
  const name = nameIn(answer.headers.get("content-disposition") ?? "");
  keep(await answer.blob(), name);
  return name;
}

async function fetched(address: string, signal: AbortSignal): Promise<Response> {
  try {
    // Without headers: the signature is all that it needs.
    return await fetch(ownAddress(address), { signal, credentials: "omit" });
  } catch (error) {
    if ((error as Error).name === "TimeoutError") throw new ApiError("TIMEOUT", String(error));
    if (signal.aborted) throw error;
    throw new ApiError("NETWORK", String(error));
  }
}

/** The same file on this server: addresses begin with its public name, which need not be ours. */
export function ownAddress(address: string, page: string = location.href): string {
  const { pathname, search } = new URL(address, page);
  return pathname + search;
}

async function refusal(answer: Response): Promise<ApiError> {
  try {
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    return new ApiError(error.code, error.message);
  } catch {
    return new ApiError(answer.status === 503 ? "UNAVAILABLE" : "INTERNAL", answer.statusText);
  }
}

/** The name in a Content-Disposition: that in any script, else the plain one. */
export function nameIn(disposition: string): string {
  const coded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  if (coded !== undefined) return decodeURIComponent(coded);
  return /filename="([^"]+)"/i.exec(disposition)?.[1] ?? "download";
}

function keep(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken hold of it by the time of the next task, or soon after.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
