/** `<k-table>`: rows with a caption, sortable, copyable, in pages where they are many. */

import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { count } from "../format/numbers";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { tables } from "../styles/tables";
import { Speaking, texts } from "../text/index";
import { en } from "../text/table.en";
import { ja } from "../text/table.ja";
import { copy } from "./clipboard";
import { leading } from "./leading";
import {
  type Column,
  type PageOfRows,
  pageOf,
  pressed,
  type Sorting,
  sorted,
  tabSeparated,
} from "./table-rows";

const t = texts(en, ja);
/** As many as are read at a time; a page of half hours of two days and more. */
const PAGE_ROWS = 100;

@customElement("k-table")
export class Table extends LitElement {
  static override styles = [
    base,
    controls,
    tables,
    css`
      :host { display: block; }
      thead button {
        display: inline-flex; align-items: baseline; gap: 0.3em; inline-size: 100%;
        border: 0; background: none; color: inherit; font: inherit; font-weight: 600;
        padding: 0.4rem 0; min-block-size: 2.75rem; text-align: start; cursor: pointer;
      }
      thead .number button { justify-content: flex-end; text-align: end; }
      .way { inline-size: 1em; flex: none; text-align: center; }
      tbody th { font-weight: 400; text-align: start; }
      th, td { white-space: nowrap; }
      thead .named button { min-inline-size: 8em; white-space: normal; overflow-wrap: anywhere; }
      thead th { padding-block: 0; }
      tfoot th, tfoot td { font-weight: 600; border-block-start: 2px solid var(--k-line); }
      .pages, .copy { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
      .pages { margin-block: 0.75rem; }
      .pages input { min-block-size: 2.75rem; }
      .pages input { inline-size: 5.5em; }
      @media print {
        /* At its end only, not at the end of every sheet. */
        tfoot { display: table-row-group; }
        .pages, .copy, .way { display: none; } .scroll { overflow: visible; } }
    `,
  ];

  /** What the table is of: its caption. */
  @property() heading = "";
  /** Whether a heading of the page says it already. */
  @property({ type: Boolean }) headed = false;
  @property({ attribute: false }) columns: readonly Column[] = [];
  @property({ type: Number }) count = 0;
  /** Names what the rows are of: while it stays, sorting and page do. */
  @property() of = "";
  @state() private sorting: Sorting | null = null;
  @state() private page = 0;
  /** A function, so that it follows the language. */
  @state() private said = (): string => "";
  #order: Uint32Array = new Uint32Array();
  protected readonly speaking = new Speaking(this);

  override willUpdate(changed: PropertyValues): void {
    if (changed.has("of") && changed.get("of") !== undefined) {
      this.page = 0;
      this.said = () => "";
    }
    if (changed.has("columns") || changed.has("count") || changed.has("sorting")) {
      this.#order = sorted(this.columns, this.count, this.sorting);
    }
  }

  override render() {
    const page = pageOf(this.count, PAGE_ROWS, this.page);
    return html`
      <div class="copy">
        <button type="button" @click=${this.#copy}>${t("copy")}</button>
        <span role="status">${this.said()}</span>
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label=${this.heading}>
        <table>
          <caption class=${this.headed ? "visually-hidden" : ""}>${this.heading}</caption>
          <thead><tr>${this.columns.map((column) => this.#head(column))}</tr></thead>
          <tbody>${this.#rows(page)}</tbody>
          ${this.columns.some((column) => column.total !== undefined) ? this.#foot() : nothing}
        </table>
      </div>
      ${page.pages > 1 ? this.#pages(page) : nothing}
    `;
  }

  #head(column: Column) {
    const own = this.sorting?.key === column.key ? this.sorting : null;
    const way = own === null ? "none" : own.down ? "descending" : "ascending";
    const kind = `${column.numeric ? "number" : ""} ${column.named ? "named" : ""}`;
    return html`
      <th scope="col" class=${kind} aria-sort=${way}>
        <button type="button" @click=${() => this.#sort(column.key)}>
          ${column.label}<span class="way" aria-hidden="true"
            >${own === null ? "↕" : own.down ? "↓" : "↑"}</span
          >
        </button>
      </th>
    `;
  }

  #rows(page: PageOfRows) {
    return Array.from(
      this.#order.subarray(page.first, page.end),
      (row) =>
        html`<tr>${this.columns.map((column, at) => this.#cell(column, row, at === 0))}</tr>`,
    );
  }

  #cell(column: Column, row: number, isHead: boolean) {
    const text = column.text(row);
    if (isHead) {
      return html`<th scope="row">${leading(text, column.leadsTo?.(row) ?? null)}</th>`;
    }
    const wh = column.wh?.(row) ?? nothing;
    return html`<td class=${column.numeric ? "number" : ""} data-wh=${wh}>${text}</td>`;
  }

  #foot() {
    return html`
      <tfoot>
        <tr>
          ${this.columns.map((column, at) =>
            at === 0
              ? html`<th scope="row">${column.total ?? ""}</th>`
              : html`<td
                  class=${column.numeric ? "number" : ""}
                  data-total-wh=${column.totalWh ?? nothing}
                >${column.total ?? ""}</td>`,
          )}
        </tr>
      </tfoot>
    `;
  }

  #pages({ page, pages, first, end }: PageOfRows) {
    const step = (label: string, sign: string, to: number, stays: boolean) => html`
      <button type="button" aria-label=${label} title=${label} ?disabled=${stays}
        @click=${() => this.#turn(to)}>${sign}</button>
    `;
    const rows = { first: count(first + 1), last: count(end), rows: count(this.count) };
    return html`
      <nav class="pages" aria-label=${t("pages")}>
        ${step(t("first"), "«", 0, page === 0)}
        ${step(t("previous"), "‹", page - 1, page === 0)}
        <label>
          ${t("page")}
          <input type="number" inputmode="numeric" min="1" max=${pages} .value=${String(page + 1)}
            @change=${(event: Event) => this.#typed(event.target as HTMLInputElement, page)} />
        </label>
        <span>${t("of", { pages: count(pages) })}</span>
        ${step(t("next"), "›", page + 1, page === pages - 1)}
        ${step(t("last"), "»", pages - 1, page === pages - 1)}
        <span role="status">${t("shown", rows)}</span>
      </nav>
    `;
  }

  #typed(input: HTMLInputElement, page: number): void {
    const wanted = Math.round(input.valueAsNumber) - 1;
    this.#turn(Number.isFinite(wanted) ? wanted : page);
    // A page that is not there becomes the nearest: the field says which.
    input.value = String(this.page + 1);
  }

  #turn(page: number): void {
    this.page = pageOf(this.count, PAGE_ROWS, page).page;
  }

  #sort(key: string): void {
    this.sorting = pressed(this.sorting, key);
    this.page = 0;
  }

  async #copy(): Promise<void> {
    const done = await copy(tabSeparated(this.columns, this.#order));
    const { count: rows } = this;
    this.said = () => (done ? t("copied", { n: rows }) : t("copy.failed"));
  }
}
