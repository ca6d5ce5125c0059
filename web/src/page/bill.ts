/** One bill, folded to a line with what matters most. */

import { html, nothing } from "lit";

import { dateOf } from "../format/dates";
import { kwh, yen } from "../format/numbers";
import {
  BillFileDocument,
  type BillFileQuery,
  InvoiceFileDocument,
  type InvoiceFileQuery,
} from "../generated/graphql";
import { en } from "../text/bills.en";
import { ja } from "../text/bills.ja";
import { language, texts } from "../text/index";
import { api } from "./api";
import { type Bill, linesTable } from "./bill-lines";
import "./downloads";
import type { FileOffer } from "./downloads";
import { leading } from "./leading";
import { numericDate, numericSpan } from "./point-names";

const t = texts(en, ja);
type Revision = Bill["revisions"][number];

const isPaidOut = (bill: Bill): boolean => bill.kind === "BUY_BACK";

export function billItem(bill: Bill) {
  return html`
    <li>
      <details>
        <summary>
          <span class="kind">${t(bill.kind)}</span>
          <span class="span">${spanOf(bill)}</span>
          <span class="use">${usage(bill)}</span>
          <span class="amount" data-testid="amount">${yen(bill.amountYen, language())}</span>
          <span class="badge ${bill.payment.state}">${paymentState(bill)}</span>
          ${
            bill.revision > 0
              ? html`<span class="badge">${t("revised", { revision: bill.revision })}</span>`
              : nothing
          }
        </summary>
        <div class="bill">
          ${facts(bill)}
          ${linesTable(t("lines", { number: bill.number }), bill.lines, bill.amountYen)}
          ${revisions(bill)}
          <div class="ways">
            ${bill.kind === "GAS" ? nothing : html`<p>${usageLink(bill)}</p>`}
            <k-downloads .offers=${offers(bill)}></k-downloads>
          </div>
        </div>
      </details>
    </li>
  `;
}

const spanOf = ({ periodStartOn, periodEndOn }: Bill): string =>
  numericSpan({ from: periodStartOn, to: periodEndOn });

const usage = (bill: Pick<Bill, "usageKwh" | "usageM3">): string =>
  bill.usageKwh == null ? `${kwh(bill.usageM3)} m³` : `${kwh(bill.usageKwh)} kWh`;

function paymentState(bill: Bill): string {
  const { state } = bill.payment;
  if (isPaidOut(bill) && (state === "PAID" || state === "UNPAID")) return t(`${state}.BUY_BACK`);
  return t(state);
}

function usageLink(bill: Bill) {
  const direction = isPaidOut(bill) ? ("EXPORT" as const) : ("IMPORT" as const);
  const part = { view: "period" as const, date: bill.periodStartOn, direction, by: null };
  return leading(t("usage.show"), part);
}

function facts(bill: Bill) {
  const estimated =
    bill.estimatedKwh > 0 ? `, ${t("estimated", { kwh: kwh(bill.estimatedKwh) })}` : "";
  const rows: [string, string][] = [
    [t("number"), bill.number],
    [t("plan"), bill.plan ?? "–"],
    [isPaidOut(bill) ? t("usage.BUY_BACK") : t("usage"), usage(bill) + estimated],
    [t("readOn"), numericDate(bill.readOn)],
    [t("issued"), numericDate(bill.issuedOn)],
    [isPaidOut(bill) ? t("amount.BUY_BACK") : t("amount"), yen(bill.amountYen, language())],
    [t("tax", { percent: bill.taxPercent }), yen(bill.taxYen, language())],
    [t("payment"), payment(bill)],
  ];
  return html`
    <dl class="facts">
      ${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    </dl>
    ${bill.revision > 0 ? html`<p class="notice">${t("revised.note")}</p>` : nothing}
  `;
}

/** "Direct debit, not paid yet, due on 2026/12/16 …": what is known of it. */
function payment(bill: Bill): string {
  const { method, dueOn, debitOn, paidOn, resultAvailableOn, state } = bill.payment;
  const on = (key: "dueOn" | "debitOn" | "paidOn" | "resultOn", date: string | null | undefined) =>
    date ? t(key, { date: numericDate(date) }) : "";
  const isOpen = state !== "PAID";
  const said = [
    method ? t(method) : "",
    [paymentState(bill), on("paidOn", paidOn)].filter(Boolean).join(" "),
    isOpen ? on("dueOn", dueOn) : "",
    isOpen ? on("debitOn", debitOn) : "",
    isOpen ? on("resultOn", resultAvailableOn) : "",
    bill.invoiceId ? t("invoiced") : "",
  ];
  return said.filter(Boolean).join(language() === "ja" ? "、" : ", ");
}

function revisions(bill: Bill) {
  if (bill.revisions.length === 0) return nothing;
  return html`
    <details class="revisions">
      <summary>${t("revisions")}</summary>
      ${bill.revisions.map(
        (revision) => html`
          <h4>${revisionTitle(revision)}</h4>
          <p>${usage(revision)}</p>
          ${linesTable(t("lines", { number: revision.number }), revision.lines, revision.amountYen)}
        `,
      )}
    </details>
  `;
}

function revisionTitle({ revision, issuedOn, replacedAt }: Revision): string {
  const params = {
    revision,
    issued: numericDate(issuedOn),
    replaced: numericDate(dateOf(replacedAt)),
  };
  return revision === 0 ? t("revision.first", params) : t("revision.title", params);
}

function offers(bill: Bill): FileOffer[] {
  const file = (label: string, format: "PDF" | "CSV"): FileOffer => ({
    label,
    address: async (signal) =>
      urlOf(await api.query(BillFileDocument, { bill: bill.id, format }, { signal })),
  });
  const { invoiceId: invoice } = bill;
  const offered = [file(t("file.pdf"), "PDF"), file(t("file.csv"), "CSV")];
  if (!invoice) return offered;
  const address = async (signal: AbortSignal) =>
    urlOf(await api.query(InvoiceFileDocument, { invoice }, { signal }));
  return [...offered, { label: t("file.invoice"), address }];
}

const urlOf = ({ node }: BillFileQuery | InvoiceFileQuery): string | null =>
  node && "download" in node ? node.download.url : null;
