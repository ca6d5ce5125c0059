"""Bills as the company hands them in, one object a line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from domain.bill_dates import contract_billed, latest_reading_on
from domain.billing_policy import BillingPolicy
from domain.bills import (
    Bill,
    BillSource,
    LineItem,
    LineKind,
    Payment,
    PaymentState,
    UnbalancedBill,
    yen_text,
)
from domain.business_days import available_on
from domain.facilities import ContractKind, Facility, PaymentMethod
from domain.payment_records import debit_date
from domain.record_fields import (
    InvalidRecord,
    Record,
    decimal,
    iso_date,
    list_of,
    one_of,
    sen_of_yen,
    supply_point,
    text,
    thousandths,
    whole_percent,
    whole_yen,
)

_BILL: Final = (
    *("portal", "supplyPointNumber", "number", "kind", "contract", "plan"),
    *("startOn", "endOn", "readOn", "usageKwh", "usageM3"),
    *("amountYen", "lines", "taxPercent", "issuedOn", "dueOn"),
    *("paymentMethod", "paymentState", "debitOn", "paidOn"),
)
_LINE: Final = ("kind", "label", "quantity", "unit", "unitPrice", "amountYen")
_USAGE: Final = {ContractKind.GAS: "usageM3"}
"The field that has the usage, where it isn't `usageKwh`."
_STANDARD_TAX_PERCENT: Final = 10
_MOST_LINES: Final = 100
"Far above what a bill has; a page of many more could not be printed."


@dataclass(frozen=True, slots=True)
class NewBill:
    """A checked bill of a supply point; its facility, its owner and its availability are not known."""

    supply_point: str
    bill: Bill


def parse_bill(fields: Mapping[str, object]) -> NewBill:
    """Check the bill of the period ``[startOn, endOn)`` in one decoded NDJSON object.

    Not required are `kind` (ELECTRICITY), `readOn` (`endOn`), `taxPercent` (10), `contract`, `plan`,
    `paymentMethod`, `debitOn`, `paidOn` and, of each line, `quantity`, `unit` and `unitPrice`.
    """
    record = Record.of("", fields, _BILL)
    lines = record.required("lines", list_of(_line, _MOST_LINES))
    number = record.required("supplyPointNumber", supply_point)
    try:
        return NewBill(number, _bill(record, lines))
    except UnbalancedBill:
        total = yen_text(sum(line.amount_sen for line in lines))
        expected = f"amountYen {fields['amountYen']}"
        raise InvalidRecord(f"lines must add up to {expected}, found {total}") from None


def placed_bill(bill: Bill, facility: Facility, billing: BillingPolicy) -> Bill:
    """The company's bill as one of a facility: what it leaves out, the contract says."""
    contract = contract_billed(facility, bill)
    if contract is not None:
        method = bill.payment.method or contract.bills_paid_by
        bill = replace(
            bill,
            contract=bill.contract or contract.number,
            plan=bill.plan or contract.plan,
            payment=replace(bill.payment, method=method),
        )
    read_on = latest_reading_on(bill, contract)
    return replace(
        bill,
        facility=facility.number,
        owner=facility.owner,
        available_on=available_on(read_on, bill.issued_on, billing),
    )


def _bill(record: Record, lines: tuple[LineItem, ...]) -> Bill:
    portal, number = record.required("portal", text), record.required("number", text)
    kind = record.optional("kind", one_of(ContractKind)) or ContractKind.ELECTRICITY
    start_on, end_on = record.span()
    issued_on = record.required("issuedOn", iso_date)
    tax_percent = record.optional("taxPercent", whole_percent)
    return Bill(
        id=f"{portal}/{number}",
        portal=portal,
        owner="",
        facility=0,
        kind=kind,
        contract=record.optional("contract", text),
        plan=record.optional("plan", text),
        number=number,
        source=BillSource.IMPORTED,
        start_on=start_on,
        end_on=end_on,
        read_on=record.optional("readOn", iso_date) or end_on,
        usage=_usage(record, kind),
        amount_yen=record.required("amountYen", whole_yen),
        lines=lines,
        tax_percent=_STANDARD_TAX_PERCENT if tax_percent is None else tax_percent,
        issued_on=issued_on,
        available_on=issued_on,
        payment=_payment(record, issued_on),
    )


def _usage(record: Record, kind: ContractKind) -> int:
    name = _USAGE.get(kind, "usageKwh")
    for other in {"usageKwh", "usageM3"} - {name}:
        if record.fields.get(other) is not None:
            raise InvalidRecord(f"{name} must be given of {kind.value}, found {other}")
    return record.required(name, thousandths)


def _payment(record: Record, issued_on: date) -> Payment:
    due_on = record.required("dueOn", iso_date)
    if due_on < issued_on:
        raise InvalidRecord(f"dueOn must not be before issuedOn {issued_on}, found {due_on}")
    state = record.required("paymentState", one_of(PaymentState))
    return Payment(
        method=record.optional("paymentMethod", one_of(PaymentMethod)),
        state=state,
        due_on=due_on,
        debit_on=debit_date(record, state),
        paid_on=record.optional("paidOn", iso_date),
    )


def _line(path: str, value: object) -> LineItem:
    record = Record.of(path, value, _LINE)
    return LineItem(
        kind=record.required("kind", one_of(LineKind)),
        label=record.required("label", text),
        quantity=record.optional("quantity", decimal),
        unit=record.optional("unit", text),
        unit_price=record.optional("unitPrice", decimal),
        amount_sen=record.required("amountYen", sen_of_yen),
    )
