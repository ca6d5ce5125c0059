/** A labelled list of the member's other places. */

import { texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import { choice } from "./choice";
import type { Listed } from "./facility-list";

const t = texts(en, ja);
const NONE = "";

export function placeChoice(
  places: readonly Listed[],
  chosen: string | null,
  choose: (id: string) => void,
) {
  const names = namesOf(places);
  const now = chosen !== null && names.has(chosen) ? chosen : NONE;
  const choices = now === NONE ? [NONE, ...names.keys()] : [...names.keys()];
  const name = (id: string) => names.get(id) ?? t("choose.place.none");
  return choice(t("choose.place"), choices, now, name, choose);
}

/** By id; with the address where several have the same name. */
function namesOf(places: readonly Listed[]): Map<string, string> {
  const times = new Map<string, number>();
  for (const { name } of places) times.set(name, (times.get(name) ?? 0) + 1);
  return new Map(
    places.map(({ id, name, address }) => [
      id,
      times.get(name) === 1 ? name : t("place.at", { name, address }),
    ]),
  );
}
