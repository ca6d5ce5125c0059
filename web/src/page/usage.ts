/** `<k-usage>`: usage of a span as a chart and as a table, from one answer (US-1 to US-9). */

import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";

import "../chart/element";
import { instants } from "../format/spans";
import { UsageFileDocument } from "../generated/graphql";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { language, Speaking, texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import { api } from "./api";
import { againstOf, type Beside, foundOf } from "./compared";
import "./downloads";
import type { FileOffer } from "./downloads";
import "./gas";
import type { Listed } from "./facility-list";
import { failed, isUnknown } from "./failure";
import { navigate } from "./leading";
import { numericDate, spanName } from "./point-names";
import type { FacilityRef, Route } from "./route";
import "./span-bar";
import "./table";
import { chartColumns, comparedColumns } from "./usage-chart";
import { usageColumns } from "./usage-columns";
import type { Nowhere, Picture, Question } from "./usage-load";
import { isSpanView, newest, type SpanView } from "./usage-span";
import { UsageState } from "./usage-state";
import { usageStyles } from "./usage-styles";
import { comparedName, spoken, summary } from "./usage-summary";

const t = texts(en, ja);
/** More bars than this are narrow on a phone. */
const ZOOMABLE = 100;
const FORMATS = [
  ["CSV", "files.csv"],
  ["XLSX", "files.xlsx"],
  ["GREEN_BUTTON", "files.greenButton"],
] as const;

@customElement("k-usage")
export class Usage extends LitElement {
  static override styles = [base, controls, usageStyles];

  @property({ attribute: false }) facility!: FacilityRef;
  @property({ attribute: false }) route!: Route;
  /** All places of the member, as far as they are known by now. */
  @property({ attribute: false }) places: readonly Listed[] = [];
  readonly #state = new UsageState(this);
  protected readonly speaking = new Speaking(this);

  override willUpdate(): void {
    this.#state.follow(
      this.facility.id,
      this.#question,
      againstOf(this.#question.view, this.route),
    );
  }

  get #question(): Question {
    const { view, date, by, direction } = this.route;
    return { view: isSpanView(view) ? view : "day", date, by, direction };
  }

  override render() {
    const { picture, nowhere, problem, loading } = this.#state;
    return html`
      ${this.#bar()}
      <p class=${picture === null ? "loading" : "visually-hidden"} role="status">
        ${loading ? t("loading") : picture === null ? nothing : spoken(picture)}
      </p>
      ${problem === null ? nothing : failed(problem, () => this.#state.ask())}
      ${nowhere === null ? nothing : this.#none(nowhere)}
      ${picture === null ? nothing : this.#show(picture)}
      ${this.#gas()}
    `;
  }

  #bar() {
    const { known, nowhere } = this.#state;
    const reach = known.reach();
    const kinds = known.place?.kinds ?? null;
    if (nowhere === "no.half-hours") return nothing;
    return html`
      <k-span-bar
        .route=${this.route}
        .view=${this.#question.view}
        .date=${reach === null ? (this.route.date ?? "") : known.dateOf(this.#question, reach)}
        .reach=${reach}
        .others=${this.places.filter(({ id }) => id !== this.facility.id)}
        .exports=${kinds === null || kinds.has("BUY_BACK") || this.route.direction === "EXPORT"}
      ></k-span-bar>
    `;
  }

  #show(picture: Picture) {
    const { beside, besideProblem, loading } = this.#state;
    const { view, span, series } = picture;
    const heading = t(`title.${series.direction}`, { span: spanName(view, span, language()) });
    return html`
      <section class="picture" aria-busy=${loading}>
        <h2>${heading}</h2>
        ${summary(picture, beside)}
        ${besideProblem === null ? nothing : this.#besideFailed(besideProblem)}
        ${
          series.startAt.length === 0
            ? html`<p class="notice">${t("empty")}</p>`
            : this.#chart(picture, heading)
        }
      </section>
    `;
  }

  #besideFailed(error: unknown) {
    if (this.route.compare === "facility" && isUnknown(error)) {
      return html`<p class="error" role="alert">${t("elsewhere.lost")}</p>`;
    }
    const again = () => this.#state.compareAgain();
    return failed(error, again, (problem) => t("before.failed", { problem }));
  }

  #chart(picture: Picture, heading: string) {
    const { beside, loading } = this.#state;
    const { series } = picture;
    return html`
      <k-chart
        .columns=${chartColumns(picture)}
        .compare=${comparedColumns(picture, foundOf(beside))}
        resolution=${series.resolution}
        direction=${series.direction}
        heading=${heading}
        compare-label=${beside === null ? "" : comparedName(beside)}
        lang=${language()}
        ?loading=${loading}
        ?zoomable=${series.startAt.length > ZOOMABLE}
      ></k-chart>
      ${this.#below(picture, heading, beside)}
    `;
  }

  #below(picture: Picture, heading: string, beside: Beside | null) {
    const { series } = picture;
    const { table } = this.route;
    const turn = () => navigate(this, { table: !table }, true);
    return html`
      <div class="below">
        <button type="button" aria-expanded=${table} @click=${turn}>
          ${table ? t("table.hide") : t("table.show")}
        </button>
        <k-downloads heading=${t("files.title")} .offers=${this.#files(picture)}></k-downloads>
      </div>
      ${
        table
          ? html`
            <k-table
              heading=${heading}
              .of=${JSON.stringify([this.facility.id, this.#question])}
              .columns=${usageColumns(series, beside)}
              .count=${series.startAt.length}
            ></k-table>
          `
          : nothing
      }
    `;
  }

  #files({ part, series }: Picture): FileOffer[] {
    const facility = this.facility.id;
    const variables = { facility, ...instants(part), direction: series.direction };
    return FORMATS.map(([format, label]) => ({
      label: t(label),
      address: async (signal) => {
        const found = await api.query(UsageFileDocument, { ...variables, format }, { signal });
        return found.facility?.usage.download.url;
      },
    }));
  }

  #none(why: Nowhere) {
    const { bounds } = this.#state.known.reach() ?? {};
    const from = bounds?.from ?? "";
    const to = bounds === undefined ? "" : newest(bounds);
    const go = (label: string, part: Partial<Route>) => html`
      <button type="button" @click=${() => navigate(this, part)}>${label}</button>
    `;
    return html`
      <div class="notice" role="status">
        <p>${t(why, { from: numericDate(from), to: numericDate(to) })}</p>
        ${why === "before.history" ? go(t("go.first"), { date: from }) : nothing}
        ${why === "no.EXPORT" ? go(t("use.IMPORT"), { direction: "IMPORT" }) : nothing}
        ${why === "no.IMPORT" ? go(t("use.EXPORT"), { direction: "EXPORT" }) : nothing}
        ${why.startsWith("after.") ? go(t("go.newest"), { date: null }) : nothing}
        ${why.startsWith("no.period") ? go(t("use.month"), { view: "month" }) : nothing}
      </div>
    `;
  }

  #gas() {
    const view: SpanView = this.#question.view;
    const shows = view === "period" || this.#state.nowhere === "no.half-hours";
    const has = this.#state.known.place?.kinds?.has("GAS") ?? false;
    return has && shows ? html`<k-gas .facility=${this.facility}></k-gas>` : nothing;
  }
}
