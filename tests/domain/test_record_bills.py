"""One line about a bill becomes a new bill, or a reason of one short clause."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bill_records import NewBill, parse_bill
from domain.bills import Bill, BillSource, LineItem, LineKind, Payment, PaymentState
from domain.facilities import ContractKind, PaymentMethod
from tests.domain.records_given import BILL, FULL_BILL, GONE, LINE, NUMBER, changed, refusal_of

LINE_KINDS = (
    "BASIC_CHARGE, MINIMUM_CHARGE, ENERGY_CHARGE, FUEL_ADJUSTMENT, RENEWABLE_LEVY, DISCOUNT, "
    "BUY_BACK or ROUNDING"
)


def test_a_bill_without_the_optional_fields() -> None:
    assert parse_bill(BILL) == NewBill(
        NUMBER,
        Bill(
            id="home/B1",
            portal="home",
            owner="",
            facility=0,
            kind=ContractKind.ELECTRICITY,
            contract=None,
            plan=None,
            number="B1",
            source=BillSource.IMPORTED,
            start_on=date(2026, 10, 12),
            end_on=date(2026, 11, 12),
            read_on=date(2026, 11, 12),
            usage=250_500,
            amount_yen=1000,
            lines=(LineItem(LineKind.BASIC_CHARGE, "基本料金", None, None, None, 100_000),),
            tax_percent=10,
            issued_on=date(2026, 11, 16),
            available_on=date(2026, 11, 16),
            payment=Payment(None, PaymentState.UNPAID, date(2026, 12, 12)),
        ),
    )


def test_every_field_of_a_bill_can_be_given() -> None:
    bill = parse_bill(FULL_BILL).bill
    price = Decimal("366.666667")
    assert bill.lines == (
        LineItem(LineKind.BASIC_CHARGE, "基本料金", Decimal(3), "10A", price, 110_025),
        LineItem(LineKind.DISCOUNT, "割引", None, None, Decimal("-0.5"), -10_025),
    )
    assert (bill.contract, bill.plan, bill.read_on) == ("E1", "従量電灯", date(2026, 11, 11))
    assert (bill.tax_percent, bill.tax_yen) == (8, 74)
    paid_on = date(2026, 11, 30)
    method = PaymentMethod.DIRECT_DEBIT
    assert bill.payment == Payment(
        method, PaymentState.PAID, date(2026, 12, 12), date(2026, 11, 27), paid_on
    )


def test_a_bill_of_gas_has_its_usage_in_cubic_metres() -> None:
    gas = {name: value for name, value in BILL.items() if name != "usageKwh"} | {"kind": "GAS"}
    assert parse_bill(gas | {"usageM3": "23.4"}).bill.usage == 23_400
    for wrong in (gas, gas | {"usageM3": None}):
        assert refusal_of(parse_bill, wrong) == "usageM3 must be given, found none"
    assert refusal_of(parse_bill, BILL | {"kind": "GAS"}) == (
        "usageM3 must be given of GAS, found usageKwh"
    )
    assert refusal_of(parse_bill, BILL | {"usageM3": 1}) == (
        "usageKwh must be given of ELECTRICITY, found usageM3"
    )


@pytest.mark.parametrize("due_on", ["2026-11-16", "2026-11-17"])
def test_a_bill_may_be_due_on_the_day_of_issue(due_on: str) -> None:
    assert parse_bill(BILL | {"dueOn": due_on}).bill.payment.due_on == date.fromisoformat(due_on)


def test_a_bill_of_nothing_needs_no_lines() -> None:
    assert parse_bill(BILL | {"lines": [], "amountYen": 0}).bill.lines == ()


@given(st.lists(st.integers(-(10**8), 10**8), max_size=8), st.integers(-1, 1))
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
        ("lines", [LINE] * 101, "lines must have at most 100, found 101"),
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
            "paymentState must be UNPAID, PAID, OVERDUE or DEBIT_FAILED, found 'LATE'",
        ),
        ("paymentState", "DEBIT_FAILED", "debitOn must be given, found none"),
        ("paidOn", 1, "paidOn must be a date such as 2026-11-22, found 1"),
        ("kind", "WATER", "kind must be ELECTRICITY, GAS or BUY_BACK, found 'WATER'"),
        ("taxPercent", 100, "taxPercent must be an integer from 0 to 99, found 100"),
        ("taxPercent", True, "taxPercent must be an integer from 0 to 99, found True"),
        (
            "lines.0.amountYen",
            1000.005,
            (
                "lines[0].amountYen must be a number from -2000000000 to 2000000000 with up "
                "to 2 decimals, found 1000.005"
            ),
        ),
        ("lines.0.amountYen", 1000.01, "lines must add up to amountYen 1000, found 1000.01"),
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
        (2 * 10**9 + 1, "2000000001"),
        (-2 * 10**9 - 1, "-2000000001"),
    ],
)
def test_an_amount_is_a_bounded_integer(value: object, found: str) -> None:
    expected = f"must be an integer from -2000000000 to 2000000000, found {found}"
    assert refusal_of(parse_bill, BILL | {"amountYen": value}) == f"amountYen {expected}"


@pytest.mark.parametrize("value", ["1000", True, 2 * 10**9 + 1, -2 * 10**9 - 0.01])
def test_an_amount_of_a_line_is_a_bounded_number(value: object) -> None:
    refusal = refusal_of(parse_bill, changed(BILL, "lines.0.amountYen", value))
    assert refusal.startswith("lines[0].amountYen must be a number from -2000000000 to ")


@pytest.mark.parametrize("yen", [-2 * 10**9, 2 * 10**9])
def test_the_largest_amounts_are_taken(yen: int) -> None:
    fields = BILL | {"amountYen": yen, "lines": [LINE | {"amountYen": yen}]}
    assert parse_bill(fields).bill.amount_yen == yen
