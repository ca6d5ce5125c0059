/** `<k-today>`: the running day, live: what was used so far, against yesterday, and where it leads. */

import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { LiveState, LiveToday } from "../api/live";
import "../chart/element";
import type { KChart } from "../chart/element";
import { dateOf, longDate, ms } from "../format/dates";
import { base } from "../styles/base";
import { cards } from "../styles/cards";
import { controls } from "../styles/controls";
import { explain } from "../text/failures";
import { t as common, language, Speaking, texts } from "../text/index";
import { en } from "../text/today.en";
import { ja } from "../text/today.ja";
import { clock } from "./api";
import { FollowToday, type TodayListener } from "./follow-today";
import { navigate } from "./leading";
import type { FacilityRef, Route } from "./route";
import type { DayReading, RunningDay } from "./running-day";
import "./table";
import { forecastCard, periodCard, runningCard, totalCard } from "./today-cards";
import { todayStyles } from "./today-styles";
import { ROWS, todayColumns } from "./today-table";

const t = texts(en, ja);
/** The minutes that are left of the running half hour change by themselves. */
const LOOK_AGAIN_MS = 15_000;

@customElement("k-today")
export class Today extends LitElement implements TodayListener {
  static override styles = [base, controls, cards, todayStyles];

  @property({ attribute: false }) facility!: FacilityRef;
  @property({ attribute: false }) route!: Route;
  @state() private day: RunningDay | null = null;
  @state() private known: LiveToday | null = null;
  @state() private problem: unknown = null;
  @query("k-chart") private readonly chart!: KChart | null;
  #following: FollowToday | null = null;
  #columns: Pick<KChart, "columns" | "compare"> | null = null;
  #timer = 0;
  protected readonly speaking = new Speaking(this);

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = window.setInterval(() => this.requestUpdate(), LOOK_AGAIN_MS);
    if (this.hasUpdated) this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#following?.stop();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("facility") as FacilityRef | undefined;
    if (changed.has("facility") && before?.id !== this.facility.id) this.#follow();
  }

  #follow(): void {
    this.#following?.stop();
    this.day = this.known = this.problem = this.#columns = null;
    this.#following = new FollowToday(this.facility.id, this);
  }

  loaded(day: RunningDay): void {
    this.#draw(day);
    this.problem = null;
    this.day = day;
  }

  changed(day: RunningDay, reading: DayReading): void {
    const at = ms(reading.startAt);
    if (at < day.start && this.#columns) {
      this.#columns = { ...this.#columns, compare: day.yesterdayColumns() };
    } else if (this.chart) {
      this.chart.put(at / 1000, reading.kwh, reading.quality);
    } else {
      this.#draw(day);
    }
    this.requestUpdate();
  }

  #draw(day: RunningDay): void {
    this.#columns = { columns: day.todayColumns(), compare: day.yesterdayColumns() };
  }

  outlook(today: LiveToday): void {
    this.known = today;
  }

  stream(state: LiveState, lastReceivedAt: string | null): void {
    const detail = { state, lastReceivedAt };
    this.dispatchEvent(new CustomEvent("stream", { detail, bubbles: true, composed: true }));
  }

  failed(error: unknown, again: boolean): void {
    this.problem = error;
    this.stream(again ? "reconnecting" : "ended", null);
  }

  override render() {
    return html`
      ${this.problem === null ? nothing : this.#failure()}
      ${this.day ? this.#board(this.day) : this.problem === null ? this.#waiting() : nothing}
    `;
  }

  #failure() {
    return html`
      <div class="error" role="alert">
        <p>${explain(this.problem)}</p>
        <button type="button" @click=${() => this.#follow()}>${t("retry")}</button>
      </div>
    `;
  }

  #waiting() {
    return html`<p class="waiting" role="status">${common("loading")}</p>`;
  }

  #board(day: RunningDay) {
    const missing = this.known?.missingHalfHours ?? 0;
    const now = clock.now();
    return html`
      <div class="board">
        ${missing ? html`<p class="notice">${t("missing", { n: missing })}</p>` : nothing}
        ${totalCard(day, this.known, now)} ${runningCard(day, now)} ${this.#picture(day)}
        ${forecastCard(day, this.known, now)} ${periodCard(this.known)}
      </div>
    `;
  }

  #picture(day: RunningDay) {
    const { table } = this.route;
    const turn = () => navigate(this, { table: !table }, true);
    return html`
      <section class="card picture">
        <h2>
          ${t("half hours")} <span class="soft">${longDate(dateOf(day.start), language())}</span>
        </h2>
        ${this.#bars(day)}
        <button type="button" aria-expanded=${table} @click=${turn}>
          ${table ? t("hide table") : t("show table")}
        </button>
        ${table ? this.#rows(day) : nothing}
      </section>
    `;
  }

  #bars(day: RunningDay) {
    const running = day.today[day.newest];
    const growing =
      running?.quality === "PROVISIONAL" && day.startOfSlot(day.newest + 1) > clock.now();
    return html`
      <k-chart
        .columns=${this.#columns?.columns ?? null}
        .compare=${this.#columns?.compare ?? null}
        .liveAt=${growing ? day.startOfSlot(day.newest) / 1000 : null}
        heading=${t("chart", { facility: this.facility.name })}
        compare-label=${t("compare")}
        lang=${language()}
      ></k-chart>
    `;
  }

  #rows(day: RunningDay) {
    return html`
      <k-table
        heading=${t("caption", { date: longDate(dateOf(day.start), language()) })}
        .columns=${todayColumns(day)}
        .count=${ROWS}
        .of=${`${this.facility.id} ${day.start}`}
      ></k-table>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "k-today": Today;
  }
}
