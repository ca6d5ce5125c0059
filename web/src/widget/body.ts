// What a widget shows of a place once it is known: of when, how much, against what, as chart and table.

import { html, nothing, type TemplateResult } from "lit";
import { HALF_HOUR } from "../chart/frame";
import type { ChartColumns } from "../chart/slots";
import {
  addDays,
  dateTime,
  longDate,
  monthName,
  type TokyoDate,
  timeOf,
  today,
} from "../format/dates";
import { change, kwh, kwhOf } from "../format/numbers";
import type { Language } from "../text/say";
import type { Shown } from "./feed";
import type { WidgetView } from "./span";
import { usageTable } from "./table";
import type { Speak } from "./words";

export interface Scene {
  readonly shown: Shown;
  readonly view: WidgetView;
  readonly columns: ChartColumns;
  readonly compare: ChartColumns | null;
  readonly lang: Language;
  readonly say: Speak;
  /** By the server's clock, in ms since 1970. */
  readonly now: number;
  /** Show another day or month. */
  go(date: TokyoDate): void;
}

const AGAINST = { today: "time", day: "day", month: "month" } as const;

export function body(scene: Scene): TemplateResult {
  const { shown, view, columns, lang, say } = scene;
  const { current, before } = shown;
  const daily = view === "month";
  const heading = `${shown.name} ${when(scene)}`;
  return html`
    ${navigation(scene)}
    <p class="figure" part="total" data-wh=${current.totalWh}>
      ${say("total", { kwh: kwh(kwhOf(current.totalWh)) })}
      ${soFar(scene)}
    </p>
    ${before ? comparison(scene) : nothing}
    ${current.missing ? html`<p class="beside">${say("missing", { n: current.missing })}</p>` : nothing}
    <k-small-chart
      part="chart"
      .columns=${columns}
      .compare=${scene.compare}
      .liveAt=${daily ? null : runningAt(scene)}
      resolution=${daily ? "DAY" : "HALF_HOUR"}
      heading=${heading}
      compare-label=${say(`before-${AGAINST[view]}`)}
      lang=${lang}
    ></k-small-chart>
    ${usageTable(columns, daily, heading, say, lang)}
  `;
}

function when({ shown: { span }, view, lang, say }: Scene): string {
  if (view === "month") return monthName(span.from, lang);
  const date = longDate(span.from, lang);
  return view === "today" ? say("today", { date }) : date;
}

function navigation(scene: Scene): TemplateResult {
  const { view, say, go } = scene;
  const { span } = scene.shown;
  const shownDays = html`<span part="when">${when(scene)}</span>`;
  if (view === "today") return html`<p class="when">${shownDays}</p>`;
  return html`<div class="when" part="navigation">
    <button
      type="button"
      aria-label=${say("earlier")}
      @click=${() => go(addDays(span.from, -1))}
    >
      ‹
    </button>
    ${shownDays}
    <button
      type="button"
      aria-label=${say("later")}
      ?disabled=${isRunning(scene)}
      @click=${() => go(span.to)}
    >
      ›
    </button>
  </div>`;
}

function soFar({ shown: { current }, view, lang, say }: Scene): TemplateResult | typeof nothing {
  const { asOf } = current;
  if (asOf === null) return html`<small>${say("nothing-yet")}</small>`;
  if (asOf >= current.to) return nothing;
  const at = asOf * 1000;
  const time = view === "month" ? dateTime(at, lang) : timeOf(at);
  return html`<small>${say("so-far", { time })}</small>`;
}

/** Today against yesterday until the same time; whole spans against whole ones. */
function comparison(scene: Scene): TemplateResult | typeof nothing {
  const { current, before } = scene.shown;
  const { asOf } = current;
  if (before === null || before.asOf === null || asOf === null) return nothing;
  const against = AGAINST[scene.view];
  if (isRunning(scene) && against !== "time") return nothing;
  const other =
    against === "time" ? before.whBefore(asOf - (current.from - before.from)) : before.totalWh;
  const params = { kwh: kwh(kwhOf(other)), change: change(current.totalWh, other) };
  return html`<p class="beside" part="against">${scene.say(`against-${against}`, params)}</p>`;
}

/** Whether the span goes on. */
const isRunning = ({ shown: { span }, now }: Scene): boolean => span.to > today(now);

/** The half hour that the server's clock is in. */
function runningAt({ shown: { current }, now }: Scene): number | null {
  const at = now / 1000;
  return at >= current.from && at < current.to ? at - (at % HALF_HOUR) : null;
}
