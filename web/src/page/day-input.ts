/** `<k-day-input>`: the browser's own date field, that tells of days only that can be looked at. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { addDays, isDate, type TokyoDate } from "../format/dates";
import type { DateSpan } from "../format/spans";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { Speaking, texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import { numericDate } from "./point-names";

const t = texts(en, ja);

/** What `chosen` tells; `again` if it is one more of the same visit to the field. */
export interface ChosenDay {
  readonly date: TokyoDate;
  readonly again: boolean;
}

@customElement("k-day-input")
export class DayInput extends LitElement {
  static override styles = [
    base,
    controls,
    css`:host { display: inline-block; } input { font-weight: 400; }`,
  ];

  @property() label = "";
  @property() value: TokyoDate = "";
  @property({ attribute: false }) bounds: DateSpan | null = null;
  @state() private outside = false;
  // Typing a date makes several that are valid on the way: they are one step of the history.
  #chosen = false;
  protected readonly speaking = new Speaking(this);

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("value")) this.outside = false;
  }

  override render() {
    const { bounds } = this;
    const last = bounds === null ? "" : addDays(bounds.to, -1);
    const range = { from: numericDate(bounds?.from ?? ""), to: numericDate(last) };
    return html`
      <label>
        <span class="visually-hidden">${this.label}</span>
        <input type="date" required min=${bounds?.from ?? nothing} max=${last || nothing}
          .value=${this.value} aria-invalid=${this.outside}
          aria-describedby=${this.outside ? "range" : nothing}
          @change=${this.#changed} @blur=${this.#left} />
      </label>
      ${this.outside ? html`<p id="range" class="error">${t("day.outside", range)}</p>` : nothing}
    `;
  }

  #changed(event: Event): void {
    const input = event.target as HTMLInputElement;
    this.outside = !isDate(input.value) || !input.validity.valid;
    if (this.outside) return;
    const detail: ChosenDay = { date: input.value, again: this.#chosen };
    this.#chosen = true;
    this.dispatchEvent(new CustomEvent("chosen", { detail }));
  }

  #left(event: Event): void {
    this.#chosen = false;
    if (!this.outside) return;
    // What cannot be shown does not stay: the field says again which day the picture is of.
    (event.target as HTMLInputElement).value = this.value;
    this.outside = false;
  }
}
