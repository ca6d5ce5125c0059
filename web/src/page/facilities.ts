/** `<k-facilities>`: the member's facilities to choose from, found without waiting, each with its latest reading. */

import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { dateOf, ms, shortDate, timeOf } from "../format/dates";
import { count, kwh, wh } from "../format/numbers";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { en } from "../text/facilities.en";
import { ja } from "../text/facilities.ja";
import { language, Speaking, texts } from "../text/index";
import { clock } from "./api";
import { facilitiesStyles } from "./facilities-styles";
import type { FacilityList, Latest, Listed } from "./facility-list";
import { failed } from "./failure";
import { pressing } from "./leading";
import { router } from "./route";
import { scriptOf } from "./script-of";
import { matches, wordsOf } from "./search";

const t = texts(en, ja);
/** Fewer are seen at once. */
const SEARCHED_FROM = 6;

@customElement("k-facilities")
export class Facilities extends LitElement {
  static override styles = [base, controls, facilitiesStyles];

  @property({ attribute: false }) list!: FacilityList;
  /** Id of the facility that is shown beside the list. */
  @property() chosen: string | null = null;
  @state() private typed = "";
  @state() private area = "";
  protected readonly speaking = new Speaking(this);
  readonly #listen = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.list?.addEventListener("changed", this.#listen);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.list?.removeEventListener("changed", this.#listen);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("list")) return;
    changed.get("list")?.removeEventListener("changed", this.#listen);
    this.list.addEventListener("changed", this.#listen);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("chosen")) this.#showChosen();
  }

  /** Scroll the list to what is chosen, and never the page, as scrollIntoView would. */
  #showChosen(): void {
    const list = this.closest(".sidebar");
    const link = this.renderRoot.querySelector("[aria-current]");
    if (!list || !link) return;
    const { top, bottom } = link.getBoundingClientRect();
    const box = list.getBoundingClientRect();
    const over = bottom - Math.min(box.bottom, innerHeight);
    if (top < box.top) list.scrollTop -= box.top - top;
    else if (over > 0) list.scrollTop += over;
  }

  override render() {
    if (this.list.total === 0) return this.#empty();
    const found = this.#found();
    const { problem } = this.list;
    return html`
      ${problem === null ? nothing : failed(problem, () => this.list.load())}
      ${(this.list.total ?? 0) >= SEARCHED_FROM ? this.#search(found.length) : nothing}
      ${this.list.total === null && problem === null ? this.#waiting() : nothing}
      ${found.length ? this.#items(found) : nothing}
      ${
        this.list.facilities.length && !found.length
          ? html`<p class="none">${t("none found", { text: this.typed || this.area })}</p>`
          : nothing
      }
    `;
  }

  #found(): readonly Listed[] {
    const words = wordsOf(this.typed);
    return this.list.facilities.filter(
      (one) => (!this.area || one.area === this.area) && matches(one.found, words),
    );
  }

  #waiting() {
    return html`<p role="status">${t("loading")}</p>`;
  }

  #empty() {
    return html`
      <div class="empty">
        <h2>${t("empty")}</h2>
        <p>${t("empty why")}</p>
      </div>
    `;
  }

  #search(found: number) {
    const areas = [...new Set(this.list.facilities.flatMap((one) => one.area ?? []))];
    return html`
      <search class="search">
        <label class="visually-hidden" for="search">${t("search")}</label>
        <input
          id="search"
          type="search"
          autocomplete="off"
          spellcheck="false"
          enterkeyhint="search"
          placeholder=${t("search")}
          aria-describedby="hint"
          .value=${this.typed}
          @input=${this.#type}
          @keydown=${this.#keyInSearch}
        />
        <p id="hint" class="hint">${t("hint")}</p>
        ${areas.length > 1 ? this.#areas(areas) : nothing}
        <p class="count" role="status">${this.#countOf(found)}</p>
      </search>
    `;
  }

  #areas(areas: readonly string[]) {
    const choose = (event: Event) => {
      this.area = (event.target as HTMLSelectElement).value;
    };
    return html`
      <select aria-label=${t("area")} @change=${choose}>
        <option value="">${t("all areas")}</option>
        ${areas.map((area) => html`<option ?selected=${area === this.area}>${area}</option>`)}
      </select>
    `;
  }

  #countOf(found: number): string {
    const of = this.list.total ?? 0;
    if (!this.list.complete) {
      return t("loading more", { n: count(this.list.facilities.length), of: count(of) });
    }
    return found === of ? t("count", { n: of }) : t("found", { n: count(found), of: count(of) });
  }

  #items(found: readonly Listed[]) {
    return html`
      <ul @keydown=${this.#keyInList}>
        ${repeat(
          found,
          (one) => one.id,
          (one) => this.#item(one),
        )}
      </ul>
    `;
  }

  #item(one: Listed) {
    const { address, follow } = pressing({ facility: one.id, view: this.#viewOf() });
    return html`
      <li>
        <a
          href=${address}
          aria-current=${one.id === this.chosen ? "true" : nothing}
          @click=${follow}
        >
          <span class="name" lang=${scriptOf(one.name)}>${one.name}</span>
          <span class="where" lang=${scriptOf(one.address)}>${one.address}</span>
          ${this.#latest(this.list.latestOf(one.id))}
        </a>
      </li>
    `;
  }

  #latest(latest: Latest | null) {
    if (!latest) return html`<span class="latest none">${t("no reading")}</span>`;
    const now = clock.now();
    const day = dateOf(latest.startAt);
    const running = ms(latest.endAt) > now;
    const from = `${day === dateOf(now) ? "" : `${shortDate(day, language())} `}${timeOf(latest.startAt)}`;
    return html`
      <span class="latest" data-wh=${wh(latest.kwh)}>
        <span class="value">${kwh(latest.kwh)}<span class="unit">kWh</span></span>
        <span class="time">
          ${running ? t("running", { from }) : t("latest", { from, to: timeOf(latest.endAt) })}
        </span>
      </span>
    `;
  }

  /** The same view of another facility; the list itself leads to today. */
  #viewOf() {
    return router.route.view === "facilities" ? "today" : router.route.view;
  }

  readonly #type = (event: Event) => {
    this.typed = (event.target as HTMLInputElement).value;
  };

  readonly #keyInSearch = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const links = this.#links();
    if (event.key === "ArrowDown") {
      event.preventDefault();
      links[0]?.focus();
    } else if (event.key === "Enter" && this.typed.trim() !== "") {
      links[0]?.click();
    }
  };

  readonly #keyInList = (event: KeyboardEvent) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    const links = this.#links();
    const next = links.indexOf(event.target as HTMLAnchorElement) + way;
    if (next < 0) this.renderRoot.querySelector<HTMLElement>("#search")?.focus();
    else links[next]?.focus();
  };

  #links(): HTMLAnchorElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLAnchorElement>("ul a")];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "k-facilities": Facilities;
  }
}
