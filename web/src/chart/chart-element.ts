// What charts have in common: usage over time, or averages of a profile, as bars; with a legend, and
// in words. Which plot draws them is up to each element.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { kwh as written } from "../format/numbers";
import { type Language, languageOf } from "../text/say";
import { Describer, type Word } from "./describe";
import type { Resolution, SlotKind } from "./frame";
import { type Inks, inksOf } from "./inks";
import { keyStep } from "./keys";
import { legend } from "./legend";
import type { ChartPlot, PlotHost } from "./plot-host";
import { slider } from "./slider";
import { type ChartColumns, type Quality, type Slots, State, slotsOf } from "./slots";
import { chartStyles } from "./styles";
import { type Summary, summaryOf } from "./summary";
import { nameTicks, type Tick, timeTicks } from "./ticks";

/** A4 within usual margins, in CSS pixels. */
const PAPER_WIDTH = 680;

export abstract class ChartElement extends LitElement implements PlotHost {
  static override styles = chartStyles;

  @property({ attribute: false }) columns: ChartColumns | null = null;
  /** Drawn as an outline over the bars, slot by slot. */
  @property({ attribute: false }) compare: ChartColumns | null = null;
  @property() resolution: Resolution = "HALF_HOUR";
  @property() direction: "IMPORT" | "EXPORT" = "IMPORT";
  /** Begin of the half hour that is running, in seconds of Unix time. */
  @property({ attribute: false }) liveAt: number | null = null;
  /** Names of the bars of a chart that is not over time; `startAt` counts them from 0. */
  @property({ attribute: false }) labels: readonly string[] | null = null;
  /** What the chart is of. */
  @property() heading = "";
  @property({ attribute: "compare-label" }) compareLabel = "";
  @property() override lang = "";
  @property({ type: Boolean }) loading = false;

  @state() private pointedAt: number | null = null;
  /** Whether columns of pixels stand for several slots: known once it is drawn. */
  @state() private crowded = false;

  @query(".plot") protected box!: HTMLElement;
  @query(".probe") private probe!: HTMLElement;

  #slots: Slots | null = null;
  #compared: Slots | null = null;
  #summary: Summary | null = null;
  #words = new Describer("en", null);
  #plot: ChartPlot | null = null;
  #changedAt = 0;
  #listening = new AbortController();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    matchMedia("print").addEventListener("change", (event) => this.#print(event.matches), {
      signal,
    });
    // Moved within the page: what was drawn before went with the old place.
    if (this.hasUpdated) this.requestUpdate("columns");
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening.abort();
    this.#plot?.destroy();
    this.#plot = null;
  }

  /** One value into the chart that is there; whether it has a slot for it. */
  put(startAt: number, kwh: number | null, quality: `${Quality}`): boolean {
    if (!this.#slots?.put(startAt, kwh, quality)) return false;
    this.#summarise(this.#slots);
    this.#changedAt = performance.now();
    this.#plot?.refresh(this.#live());
    this.requestUpdate();
    return true;
  }

  protected abstract makePlot(slots: Slots, inks: Inks): ChartPlot;

  /** Buttons below the chart. */
  protected controls(): TemplateResult | typeof nothing {
    return nothing;
  }

  /** What else keys do, for who can't see the buttons. */
  protected hint(): string {
    return "";
  }

  /** Whether a key that does not point at a slot means something. */
  protected pressed(_key: string): boolean {
    return false;
  }

  protected word(key: Word): string {
    return this.#words.word(key);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#words = new Describer(this.#language(), this.labels);
    const otherKind = changed.has("resolution") || changed.has("labels");
    if (changed.has("columns") || otherKind) {
      this.#changedAt = performance.now();
      this.#slots = this.columns && slotsOf(this.columns, this.#kind);
      this.#summarise(this.#slots);
      if ((this.pointedAt ?? 0) >= (this.#slots?.count ?? 0)) this.pointedAt = null;
    }
    if (changed.has("compare") || otherKind)
      this.#compared = this.compare && slotsOf(this.compare, this.#kind);
  }

  protected override render(): TemplateResult {
    const slots = this.#shown();
    return html`
      <div class="area ${this.loading ? "loading" : slots ? "" : "blank"}" aria-busy=${this.loading}>
        <p class="unit" aria-hidden="true">${this.#words.word("unit")}</p>
        ${this.#slider(slots)}
        ${slots && !this.loading ? nothing : html`<p class="notice">${this.#notice()}</p>`}
      </div>
      ${slots ? this.controls() : nothing}
      ${slots ? this.#legend(slots) : nothing}
      <p class="line" aria-hidden="true">
        <span data-testid="chart-line">${this.#line()}</span>
        <span class="room">${this.#spoken()}</span>
      </p>
      <p class="summary" id="summary">${this.#spoken()} ${slots ? this.hint() : nothing}</p>
      <span class="probe" aria-hidden="true"></span>
      <span class="sensor" aria-hidden="true" @transitionend=${this.#recolour}></span>
    `;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const slots = this.#shown();
    if (slots === null) {
      this.#plot?.destroy();
      this.#plot = null;
      return;
    }
    if (this.#plot === null || DRAWN.some((name) => changed.has(name))) this.#show(slots);
  }

  // What the plot asks its host.

  ticks(from: number, to: number, width: number): Tick[] {
    const { labels } = this;
    const slots = this.#slots;
    if (slots === null) return [];
    if (labels !== null) return nameTicks(labels, from, to, width);
    return timeTicks(slots.frame, from, to, width, this.#words.tickNames);
  }

  number(value: number, digits: number): string {
    return written(value, digits);
  }

  pointed(index: number | null): void {
    this.pointedAt = index;
  }

  drawn(): void {
    this.crowded = this.#plot?.isCrowded ?? false;
    if (this.#changedAt === 0) return;
    const detail = {
      milliseconds: performance.now() - this.#changedAt,
      slots: this.#slots?.count ?? 0,
    };
    this.#changedAt = 0;
    this.dispatchEvent(new CustomEvent("drawn", { detail, bubbles: true, composed: true }));
  }

  get #kind(): SlotKind {
    return this.labels ? "GROUP" : this.resolution;
  }

  #language(): Language {
    return languageOf(this.lang || document.documentElement.lang || navigator.language);
  }

  /** The slots, if there are any to be drawn. */
  #shown(): Slots | null {
    return this.#slots !== null && this.#slots.count > 0 ? this.#slots : null;
  }

  #summarise(slots: Slots | null): void {
    this.#summary = slots && summaryOf(slots);
    if (slots === null || this.#summary === null) {
      for (const name of ["wh", "gaps", "bars"]) delete this.dataset[name];
      return;
    }
    const { totalWh, gaps, counts } = this.#summary;
    const valueless = (counts[State.NONE] ?? 0) + (counts[State.GAP] ?? 0);
    this.dataset.wh = String(totalWh);
    this.dataset.gaps = String(gaps.length);
    this.dataset.bars = String(slots.count - valueless);
  }

  #show(slots: Slots): void {
    const inks = this.#inks();
    this.#plot ??= this.makePlot(slots, inks);
    this.#plot.show(slots, this.#compared, this.#live(), inks);
  }

  #inks(): Inks {
    return inksOf(this.probe, this.direction, devicePixelRatio);
  }

  #live(): number {
    const index = this.liveAt === null ? -1 : (this.#slots?.frame.indexOf(this.liveAt) ?? -1);
    return Number.isNaN(this.#slots?.kwh[index] ?? Number.NaN) ? -1 : index;
  }

  /** The colours of the theme have changed, whoever changed them: no other event tells. */
  #recolour(): void {
    this.#plot?.recolour(this.#inks());
  }

  #print(printing: boolean): void {
    if (printing) this.#plot?.fit(Math.min(this.box.clientWidth, PAPER_WIDTH));
    else this.#plot?.fit();
    this.#recolour();
  }

  #line(): string {
    const slots = this.#shown();
    if (slots === null) return "";
    if (this.pointedAt === null) return this.#spoken();
    return this.#words.slot(slots, this.pointedAt, this.#compared, this.compareLabel);
  }

  #spoken(): string {
    const slots = this.#shown();
    return slots && this.#summary ? this.#words.summary(slots, this.#summary) : "";
  }

  #notice(): string {
    return this.#words.word(this.loading ? "loading" : "nothing");
  }

  #legend(slots: Slots): TemplateResult {
    return legend({
      words: this.#words,
      direction: this.direction,
      average: this.labels !== null,
      crowded: this.crowded,
      counts: this.#summary?.counts ?? [],
      live: this.#live() >= 0,
      compare: this.#compared?.highest(0, slots.count) ? this.compareLabel : null,
    });
  }

  #slider(slots: Slots | null): TemplateResult {
    const heading = this.heading || this.#words.word("unnamed");
    return slider({
      name: this.#words.word("name", { heading }),
      count: slots?.count ?? 0,
      at: this.pointedAt,
      text: this.#line() || this.#notice(),
      pressed: (event) => this.#pressed(event),
      left: () => this.#plot?.point(null),
    });
  }

  #pressed(event: KeyboardEvent): void {
    if (!this.#plot || !this.#slots || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = keyStep(event.key, this.pointedAt, this.#slots.count, this.#kind);
    if (step !== undefined) this.#plot.point(step);
    else if (!this.pressed(event.key)) return;
    event.preventDefault();
  }
}

/** Properties after which all is drawn anew. */
const DRAWN = [
  "columns",
  "compare",
  "resolution",
  "direction",
  "liveAt",
  "labels",
  "lang",
] as const satisfies readonly (keyof ChartElement)[];
