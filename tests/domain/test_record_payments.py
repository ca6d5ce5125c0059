"""One line about a payment becomes its whole state, or a reason of one short clause."""

from datetime import UTC, date, datetime

import pytest

from domain.bills import PaymentState
from domain.facilities import PaymentMethod
from domain.payment_records import PaymentRecord, parse_payment
from tests.domain.records_given import GONE, Fields, changed, refusal_of

PAID: Fields = {
    "portal": "home",
    "bill": "B1",
    "method": "DIRECT_DEBIT",
    "state": "PAID",
    "debitOn": "2026-11-27",
    "paidOn": "2026-11-27",
    "recordedAt": "2026-11-30T09:00:00.123456+09:00",
}


def test_a_payment_of_a_bill_and_one_of_an_invoice() -> None:
    of_bill = PaymentRecord(
        portal="home",
        number="B1",
        of_invoice=False,
        method=PaymentMethod.DIRECT_DEBIT,
        state=PaymentState.PAID,
        debit_on=date(2026, 11, 27),
        paid_on=date(2026, 11, 27),
        recorded_at=datetime(2026, 11, 30, 0, 0, 0, 123_000, UTC),
    )
    assert parse_payment(PAID) == of_bill
    assert of_bill.id == "home/B1"
    bare = {
        "portal": "home",
        "invoice": "G1",
        "state": "OVERDUE",
        "recordedAt": "2026-11-30T00:00:00Z",
    }
    of_invoice = parse_payment(bare)
    assert (of_invoice.id, of_invoice.of_invoice, of_invoice.method) == ("home/G1", True, None)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("bill", GONE, "either bill or invoice must be given, found none"),
        ("invoice", "G1", "either bill or invoice must be given, found both"),
        ("portal", GONE, "portal must be given, found none"),
        ("method", "CARD", "debitOn must come with method DIRECT_DEBIT only, found 2026-11-27"),
        ("method", None, "debitOn must come with method DIRECT_DEBIT only, found 2026-11-27"),
        ("paidOn", GONE, "paidOn must be given, found none"),
        ("state", "UNPAID", "paidOn must not be given with state UNPAID, found 2026-11-27"),
        (
            "state",
            "LATE",
            "state must be UNPAID, PAID, OVERDUE or DEBIT_FAILED, found 'LATE'",
        ),
        ("recordedAt", GONE, "recordedAt must be given, found none"),
    ],
)
def test_a_wrong_payment_is_refused(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_payment, changed(PAID, path, value)) == reason


def test_of_a_failed_debit_the_day_must_be_known() -> None:
    failed = {name: PAID[name] for name in PAID if name not in {"debitOn", "paidOn"}}
    wrong = failed | {"state": "DEBIT_FAILED"}
    assert refusal_of(parse_payment, wrong) == "debitOn must be given, found none"


@pytest.mark.parametrize(
    "wrong", ["2026-11-30", "2026-11-30T09:00:00", "9999-12-31T23:00:00-09:00", "now", 5]
)
def test_a_payment_is_recorded_at_a_time_with_its_offset(wrong: object) -> None:
    expected = "recordedAt must be a time with its offset such as 2026-11-22T09:00:00+09:00, found "
    assert refusal_of(parse_payment, PAID | {"recordedAt": wrong}) == f"{expected}{wrong!r}"
