// Which portals there are, as the server wrote into the page, and which one was used last.

import { keep, kept } from "./kept";

export interface PortalName {
  readonly key: string;
  readonly name: string;
}

export interface DemoLogIn {
  readonly portal: string;
  readonly loginId: string;
  readonly password: string;
}

const LAST = "kenshin.portal";
/** For as long as the page lasts, where the browser keeps nothing. */
let last: string | null = null;

export function portals(): readonly PortalName[] {
  return read<PortalName[]>("kenshin-portals") ?? [];
}

export function portalName(key: string | null): string | null {
  return portals().find((portal) => portal.key === key)?.name ?? null;
}

/** The log-in that everybody may use; null unless this is the demo. */
export function demoLogIn(): DemoLogIn | null {
  return read<DemoLogIn>("kenshin-demo");
}

export function lastPortal(): string | null {
  return kept("localStorage", LAST) ?? last;
}

export function rememberPortal(key: string): void {
  last = key;
  keep("localStorage", LAST, key);
}

/** JSON of a `<meta>`; null where it is not there. */
function read<T>(name: string): T | null {
  const content = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content;
  return content ? (JSON.parse(content) as T) : null;
}
