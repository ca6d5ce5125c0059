/** What went wrong, where it went wrong, with a way to try again. */

import { html, nothing } from "lit";

import { asApiError } from "../api/errors";
import { explain } from "../text/failures";
import { t } from "../text/index";

/** Whether it says that there is no such thing, or not for the reader: trying again helps nobody. */
export function isUnknown(error: unknown): boolean {
  const { code } = asApiError(error);
  return code === "NOT_FOUND" || code === "BAD_INPUT";
}

/** `words`: how the failure is told, where it is more than the failure itself. */
export function failed(
  error: unknown,
  again: () => unknown,
  words: (problem: string) => string = (problem) => problem,
) {
  // The shell asks who has to log in again, and comes back.
  if (asApiError(error).code === "UNAUTHENTICATED") return nothing;
  return html`
    <div class="error" role="alert">
      <p>${words(explain(error))}</p>
      <button type="button" @click=${() => again()}>${t("retry")}</button>
    </div>
  `;
}
