/** The months, reading periods and years that can be chosen from, the newest first. */

import { html, nothing } from "lit";

import { type TokyoDate, today } from "../format/dates";
import { type DateSpan, shift, spanOf, within } from "../format/spans";
import { language, texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import { clock } from "./api";
import { spanName } from "./point-names";
import { newest, type Reach, type SpanView, spanFor, visible } from "./usage-span";

const t = texts(en, ja);

/** Those that a list is short enough for. */
export type ListedView = Exclude<SpanView, "day" | "all">;

export function openSpans(view: ListedView, reach: Reach): DateSpan[] {
  const { bounds, periods } = reach;
  if (view === "period") {
    return periods.filter((period) => visible(period, bounds) !== null).reverse();
  }
  const spans: DateSpan[] = [];
  let span = spanOf(view, newest(bounds));
  while (span.to > bounds.from && bounds.from < bounds.to) {
    spans.push(span);
    span = spanOf(view, shift(view, span.from, -1));
  }
  return spans;
}

/** A list of them; `chosen` hears a date that is in the one that was chosen. */
export function spanSelect(
  view: ListedView,
  date: TokyoDate,
  reach: Reach,
  chosen: (date: TokyoDate) => void,
) {
  const shown = spanFor(view, date, reach)?.from;
  const now = today(clock.now());
  const options = openSpans(view, reach);
  const option = (span: DateSpan) => {
    const name = spanName(view, span, language());
    return html`
      <option value=${within(span.from, reach.bounds)} .selected=${span.from === shown}
        >${span.to > now ? t("running", { span: name }) : name}</option>
    `;
  };
  // The date of the address may be in none of them.
  const isThere = options.some((span) => span.from === shown);
  return html`
    <select aria-label=${t(`choose.${view}`)} @change=${(event: Event) =>
      chosen((event.target as HTMLSelectElement).value)}>
      ${isThere ? nothing : html`<option value="" .selected=${true} disabled>–</option>`}
      ${options.map(option)}
    </select>
  `;
}
