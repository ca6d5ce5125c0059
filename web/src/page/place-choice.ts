/** A labelled list of the member's other places. */

import { html, nothing } from "lit";

import { texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import type { Listed } from "./facility-list";
import { scriptOf } from "./script-of";

const t = texts(en, ja);

export function placeChoice(
  places: readonly Listed[],
  now: string | null,
  chosen: (id: string) => void,
) {
  const change = (event: Event) => chosen((event.target as HTMLSelectElement).value);
  const named = namesOf(places);
  return html`
    <label class="choice">
      ${t("choose.place")}
      <select @change=${change}>
        ${
          places.some(({ id }) => id === now)
            ? nothing
            : html`<option value="" .selected=${true} disabled>${t("choose.place.none")}</option>`
        }
        ${places.map(
          ({ id }, at) => html`
            <option value=${id} lang=${scriptOf(named[at] ?? "")} .selected=${id === now}
              >${named[at]}</option>
          `,
        )}
      </select>
    </label>
  `;
}

/** With the address where several have the same name. */
function namesOf(places: readonly Listed[]): string[] {
  const times = new Map<string, number>();
  for (const { name } of places) times.set(name, (times.get(name) ?? 0) + 1);
  return places.map(({ name, address }) =>
    times.get(name) === 1 ? name : t("place.at", { name, address }),
  );
}
