// <k-chart>: the chart of the page, which can be zoomed; it stays smooth at 24 months of half hours.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { ChartElement } from "./chart-element";
import type { Word } from "./describe";
import type { Inks } from "./inks";
import { Plot, type ZoomHost } from "./plot";
import type { Slots } from "./slots";
import { chartStyles, zoomStyles } from "./styles";

export type { Resolution } from "./frame";
export type { ChartColumns, Quality } from "./slots";

const NAME = "k-chart";

export class KChart extends ChartElement implements ZoomHost {
  static override styles = [...chartStyles, ...zoomStyles];

  @property({ type: Boolean }) zoomable = false;

  #zooming: Plot | null = null;

  zoomed(): void {
    this.requestUpdate();
  }

  protected override makePlot(slots: Slots, inks: Inks): Plot {
    this.#zooming = new Plot(this.box, this, slots, inks);
    return this.#zooming;
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    this.#zooming?.drag(this.zoomable);
  }

  protected override hint(): string {
    return this.zoomable ? this.word("keys-zoom") : "";
  }

  protected override pressed(key: string): boolean {
    const act = this.zoomable ? this.#acts[key] : undefined;
    act?.();
    return act !== undefined;
  }

  protected override controls(): TemplateResult | typeof nothing {
    if (!this.zoomable) return nothing;
    const whole = !this.#zooming?.isZoomed;
    const first = this.#zooming?.from === 0;
    const last = this.#zooming?.to === this.#zooming?.count;
    return html`<div class="zoom">
      ${this.#button("earlier", "‹", first, this.#earlier)}
      ${this.#button("later", "›", last, this.#later)}
      ${this.#button("zoom-in", "+", false, this.#nearer)}
      ${this.#button("zoom-out", "−", whole, this.#farther)}
      ${this.#button("zoom-all", this.word("zoom-all"), whole, this.#all)}
    </div>`;
  }

  #button(word: Word, sign: string, disabled: boolean, act: () => void): TemplateResult {
    return html`<button type="button" aria-label=${this.word(word)} ?disabled=${disabled} @click=${act}>
      ${sign}
    </button>`;
  }

  readonly #earlier = (): void => this.#zooming?.pan(-0.5);
  readonly #later = (): void => this.#zooming?.pan(0.5);
  readonly #nearer = (): void => this.#zooming?.zoom(0.5);
  readonly #farther = (): void => this.#zooming?.zoom(2);
  readonly #all = (): void => this.#zooming?.see(0, Number.POSITIVE_INFINITY);

  /** Plus is Shift and semicolon on Japanese keyboards, Shift and equals on others. */
  readonly #acts: Readonly<Record<string, () => void>> = {
    "+": this.#nearer,
    ";": this.#nearer,
    "=": this.#nearer,
    "-": this.#farther,
    "0": this.#all,
  };
}

declare global {
  interface HTMLElementTagNameMap {
    [NAME]: KChart;
  }
}

// The page and a widget in it may both bring it.
if (!customElements.get(NAME)) customElements.define(NAME, KChart);
