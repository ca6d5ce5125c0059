/** `<k-span-bar>`: which span of usage is shown, and how. It changes nothing but the address. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";

import type { TokyoDate } from "../format/dates";
import type { Direction } from "../generated/graphql";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { Speaking, texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import { choice, choiceStyles } from "./choice";
import type { ChosenDay } from "./day-input";
import "./day-input";
import type { Listed } from "./facility-list";
import { navigate, pressing } from "./leading";
import { placeChoice } from "./place-choice";
import type { Route } from "./route";
import { spanSelect } from "./span-choices";
import {
  BARS,
  type By,
  barsOf,
  COMPARED,
  comparesWith,
  neighbour,
  newest,
  type Reach,
  SPAN_VIEWS,
  type SpanView,
} from "./usage-span";

const t = texts(en, ja);

@customElement("k-span-bar")
export class SpanBar extends LitElement {
  static override styles = [
    base,
    controls,
    choiceStyles,
    css`
      :host { display: block; }
      .rows { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: end; }
      .views { display: flex; flex-wrap: wrap; gap: 0.25rem; inline-size: 100%; }
      .views a {
        padding: 0.5rem 0.9rem; border-radius: var(--k-radius); border: 1px solid var(--k-line);
        color: var(--k-ink); text-decoration: none; min-block-size: 1.5rem;
      }
      .views a[aria-current] {
        background: var(--k-accent); border-color: var(--k-accent); color: var(--k-on-accent);
        font-weight: 600;
      }
      @media (forced-colors: active) { .views a[aria-current] { border-width: 3px; } }
      @container (max-width: 26rem) { .views a { padding-inline: 0.6rem; } }
      .steps { display: flex; flex-wrap: wrap; gap: 0.25rem; align-items: start; }
      .steps button { min-inline-size: 2.75rem; }
      button[aria-disabled="true"] { color: var(--k-ink-soft); border-style: dashed; cursor: default; }
      @media print { :host { display: none; } }
    `,
  ];

  @property({ attribute: false }) route!: Route;
  @property({ attribute: false }) view: SpanView = "day";
  /** The day that the address means. */
  @property() date: TokyoDate = "";
  @property({ attribute: false }) reach: Reach | null = null;
  @property({ type: Boolean }) exports = false;
  /** Places that this one can be compared with. */
  @property({ attribute: false }) others: readonly Listed[] = [];
  protected readonly speaking = new Speaking(this);

  override render() {
    return html`
      <div class="rows">
        <nav class="views" aria-label=${t("views")}>${SPAN_VIEWS.map((view) => this.#view(view))}</nav>
        ${this.view === "all" || this.reach === null ? nothing : this.#steps(this.view, this.reach)}
        ${this.exports ? this.#direction() : nothing} ${this.#bars()} ${this.#compare()} ${this.#other()}
      </div>
    `;
  }

  #view(view: SpanView) {
    const keeps = comparesWith(view, this.route.compare);
    const part = { view, by: null, ...(keeps ? {} : { compare: null }) };
    const { address, follow } = pressing(part);
    return html`
      <a href=${address} aria-current=${view === this.view ? "page" : nothing} @click=${follow}
        >${t(`view.${view}`)}</a>
    `;
  }

  #steps(view: Exclude<SpanView, "all">, reach: Reach) {
    const step = (label: string, sign: string, date: TokyoDate | null) => html`
      <button type="button" aria-label=${label} title=${label} aria-disabled=${date === null}
        @click=${() => date !== null && navigate(this, { date })}>${sign}</button>
    `;
    const go = (date: TokyoDate) => navigate(this, { date });
    const last = newest(reach.bounds);
    return html`
      <div class="steps" role="group" aria-label=${t(`view.${view}`)}>
        ${step(t("earlier"), "‹", neighbour(view, this.date, -1, reach))}
        ${view === "day" ? this.#day(reach) : spanSelect(view, this.date, reach, go)}
        ${step(t("later"), "›", neighbour(view, this.date, 1, reach))}
        <button type="button" aria-disabled=${this.route.date === null || this.date === last}
          @click=${() => navigate(this, { date: null })}>${t("newest")}</button>
      </div>
    `;
  }

  #day({ bounds }: Reach) {
    const chosen = ({ detail }: CustomEvent<ChosenDay>) =>
      navigate(this, { date: detail.date }, detail.again);
    return html`
      <k-day-input label=${t("choose.day")} .value=${this.date} .bounds=${bounds} @chosen=${chosen}>
      </k-day-input>
    `;
  }

  #direction() {
    const { direction } = this.route;
    return choice(t("direction"), ["IMPORT", "EXPORT"], direction, t, (to: Direction) =>
      navigate(this, { direction: to }),
    );
  }

  #bars() {
    const choices = BARS[this.view];
    const name = (by: By) => t(`by.${by}`);
    return choice(t("bars"), choices, barsOf(this.view, this.route.by), name, (by) =>
      navigate(this, { by: by === choices[0] ? null : by }),
    );
  }

  #compare() {
    const { compare } = this.route;
    const offered = COMPARED[this.view].filter(
      (one) => one !== "facility" || this.others.length > 0 || compare === "facility",
    );
    if (offered.length === 0) return nothing;
    const choices = ["none", ...offered] as const;
    const name = (one: (typeof choices)[number]) => t(`compare.${one}`);
    const now = offered.find((one) => one === compare) ?? "none";
    return choice(t("compare"), choices, now, name, (to) => {
      const only = this.others.length === 1 ? (this.others[0]?.id ?? null) : null;
      navigate(this, { compare: to === "none" ? null : to, with: only });
    });
  }

  #other() {
    const { compare, with: other } = this.route;
    if (compare !== "facility") return nothing;
    // To have chosen a place is the step, not to have been asked which.
    return placeChoice(this.others, other, (id) => navigate(this, { with: id }, other === null));
  }
}
