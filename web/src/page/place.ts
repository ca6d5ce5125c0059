/** What must be known of a place before its usage can be asked for: from when, of what. */

import type { DateSpan } from "../format/spans";
import {
  type ContractKind,
  type Direction,
  PeriodsDocument,
  PlaceDocument,
  type PlaceQuery,
} from "../generated/graphql";
import { api } from "./api";
import { lastPortal, portals } from "./portals";
import { router } from "./route";

/** Months that portals show, for one that is not told. */
const USUAL_HISTORY = 24;

type Contract = NonNullable<PlaceQuery["facility"]>["contracts"][number];

export interface Place {
  readonly historyMonths: number;
  readonly contracts: readonly Contract[];
  /** Of its contracts; null where they cannot be seen yet. */
  readonly kinds: ReadonlySet<ContractKind> | null;
}

export async function placeOf(facility: string, signal: AbortSignal): Promise<Place> {
  const portal = router.route.portal ?? lastPortal() ?? portals()[0]?.key ?? "";
  const found = await api.query(PlaceDocument, { facility, portal }, { signal });
  const contracts = found.facility?.contracts ?? [];
  return {
    historyMonths: found.portal?.historyMonths ?? USUAL_HISTORY,
    contracts,
    kinds: found.facility ? kindsOf(found.facility) : null,
  };
}

/** Null where the contracts cannot be seen yet. */
export function kindsOf(facility: {
  readonly contracts: readonly { readonly kind: ContractKind }[];
  readonly contractsAvailable: boolean;
}): Place["kinds"] {
  if (!facility.contractsAvailable) return null;
  return new Set(facility.contracts.map((contract) => contract.kind));
}

/** Whether there are half hours of a direction; of contracts that cannot be seen there may be. */
export const flows = ({ kinds }: Pick<Place, "kinds">, direction: Direction): boolean =>
  kinds === null || kinds.has(direction === "EXPORT" ? "BUY_BACK" : "ELECTRICITY");

export const hasHalfHours = (place: Place): boolean =>
  flows(place, "IMPORT") || flows(place, "EXPORT");

/** Reading periods of electricity, oldest first, the running one last where it is known. */
export async function periodsOf(facility: string, signal: AbortSignal): Promise<DateSpan[]> {
  const found = (await api.query(PeriodsDocument, { facility }, { signal })).facility;
  const known = (found?.readingPeriods.nodes ?? [])
    .map(({ startOn, endOn }) => ({ from: startOn, to: endOn }))
    .reverse();
  const running = found?.today.readingPeriod;
  if (!running) return known;
  // Both are midnights of Tokyo as the API writes them: the date stands first.
  return [...known, { from: running.from.slice(0, 10), to: running.to.slice(0, 10) }];
}
