"""What the company says of payments, one object a line: each line is the whole state of one payment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.bills import PaymentState
from domain.facilities import PaymentMethod
from domain.record_fields import InvalidRecord, Record, instant, iso_date, one_of, text

_PAYMENT: Final = (
    *("portal", "bill", "invoice", "recordedAt"),
    *("method", "state", "debitOn", "paidOn"),
)
_DEBIT: Final = PaymentMethod.DIRECT_DEBIT


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """How a bill, or a consolidated invoice, is paid, as it stood at `recorded_at`."""

    portal: str
    number: str
    of_invoice: bool
    method: PaymentMethod | None
    "None: as it was."
    state: PaymentState
    debit_on: date | None
    paid_on: date | None
    recorded_at: datetime

    @property
    def id(self) -> str:
        """Of the bill or invoice."""
        return f"{self.portal}/{self.number}"


def parse_payment(fields: Mapping[str, object]) -> PaymentRecord:
    """Check the payment in one decoded NDJSON object.

    One of `bill` and `invoice` is the number. `debitOn` is of direct debits, and DEBIT_FAILED needs it;
    `paidOn` is of PAID ones; without `method` that stays as it was.
    """
    record = Record.of("", fields, _PAYMENT)
    bill, invoice = record.optional("bill", text), record.optional("invoice", text)
    if (bill is None) == (invoice is None):
        found = "none" if bill is None else "both"
        raise InvalidRecord(f"either bill or invoice must be given, found {found}")
    method = record.optional("method", one_of(PaymentMethod))
    state = record.required("state", one_of(PaymentState))
    return PaymentRecord(
        portal=record.required("portal", text),
        number=bill or invoice or "",
        of_invoice=bill is None,
        method=method,
        state=state,
        debit_on=_debit_on(record, method, state),
        paid_on=_paid_on(record, state),
        recorded_at=record.required("recordedAt", instant),
    )


def _debit_on(record: Record, method: PaymentMethod | None, state: PaymentState) -> date | None:
    found = debit_date(record, state)
    if found is not None and method is not _DEBIT:
        raise InvalidRecord(f"debitOn must come with method {_DEBIT.value} only, found {found}")
    return found


def debit_date(record: Record, state: PaymentState) -> date | None:
    """`debitOn`, without which nobody could say from when a failure may be seen (BI-3)."""
    if state is PaymentState.DEBIT_FAILED:
        return record.required("debitOn", iso_date)
    return record.optional("debitOn", iso_date)


def _paid_on(record: Record, state: PaymentState) -> date | None:
    if state is PaymentState.PAID:
        return record.required("paidOn", iso_date)
    found = record.optional("paidOn", iso_date)
    if found is not None:
        raise InvalidRecord(f"paidOn must not be given with state {state.value}, found {found}")
    return None
