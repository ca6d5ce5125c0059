"""One line about a bill becomes a new bill, or a reason of one short clause."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing import LineItem, LineKind
from domain.bills import Bill, PaymentState
from domain.records import NewBill, parse_bill
from tests.domain.records_given import BILL, FULL_BILL, GONE, LINE, NUMBER, changed, refusal_of

LINE_KINDS = "BASIC_CHARGE, ENERGY_CHARGE, FUEL_ADJUSTMENT, RENEWABLE_LEVY or DISCOUNT"


def test_a_bill_without_the_optional_fields() -> None:
    assert parse_bill(BILL) == NewBill(
        NUMBER,
        Bill(
            id="home/B1",
            portal="home",
            owner="",
            facility=0,
            number="B1",
            start_on=date(2026, 10, 12),
            end_on=date(2026, 11, 12),
            usage_wh=250_500,
            amount_yen=1000,
            lines=(LineItem(LineKind.BASIC_CHARGE, "基本料金", None, None, None, 1000),),
            issued_on=date(2026, 11, 16),
            due_on=date(2026, 12, 12),
            payment_state=PaymentState.UNPAID,
            paid_on=None,
        ),
    )


def test_every_field_of_a_bill_can_be_given() -> None:
    bill = parse_bill(FULL_BILL).bill
    price = Decimal("366.666667")
    assert bill.lines == (
        LineItem(LineKind.BASIC_CHARGE, "基本料金", Decimal(3), "10A", price, 1100),
        LineItem(LineKind.DISCOUNT, "割引", None, None, Decimal("-0.5"), -100),
    )
    assert (bill.payment_state, bill.paid_on) == (PaymentState.PAID, date(2026, 11, 30))


@pytest.mark.parametrize("due_on", ["2026-11-16", "2026-11-17"])
def test_a_bill_may_be_due_on_the_day_of_issue(due_on: str) -> None:
    assert parse_bill(BILL | {"dueOn": due_on}).bill.due_on == date.fromisoformat(due_on)


def test_a_bill_of_nothing_needs_no_lines() -> None:
    assert parse_bill(BILL | {"lines": [], "amountYen": 0}).bill.lines == ()


@given(st.lists(st.integers(-(10**10), 10**10), max_size=8), st.integers(-1, 1))
def test_a_bill_is_taken_only_when_its_lines_add_up(amounts: list[int], off: int) -> None:
    total = sum(amounts)
    lines = [LINE | {"amountYen": yen} for yen in amounts]
    fields = BILL | {"lines": lines, "amountYen": total + off}
    if off:
        expected = f"lines must add up to amountYen {total + off}, found {total}"
        assert refusal_of(parse_bill, fields) == expected
    else:
        assert parse_bill(fields).bill.amount_yen == total


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("portal", GONE, "portal must be given, found none"),
        (
            "supplyPointNumber",
            "x",
            "supplyPointNumber must be 22 digits, found 0 among 1 characters",
        ),
        ("number", 7, "number must be a string, found 7"),
        ("startOn", GONE, "startOn must be given, found none"),
        ("endOn", "2026-10-12", "endOn must be after startOn 2026-10-12, found 2026-10-12"),
        ("usageKwh", None, "usageKwh must be given, found none"),
        ("usageKwh", -1, "usageKwh must be between 0 and 1000000000, found -1"),
        ("amountYen", 900, "lines must add up to amountYen 900, found 1000"),
        ("lines", GONE, "lines must be given, found none"),
        ("lines", [], "lines must add up to amountYen 1000, found 0"),
        ("lines", "a", "lines must be a list, found 'a'"),
        ("lines.0", None, "lines[0] must be an object, found None"),
        ("lines.0.kind", 1, f"lines[0].kind must be {LINE_KINDS}, found 1"),
        ("lines.0.kind", "TAX", f"lines[0].kind must be {LINE_KINDS}, found 'TAX'"),
        ("lines.0.label", GONE, "lines[0].label must be given, found none"),
        ("lines.0.quantity", "many", "lines[0].quantity must be a number, found 'many'"),
        (
            "lines.0.quantity",
            -1_000_000_001,
            "lines[0].quantity must be between -1000000000 and 1000000000, found -1000000001",
        ),
        ("lines.0.unit", 1, "lines[0].unit must be a string, found 1"),
        (
            "lines.0.unitPrice",
            0.1234567,
            "lines[0].unitPrice must have up to 6 decimals, found 0.1234567",
        ),
        ("lines.0.amountYen", GONE, "lines[0].amountYen must be given, found none"),
        ("lines.0.amountYen", 999, "lines must add up to amountYen 1000, found 999"),
        ("issuedOn", GONE, "issuedOn must be given, found none"),
        ("dueOn", GONE, "dueOn must be given, found none"),
        (
            "dueOn",
            "2026-11-15",
            "dueOn must not be before issuedOn 2026-11-16, found 2026-11-15",
        ),
        (
            "paymentState",
            "LATE",
            "paymentState must be UNPAID, PAID or OVERDUE, found 'LATE'",
        ),
        ("paidOn", 1, "paidOn must be a date such as 2026-11-22, found 1"),
    ],
)
def test_a_wrong_bill_is_refused(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_bill, changed(BILL, path, value)) == reason


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1000.0, "1000.0"),
        ("1000", "'1000'"),
        (True, "True"),
        (10**12 + 1, "1000000000001"),
        (-(10**12) - 1, "-1000000000001"),
    ],
)
def test_an_amount_is_a_bounded_integer(value: object, found: str) -> None:
    expected = f"must be an integer from -1000000000000 to 1000000000000, found {found}"
    whole = BILL | {"amountYen": value}
    assert refusal_of(parse_bill, whole) == f"amountYen {expected}"
    line = changed(BILL, "lines.0.amountYen", value)
    assert refusal_of(parse_bill, line) == f"lines[0].amountYen {expected}"


@pytest.mark.parametrize("yen", [-(10**12), 10**12])
def test_the_largest_amounts_are_taken(yen: int) -> None:
    fields = BILL | {"amountYen": yen, "lines": [LINE | {"amountYen": yen}]}
    assert parse_bill(fields).bill.amount_yen == yen
