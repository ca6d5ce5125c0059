/** `<k-bills>`: the bills of a facility, newest first, each with its lines (BI-1, BI-7, BI-8). */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";

import { isAbort } from "../api/errors";
import { count } from "../format/numbers";
import { type ContractKind, FacilityBillsDocument } from "../generated/graphql";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { tables } from "../styles/tables";
import { en } from "../text/bills.en";
import { ja } from "../text/bills.ja";
import { Speaking, texts } from "../text/index";
import { api } from "./api";
import { billItem } from "./bill";
import type { Bill } from "./bill-lines";
import { billStyles } from "./bill-styles";
import { choice, choiceStyles } from "./choice";
import { failed } from "./failure";
import { Latest } from "./latest";
import type { FacilityRef, Route } from "./route";

const t = texts(en, ja);
const KINDS: readonly ContractKind[] = ["ELECTRICITY", "GAS", "BUY_BACK"];

/** The list so far; `end` is where older ones follow, null where there are none. */
interface Bills {
  readonly bills: readonly Bill[];
  readonly total: number;
  readonly end: string | null;
}

@customElement("k-bills")
export class BillsView extends LitElement {
  static override styles = [base, controls, tables, choiceStyles, billStyles];

  @property({ attribute: false }) facility!: FacilityRef;
  @property({ attribute: false }) route!: Route;
  @state() private list: Bills | null = null;
  @state() private kind: ContractKind | null = null;
  @state() private problem: unknown = null;
  @state() private loading = false;
  #facility = "";
  readonly #load = new Latest(this);
  protected readonly speaking = new Speaking(this);

  override connectedCallback(): void {
    super.connectedCallback();
    this.#facility = "";
  }

  override willUpdate(): void {
    if (this.#facility === this.facility.id) return;
    this.#facility = this.facility.id;
    this.kind = null;
    void this.#ask(null);
  }

  /** The list from its begin, or what follows the one that is there. */
  async #ask(after: Bills | null): Promise<void> {
    const signal = this.#load.next();
    if (after === null) this.list = null;
    this.loading = true;
    this.problem = null;
    try {
      const variables = { facility: this.facility.id, kind: this.kind, after: after?.end ?? null };
      const { facility } = await api.query(FacilityBillsDocument, variables, { signal });
      if (!facility) throw new TypeError("a facility without an error is there");
      const { nodes, totalCount, pageInfo } = facility.bills;
      this.list = {
        bills: [...(after?.bills ?? []), ...nodes],
        total: totalCount,
        end: pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null,
      };
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.problem = error;
    }
    this.loading = false;
  }

  override render() {
    return html`
      <div class="bar">
        <h2>${t("title")}</h2>
        ${this.#kinds()}
      </div>
      <p role="status">${this.#status()}</p>
      ${this.list === null || this.list.bills.length === 0 ? nothing : this.#bills(this.list)}
      ${this.problem === null ? nothing : failed(this.problem, () => this.#ask(this.list))}
      ${
        this.list !== null && this.list.end !== null && this.problem === null
          ? this.#more(this.list)
          : nothing
      }
    `;
  }

  #kinds() {
    const name = (kind: ContractKind | "all") => t(kind);
    return choice(t("kind"), ["all", ...KINDS], this.kind ?? "all", name, (kind) => {
      this.kind = kind === "all" ? null : kind;
      void this.#ask(null);
    });
  }

  #status(): string {
    if (this.list === null) return this.loading ? t("loading") : "";
    const { bills, total } = this.list;
    if (bills.length === 0) return this.kind === null ? t("none") : t("none.kind");
    return t("count", { shown: count(bills.length), total: count(total) });
  }

  #bills({ bills }: Bills) {
    return html`
      <ul class="bills">${repeat(
        bills,
        (bill) => bill.id,
        (bill) => billItem(bill),
      )}</ul>
    `;
  }

  #more(list: Bills) {
    return html`
      <button type="button" aria-disabled=${this.loading}
        @click=${() => this.loading || this.#ask(list)}>${t("more")}</button>
    `;
  }
}
