/** The figures of the running day, each in a card of its own. */

import { html, nothing, svg, type TemplateResult } from "lit";
import type { LiveToday } from "../api/live";
import { dateOf, shortDate, timeOf } from "../format/dates";
import { change, kwh, kwhOf, wh, yen } from "../format/numbers";
import { language, texts } from "../text/index";
import { en } from "../text/today.en";
import { ja } from "../text/today.ja";
import { type RunningDay, SLOTS } from "./running-day";

const t = texts(en, ja);

/** What was used so far, what that costs, and how it compares. `known` is null until it has come. */
export function totalCard(day: RunningDay, known: LiveToday | null, now: number): TemplateResult {
  return html`
    <section class="card">
      <h2>${t("so far")}</h2>
      <p class="figure" data-testid="today-total" data-wh=${day.totalWh}>
        ${kwh(day.newest < 0 ? null : kwhOf(day.totalWh))}<span class="unit">kWh</span>
      </p>
      ${known === null ? nothing : cost(known.yen)}
      ${day.newest < 0 ? html`<p>${t("no readings")}</p>` : against(day, now)}
    </section>
  `;
}

function cost(amount: number | null) {
  if (amount === null) return html`<p class="soft">${t("no yen")}</p>`;
  return html`
    <p class="cost">
      ${t("about", { yen: yen(Math.floor(amount), language()) })} <small>${t("yen why")}</small>
    </p>
  `;
}

/** Against yesterday, up to the last half hour that is over: the running one would be no fair comparison. */
function against(day: RunningDay, now: number) {
  const over = day.completeAt(now);
  const compared = day.comparedUntil(over);
  if (compared === null) return nothing;
  const { today, yesterday } = compared;
  const more = today - yesterday;
  const key = more < 0 ? "less" : more > 0 ? "more" : "same";
  const share = yesterday > 0 && more !== 0 ? ` (${change(today, yesterday)})` : "";
  return html`
    <p class="against" data-testid="against" data-wh=${more}>
      <span class="soft">${t("against", { time: endOfSlot(day, over - 1) })}</span>
      <strong>
        <span aria-hidden="true">${more < 0 ? "▼" : more > 0 ? "▲" : "＝"}</span>
        ${t(key, { kwh: kwh(kwhOf(Math.abs(more))) })}${share}
      </strong>
    </p>
  `;
}

/** The half hour that an instant lies in. */
export function runningCard(day: RunningDay, now: number): TemplateResult {
  const slot = Math.min(Math.max(day.slotAt(now), 0), SLOTS - 1);
  const energy = day.today[slot]?.wh ?? null;
  const left = Math.max(1, Math.ceil((day.startOfSlot(slot + 1) - now) / 60_000));
  const span = { from: timeOf(day.startOfSlot(slot)), to: endOfSlot(day, slot) };
  return html`
    <section class="card">
      <h2>${t("running", span)}</h2>
      ${
        energy === null
          ? html`<p class="soft">${t("running none")}</p>`
          : figure("running", energy, kwh(kwhOf(energy)))
      }
      <p class="soft">${t("minutes left", { n: left })}</p>
    </section>
  `;
}

/** Where the day leads to, beside the whole of yesterday. */
export function forecastCard(
  day: RunningDay,
  known: LiveToday | null,
  now: number,
): TemplateResult {
  const forecast = known?.forecastKwh ?? null;
  const over = day.completeAt(now);
  const then = t("yesterday then", { time: endOfSlot(day, over - 1) });
  return html`
    <section class="card">
      <h2>${t("forecast")}</h2>
      ${
        forecast === null
          ? html`<p class="soft">${known ? t("no forecast") : "…"}</p>`
          : figure("forecast", wh(forecast), kwh(forecast, 1))
      }
      ${track(day.totalWh, day.yesterdayWh, forecast === null ? 0 : wh(forecast))}
      <dl class="lines">
        ${line("yesterday-then", then, day.yesterdayUntil(over))}
        ${line("yesterday", t("yesterday"), day.yesterdayUntil(SLOTS))}
      </dl>
    </section>
  `;
}

/** The running reading period and its bill; nothing where no period is known. */
export function periodCard(known: LiveToday | null): TemplateResult | typeof nothing {
  const period = known?.readingPeriod;
  if (!period) return nothing;
  const day = (instant: string) => shortDate(dateOf(instant), language());
  const bill = period.forecastYen;
  return html`
    <section class="card period">
      <h2>${t("period", { date: day(period.from) })}</h2>
      ${figure("period", wh(period.kwhSoFar), kwh(period.kwhSoFar, 1))}
      <p class="soft">${t("period end", { date: day(period.to) })}</p>
      <dl class="lines">
        <div>
          <dt>${t("bill forecast")}</dt>
          <dd data-testid="bill-forecast">
            ${bill === null ? t("no bill forecast") : t("about", { yen: yen(bill, language()) })}
          </dd>
        </div>
      </dl>
    </section>
  `;
}

function figure(name: string, energy: number, text: string) {
  return html`
    <p class="figure small" data-testid=${name} data-wh=${energy}>
      ${text}<span class="unit">kWh</span>
    </p>
  `;
}

function line(name: string, label: string, energy: number | null) {
  if (energy === null) return nothing;
  return html`
    <div>
      <dt>${label}</dt>
      <dd data-testid=${name} data-wh=${energy}>${kwh(kwhOf(energy))} kWh</dd>
    </div>
  `;
}

/** How far the day is: what was used, on the way to the forecast, with yesterday as a mark. In Wh. */
function track(used: number, yesterday: number, forecast: number) {
  const end = Math.max(used, yesterday, forecast);
  if (end === 0) return nothing;
  const at = (energy: number) => `${(energy / end) * 100}%`;
  // A picture of figures that stand beside it as text.
  return html`
    <svg class="track" width="100%" height="16" aria-hidden="true">
      <rect class="all" y="4" width="100%" height="8" rx="4" />
      ${svg`<rect class="to-come" y="4" width=${at(forecast)} height="8" rx="4" />`}
      <rect class="used" y="4" width=${at(used)} height="8" rx="4" />
      <line class="mark" x1=${at(yesterday)} x2=${at(yesterday)} y1="0" y2="16" />
    </svg>
  `;
}

/** The day ends at 24:00, not at 0:00 of the next. */
export function endOfSlot(day: RunningDay, slot: number): string {
  return slot === SLOTS - 1 ? "24:00" : timeOf(day.startOfSlot(slot + 1));
}
