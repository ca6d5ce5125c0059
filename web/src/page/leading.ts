/** Ways to other views of the page: real addresses, that are followed without a new page. */

import { html, type TemplateResult } from "lit";

import { type Route, router, turned, writeRoute } from "./route";

/** Tells the shell; `replace` where it is no step of its own of the history. */
export function navigate(from: EventTarget, part: Partial<Route>, replace = false): void {
  const detail = replace ? { ...part, replace } : part;
  from.dispatchEvent(new CustomEvent("navigate", { detail, bubbles: true, composed: true }));
}

/** What a link needs that changes a part of the address. */
export function pressing(part: Partial<Route>) {
  const follow = (event: MouseEvent) => {
    // With a key held down it is the browser's: a new tab, a new window, a file.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(event.currentTarget as HTMLElement, part);
  };
  return { address: location.pathname + writeRoute(turned(router.route, part)), follow };
}

/** The text, as a link where it leads somewhere. */
export function leading(text: string, part: Partial<Route> | null): TemplateResult | string {
  if (part === null) return text;
  const { address, follow } = pressing(part);
  return html`<a href=${address} @click=${follow}>${text}</a>`;
}
