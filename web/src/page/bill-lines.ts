/** What a bill's amount is made of, as a table whose lines add up to it. */

import { html, nothing } from "lit";

import { NOTHING } from "../format/numbers";
import type { FacilityBillsQuery } from "../generated/graphql";
import { en } from "../text/bills.en";
import { ja } from "../text/bills.ja";
import { texts } from "../text/index";

const t = texts(en, ja);

export type Bill = NonNullable<FacilityBillsQuery["facility"]>["bills"]["nodes"][number];
export type BillLine = Bill["lines"][number];

const digits = (least: number, most: number) =>
  new Intl.NumberFormat("en", { minimumFractionDigits: least, maximumFractionDigits: most });
/** Lines are exact to the sen; unit prices may be finer. */
const sen = digits(2, 2);
const price = digits(2, 4);
const quantity = digits(0, 3);
const whole = digits(0, 0);

const shown = (format: Intl.NumberFormat, value: number | null | undefined): string =>
  value === null || value === undefined ? NOTHING : format.format(value).replace(/^-/, "−");

export function linesTable(caption: string, lines: readonly BillLine[], amountYen: number) {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>
            <th scope="col">${t("line.label")}</th>
            <th scope="col" class="number wide">${t("line.quantity")}</th>
            <th scope="col" class="number wide">${t("line.price")}</th>
            <th scope="col" class="number">${t("line.amount")}</th>
          </tr>
        </thead>
        <tbody>${lines.map(row)}</tbody>
        <tfoot>
          <tr>
            <th scope="row">${t("line.total")}</th>
            <td class="wide"></td>
            <td class="wide"></td>
            <td class="number">${shown(whole, amountYen)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  `;
}

/** On a phone quantity and price stand below the label, where two columns more have no room. */
function row(line: BillLine) {
  const amount = line.quantity == null ? NOTHING : `${shown(quantity, line.quantity)} ${line.unit}`;
  const unitPrice = shown(price, line.unitPriceYen);
  // Labels are in Japanese, as printed: whoever reads the page aloud should know.
  return html`
    <tr>
      <th scope="row">
        <span lang="ja">${line.label}</span>
        ${line.quantity == null ? nothing : html`<small class="narrow">${amount} × ${unitPrice}</small>`}
      </th>
      <td class="number wide">${amount}</td>
      <td class="number wide">${unitPrice}</td>
      <td class="number">${shown(sen, line.amountYen)}</td>
    </tr>
  `;
}
