"""Bills as MongoDB keeps them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bson import Int64

from datasources.mongo import Document
from domain.bills import (
    Bill,
    BillSource,
    LineItem,
    LineKind,
    Payment,
    PaymentState,
)
from domain.facilities import ContractKind, PaymentMethod


def bill_document(bill: Bill) -> Document:
    """A bill with its id, and without its place."""
    return {
        "_id": bill.id,
        "portal": bill.portal,
        "member": bill.owner,
        "facility": Int64(bill.facility),
        "kind": bill.kind.value,
        "contract": bill.contract,
        "plan": bill.plan,
        "number": bill.number,
        "revision": bill.revision,
        "source": bill.source.value,
        "startOn": bill.start_on.isoformat(),
        "endOn": bill.end_on.isoformat(),
        "readOn": bill.read_on.isoformat(),
        "usage": Int64(bill.usage),
        "estimated": Int64(bill.estimated),
        "amountYen": Int64(bill.amount_yen),
        "lines": [_line_document(line) for line in bill.lines],
        "pointsRestSen": None if bill.points_rest_sen is None else Int64(bill.points_rest_sen),
        "taxPercent": bill.tax_percent,
        "issuedOn": bill.issued_on.isoformat(),
        "availableOn": bill.available_on.isoformat(),
        "payment": payment_document(bill.payment),
        "invoice": bill.invoice,
        "order": bill.order,
    }


def payment_document(payment: Payment) -> Document:
    return {
        "method": payment.method and payment.method.value,
        "state": payment.state.value,
        "dueOn": payment.due_on.isoformat(),
        "debitOn": payment.debit_on and payment.debit_on.isoformat(),
        "paidOn": payment.paid_on and payment.paid_on.isoformat(),
        "recordedAt": payment.recorded_at,
    }


def read_bill(found: Mapping[str, Any]) -> Bill:
    """The bill in a document; raises ArithmeticError, LookupError, TypeError or ValueError."""
    return Bill(
        id=f"{found['portal']}/{found['number']}",
        portal=found["portal"],
        owner=found["member"],
        facility=found["facility"],
        kind=ContractKind(found["kind"]),
        contract=found["contract"],
        plan=found["plan"],
        number=found["number"],
        revision=found["revision"],
        source=BillSource(found["source"]),
        start_on=date.fromisoformat(found["startOn"]),
        end_on=date.fromisoformat(found["endOn"]),
        read_on=date.fromisoformat(found["readOn"]),
        usage=found["usage"],
        estimated=found["estimated"],
        amount_yen=found["amountYen"],
        lines=tuple(_line(line) for line in found["lines"]),
        points_rest_sen=found["pointsRestSen"],
        tax_percent=found["taxPercent"],
        issued_on=date.fromisoformat(found["issuedOn"]),
        available_on=date.fromisoformat(found["availableOn"]),
        payment=read_payment(found["payment"]),
        invoice=found["invoice"],
    )


def read_payment(found: Mapping[str, Any]) -> Payment:
    return Payment(
        method=None if found["method"] is None else PaymentMethod(found["method"]),
        state=PaymentState(found["state"]),
        due_on=date.fromisoformat(found["dueOn"]),
        debit_on=_date(found["debitOn"]),
        paid_on=_date(found["paidOn"]),
        recorded_at=found["recordedAt"],
    )


def _line_document(line: LineItem) -> Document:
    return {
        "kind": line.kind.value,
        "label": line.label,
        "quantity": _text(line.quantity),
        "unit": line.unit,
        "unitPrice": _text(line.unit_price),
        "amountSen": Int64(line.amount_sen),
    }


def _line(found: Mapping[str, Any]) -> LineItem:
    return LineItem(
        kind=LineKind(found["kind"]),
        label=found["label"],
        quantity=_decimal(found["quantity"]),
        unit=found["unit"],
        unit_price=_decimal(found["unitPrice"]),
        amount_sen=found["amountSen"],
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
