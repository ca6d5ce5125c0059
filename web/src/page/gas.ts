/** `<k-gas>`: gas has no half hours; its usage is known by reading period (US-2). */

import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { isAbort } from "../api/errors";
import { GasPeriodsDocument, type GasPeriodsQuery } from "../generated/graphql";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { t as common, Speaking, texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import { api } from "./api";
import { failed } from "./failure";
import { Latest } from "./latest";
import { numericDate, numericSpan } from "./point-names";
import type { FacilityRef } from "./route";
import "./table";
import { kwh as threeDigits } from "../format/numbers";
import type { Column } from "./table-rows";

const t = texts(en, ja);
type Period = NonNullable<GasPeriodsQuery["facility"]>["readingPeriods"]["nodes"][number];

@customElement("k-gas")
export class Gas extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host { margin-block-start: 1.5rem; }
    `,
  ];

  @property({ attribute: false }) facility!: FacilityRef;
  @state() private periods: readonly Period[] | null = null;
  @state() private problem: unknown = null;
  readonly #load = new Latest(this);
  protected readonly speaking = new Speaking(this);

  override willUpdate(changed: PropertyValues<this>): void {
    const last = changed.get("facility");
    if (changed.has("facility") && last?.id !== this.facility.id) void this.#ask();
  }

  async #ask(): Promise<void> {
    const signal = this.#load.next();
    this.periods = null;
    this.problem = null;
    try {
      const variables = { facility: this.facility.id };
      const { facility } = await api.query(GasPeriodsDocument, variables, { signal });
      this.periods = facility?.readingPeriods.nodes ?? [];
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.problem = error;
    }
  }

  override render() {
    return html`<h2>${t("gas.title")}</h2>${this.#content()}`;
  }

  #content() {
    if (this.problem !== null) return failed(this.problem, () => this.#ask());
    if (this.periods === null) return html`<p role="status">${common("loading")}</p>`;
    if (this.periods.length === 0) return html`<p class="notice">${t("gas.none")}</p>`;
    return html`
      <k-table headed heading=${t("gas.title")} .columns=${columns(this.periods)}
        .count=${this.periods.length}></k-table>
    `;
  }
}

function columns(periods: readonly Period[]): Column[] {
  const unit = periods[0]?.unit ?? "m³";
  const quantity = (key: "usage" | "presentRegister", label: string): Column => ({
    key,
    label,
    numeric: true,
    value: (row) => periods[row]?.[key] ?? null,
    text: (row) => threeDigits(periods[row]?.[key]),
    copied: (row) => periods[row]?.[key].toFixed(3) ?? "",
  });
  return [
    {
      key: "period",
      label: t("gas.period"),
      value: (row) => periods[row]?.startOn ?? null,
      text: (row) => {
        const period = periods[row];
        return period ? numericSpan({ from: period.startOn, to: period.endOn }) : "";
      },
    },
    quantity("usage", t("gas.usage", { unit })),
    quantity("presentRegister", t("gas.register", { unit })),
    {
      key: "readOn",
      label: t("gas.readOn"),
      value: (row) => periods[row]?.readOn ?? null,
      text: (row) => numericDate(periods[row]?.readOn ?? ""),
    },
  ];
}
