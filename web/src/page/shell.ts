/** What stands around every view, or in its place: who the portal is, the ways, and whether the page is live. */

import { html, nothing, type TemplateResult } from "lit";
import { asApiError } from "../api/errors";
import type { LiveState } from "../api/live";
import { dateOf, shortDate, timeOf } from "../format/dates";
import { explain } from "../text/failures";
import { t as common, language, setLanguage, texts } from "../text/index";
import { en } from "../text/shell.en";
import { ja } from "../text/shell.ja";
import { clock } from "./api";
import type { StreamNote } from "./facility-list";
import { pressing } from "./leading";
import type { Route, View } from "./route";
import { scriptOf } from "./script-of";
import { type Section, sectionOf } from "./sections";

const t = texts(en, ja);

const SECTIONS: readonly Exclude<Section, "facilities">[] = ["today", "usage", "profile", "bills"];

export function skipLink(text: string): TemplateResult {
  const skip = (event: Event) => {
    event.preventDefault();
    document.querySelector<HTMLElement>("#content")?.focus();
  };
  return html`<a class="skip" href="#content" @click=${skip}>${text}</a>`;
}

interface LoggedIn {
  readonly leave: () => void;
  readonly stream: TemplateResult | null;
}

export function header(portal: string, loggedIn: LoggedIn | null): TemplateResult {
  const other = language() === "ja" ? "en" : "ja";
  return html`
    <header class="top">
      <p class="portal" lang=${scriptOf(portal)}>${portal}</p>
      ${loggedIn?.stream ?? nothing}
      <div class="own">
        <button type="button" class="quiet" lang=${other} @click=${() => setLanguage(other)}>
          ${t("other language")}
        </button>
        ${
          loggedIn
            ? html`<button type="button" class="quiet" @click=${loggedIn.leave}>
                ${t("log out")}
              </button>`
            : nothing
        }
      </div>
    </header>
  `;
}

const WHYS: { readonly [S in LiveState]?: "stale why" | "reconnecting why" | "ended why" } = {
  stale: "stale why",
  reconnecting: "reconnecting why",
  ended: "ended why",
};

/** Whether the page is live, in a word, and what it means; `one`: it is told of one facility only. */
export function streamNote({ state, lastReceivedAt }: StreamNote, one: boolean): TemplateResult {
  const some = state === "stale" && !one;
  const why = some ? t("stale some") : WHYS[state] && t(WHYS[state]);
  return html`
    <p class="stream ${state}" role="status" aria-label=${t("stream")}>
      <span class="light" aria-hidden="true"></span><span>${t(`stream ${state}`)}</span>
    </p>
    ${why ? html`<p class=${some ? "visually-hidden" : "why"}>${why}</p>` : nothing}
    ${
      lastReceivedAt
        ? html`<p class="received">${t("last received", { time: timeToday(lastReceivedAt) })}</p>`
        : nothing
    }
  `;
}

function timeToday(instant: string): string {
  const day = dateOf(instant);
  const date = day === dateOf(clock.now()) ? "" : `${shortDate(day, language())} `;
  return date + timeOf(instant);
}

export function heading(facility: string, section: string): TemplateResult {
  return html`
    <h1 class="place" tabindex="-1">
      <span class="name" lang=${scriptOf(facility)}>${facility || "…"}</span>
      <span class="section">${section}</span>
    </h1>
  `;
}

export function navigation(view: View, lastSpan: View): TemplateResult {
  const here = sectionOf(view);
  return html`
    <nav class="sections" aria-label=${t("sections")}>
      ${SECTIONS.map((section) => {
        const leadsTo = section === "usage" ? lastSpan : section;
        return link({ view: leadsTo }, t(section), section === here ? "page" : null, section);
      })}
    </nav>
  `;
}

export function backLink(text: string, style = "back"): TemplateResult {
  return link({ facility: null, view: "facilities" }, text, null, style);
}

/** In place of a facility that cannot be shown. */
export function lost(problem: unknown): TemplateResult {
  const { code } = asApiError(problem);
  const known = code === "NOT_FOUND" || code === "BAD_INPUT";
  return html`
    <section class="card log-in">
      <h1 tabindex="-1">${t("not found")}</h1>
      <p>${known ? t("not found why") : explain(problem)}</p>
      <p>${backLink(t("to facilities"), "button primary")}</p>
    </section>
  `;
}

/**
 * In place of a view whose code did not come: it may have another name since the server was renewed, which a
 * new page knows.
 */
export function broken(): TemplateResult {
  return html`
    <div class="error" role="alert">
      <p>${t("failed view")}</p>
      <button type="button" @click=${() => location.reload()}>${common("retry")}</button>
    </div>
  `;
}

function link(
  part: Partial<Route>,
  text: string,
  current: "page" | null,
  style: string,
): TemplateResult {
  const { address, follow } = pressing(part);
  return html`
    <a
      class=${style}
      href=${address}
      aria-current=${current ?? nothing}
      @click=${follow}
      >${text}</a
    >
  `;
}
