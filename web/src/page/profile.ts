/** `<k-profile>`: how use is spread over the day, the week, and kinds of days (US-5). */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { isAbort } from "../api/errors";
import "../chart/element";
import type { Direction } from "../generated/graphql";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { language, Speaking, texts } from "../text/index";
import { en } from "../text/profile.en";
import { ja } from "../text/profile.ja";
import { en as usageEn } from "../text/usage.en";
import { ja as usageJa } from "../text/usage.ja";
import { choice, choiceStyles } from "./choice";
import { failed } from "./failure";
import { Latest } from "./latest";
import { navigate } from "./leading";
import { numericSpan } from "./point-names";
import { type GroupKind, groupColumns, groupNames, highest, tableColumns } from "./profile-groups";
import {
  type Groups,
  PROFILE_SPANS,
  type Profile,
  type ProfileQuestion,
  profileOf,
  VIEW_OF,
} from "./profile-load";
import type { FacilityRef, Route } from "./route";
import { spanSelect } from "./span-choices";
import "./table";
import { UsageOf } from "./usage-load";

const t = texts(en, ja);
const tu = texts(usageEn, usageJa);
const DIRECTIONS = ["IMPORT", "EXPORT"] as const;
const KINDS: readonly GroupKind[] = ["halfHours", "weekdays", "dayKinds"];

@customElement("k-profile")
export class ProfileView extends LitElement {
  static override styles = [
    base,
    controls,
    choiceStyles,
    css`
      :host { display: block; container-type: inline-size; }
      .bar { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: end; margin-block-end: 1rem; }
      .charts { display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 1fr); }
      .charts[aria-busy="true"] { opacity: 0.55; }
      @container (min-width: 50rem) {
        .charts { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
        .charts > :first-child { grid-column: 1 / -1; }
      }
      .turn { margin-block: 0.5rem 1rem; }
      .note { color: var(--k-ink-soft); font-size: 0.9rem; }
      @media print { .bar, .turn { display: none; } .charts > * { break-inside: avoid; } }
    `,
  ];

  @property({ attribute: false }) facility!: FacilityRef;
  @property({ attribute: false }) route!: Route;
  @state() private profile: Profile | "none" | null = null;
  @state() private problem: unknown = null;
  @state() private loading = false;
  #known: UsageOf | null = null;
  #asked = "";
  readonly #load = new Latest(this);
  protected readonly speaking = new Speaking(this);

  override connectedCallback(): void {
    super.connectedCallback();
    this.#asked = "";
  }

  override willUpdate(): void {
    if (this.#known?.facility !== this.facility.id) {
      this.#known = new UsageOf(this.facility.id);
      this.profile = null;
    }
    const asked = JSON.stringify([this.facility.id, this.#question]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    void this.#ask();
  }

  get #question(): ProfileQuestion {
    const { span, date, direction } = this.route;
    return { kind: span ?? PROFILE_SPANS[0], date, direction };
  }

  async #ask(): Promise<void> {
    const signal = this.#load.next();
    this.loading = true;
    this.problem = null;
    try {
      this.profile = (await profileOf(this.#known as UsageOf, this.#question, signal)) ?? "none";
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.profile = null;
      this.problem = error;
    }
    this.loading = false;
  }

  override render() {
    return html`
      ${this.#bar()}
      ${
        this.loading && this.profile === null ? html`<p role="status">${t("loading")}</p>` : nothing
      }
      ${this.problem === null ? nothing : failed(this.problem, () => this.#ask())}
      ${this.profile === "none" ? html`<p class="notice" role="status">${t("empty")}</p>` : nothing}
      ${this.profile === null || this.profile === "none" ? nothing : this.#show(this.profile)}
    `;
  }

  #bar() {
    const { kind, direction } = this.#question;
    const known = this.#known as UsageOf;
    const reach = known.reach();
    const kinds = known.place?.kinds ?? null;
    const view = VIEW_OF[kind];
    const exports = kinds === null || kinds.has("BUY_BACK") || direction === "EXPORT";
    return html`
      <div class="bar">
        ${choice(
          t("of"),
          PROFILE_SPANS,
          kind,
          (one) => t(`span.${one}`),
          (span) => navigate(this, { span }),
        )}
        ${
          reach !== null && (view === "month" || view === "period")
            ? spanSelect(
                view,
                known.dateOf({ view, date: this.route.date }, reach),
                reach,
                (date) => navigate(this, { date }),
              )
            : nothing
        }
        ${exports ? choice(tu("direction"), DIRECTIONS, direction, tu, (one) => navigate(this, { direction: one })) : nothing}
      </div>
    `;
  }

  #show(profile: Profile) {
    const { table } = this.route;
    return html`
      <h2>${t("title", { span: numericSpan(profile.part) })}</h2>
      <p class="note">${highest(profile.halfHours)} ${t("note")}</p>
      <p class="turn">
        <button type="button" aria-expanded=${table}
          @click=${() => navigate(this, { table: !table }, true)}>
          ${table ? tu("table.hide") : tu("table.show")}
        </button>
      </p>
      <div class="charts" aria-busy=${this.loading}>
        ${KINDS.map((kind) => this.#groups(kind, profile[kind], profile.direction))}
      </div>
    `;
  }

  #groups(kind: GroupKind, groups: Groups, direction: Direction) {
    const heading = t(`title.${kind}`);
    return html`
      <section>
        <h3>${heading}</h3>
        <k-chart
          .columns=${groupColumns(groups)}
          .labels=${groupNames(kind, groups)}
          direction=${direction}
          heading=${heading}
          lang=${language()}
          ?loading=${this.loading}
        ></k-chart>
        ${this.route.table ? this.#table(kind, groups, heading) : nothing}
      </section>
    `;
  }

  #table(kind: GroupKind, groups: Groups, heading: string) {
    return html`
      <k-table heading=${heading} .columns=${tableColumns(kind, groups)} .count=${groups.length}>
      </k-table>
    `;
  }
}
