"""One line of master data becomes a record, or a reason of one short clause."""

import copy
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from domain.billing import LineItem, LineKind
from domain.bills import Bill, PaymentState
from domain.facilities import (
    Address,
    Contract,
    ContractKind,
    Facility,
    PaymentMethod,
    ReadingPeriod,
)
from domain.members import MemberProfile, MemberState
from domain.records import (
    InvalidRecord,
    NewBill,
    NewFacility,
    NewMember,
    NewReadingPeriod,
    parse_bill,
    parse_facility,
    parse_member,
    parse_reading_period,
)

Fields = dict[str, Any]
Parse = Callable[[Mapping[str, object]], object]

NUMBER = "0312345678901234567890"
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$" + "A" * 43
HASH_WANTED = "an argon2id hash such as $argon2id$v=19$m=19456,t=2,p=1$(salt)$(hash)"
LINE_KINDS = "BASIC_CHARGE, ENERGY_CHARGE, FUEL_ADJUSTMENT, RENEWABLE_LEVY or DISCOUNT"
GONE = object()

MEMBER: Fields = {"portal": "home", "loginId": "hanako", "password": "secret", "name": "山田花子"}
ADDRESS: Fields = {
    "postalCode": "160-0022",
    "prefecture": "東京都",
    "city": "新宿区新宿",
    "line1": "1-2-3",
}
CONTRACT: Fields = {
    "number": "E1",
    "kind": "ELECTRICITY",
    "plan": "従量電灯",
    "startOn": "2020-04-01",
    "paymentMethod": "CARD",
}
FACILITY: Fields = {
    "portal": "home",
    "loginId": "hanako",
    "supplyPointNumber": NUMBER,
    "customerNumber": "C1",
    "name": "自宅",
    "address": ADDRESS,
    "contracts": [CONTRACT],
}
READING_PERIOD: Fields = {
    "supplyPointNumber": NUMBER,
    "startOn": "2026-10-12",
    "endOn": "2026-11-12",
    "previousRegisterKwh": 100,
    "presentRegisterKwh": 350.5,
    "usageKwh": "250.5",
}
LINE: Fields = {"kind": "BASIC_CHARGE", "label": "基本料金", "amountYen": 1000}
BILL: Fields = {
    "portal": "home",
    "supplyPointNumber": NUMBER,
    "number": "B1",
    "startOn": "2026-10-12",
    "endOn": "2026-11-12",
    "usageKwh": 250.5,
    "amountYen": 1000,
    "lines": [LINE],
    "issuedOn": "2026-11-16",
    "dueOn": "2026-12-12",
    "paymentState": "UNPAID",
}
FULL_MEMBER = MEMBER | {
    "kana": "ヤマダハナコ",
    "email": "hanako@example.jp",
    "phone": "03-0000-0000",
    "state": "WITHDRAWN",
}
FULL_CONTRACT = CONTRACT | {"capacity": "30", "capacityUnit": "A", "endOn": "2021-04-01"}
FULL_FACILITY = FACILITY | {
    "address": ADDRESS | {"line2": "新宿ビル 101"},
    "contracts": [FULL_CONTRACT, CONTRACT | {"kind": "BUY_BACK", "number": "B1"}],
}
FULL_READING_PERIOD = READING_PERIOD | {"readOn": "2026-11-11"}
FULL_LINE = LINE | {"quantity": 3, "unit": "10A", "unitPrice": "366.666667", "amountYen": 1100}
DISCOUNT = LINE | {"kind": "DISCOUNT", "label": "割引", "unitPrice": -0.5, "amountYen": -100}
FULL_BILL = BILL | {
    "lines": [FULL_LINE, DISCOUNT],
    "paymentState": "PAID",
    "paidOn": "2026-11-30",
}
FULL: dict[Parse, Fields] = {
    parse_member: FULL_MEMBER,
    parse_facility: FULL_FACILITY,
    parse_reading_period: FULL_READING_PERIOD,
    parse_bill: FULL_BILL,
}


def changed(fields: Fields, path: str, value: object) -> Fields:
    """Copy of fields in which a path such as `lines.0.unit` has a value, or none if GONE."""
    copied = copy.deepcopy(fields)
    *parents, name = path.split(".")
    target: Any = copied
    for parent in parents:
        target = target[int(parent) if parent.isdigit() else parent]
    if value is GONE:
        del target[name]
    else:
        target[int(name) if name.isdigit() else name] = value
    return copied


def refusal_of(parse: Parse, fields: Fields) -> str:
    with pytest.raises(InvalidRecord) as refusal:
        parse(fields)
    return str(refusal.value)


def test_a_member_without_the_optional_fields_is_active() -> None:
    assert parse_member(MEMBER) == NewMember(
        portal="home",
        login_id="hanako",
        password="secret",
        password_hash=None,
        state=MemberState.ACTIVE,
        profile=MemberProfile("山田花子", None, None, None),
    )


def test_every_field_of_a_member_can_be_given() -> None:
    assert parse_member(FULL_MEMBER) == NewMember(
        portal="home",
        login_id="hanako",
        password="secret",
        password_hash=None,
        state=MemberState.WITHDRAWN,
        profile=MemberProfile("山田花子", "ヤマダハナコ", "hanako@example.jp", "03-0000-0000"),
    )


@pytest.mark.parametrize(
    "password_hash",
    [HASH, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")],
)
def test_a_member_can_come_with_the_hash_of_a_password(password_hash: str) -> None:
    member = parse_member(
        changed(MEMBER, "password", GONE) | {"passwordHash": password_hash, "email": None}
    )
    assert (member.password, member.password_hash) == (None, password_hash)


def test_a_password_is_kept_as_typed() -> None:
    typed = " か\u3099 "
    assert parse_member(MEMBER | {"password": typed}).password == typed


def test_a_new_member_shows_no_password() -> None:
    assert "secret" not in repr(parse_member(MEMBER))


def test_a_facility_without_the_optional_fields() -> None:
    contract = Contract(
        number="E1",
        kind=ContractKind.ELECTRICITY,
        plan="従量電灯",
        capacity=None,
        capacity_unit=None,
        start_on=date(2020, 4, 1),
        end_on=None,
        payment_method=PaymentMethod.CARD,
    )
    facility = Facility(
        number=0,
        portal="home",
        owner="",
        name="自宅",
        supply_point=NUMBER,
        customer_number="C1",
        address=Address("160-0022", "東京都", "新宿区新宿", "1-2-3", None),
        contracts=(contract,),
    )
    assert parse_facility(FACILITY) == NewFacility("home", "hanako", facility)


def test_every_field_of_a_facility_can_be_given() -> None:
    facility = parse_facility(FULL_FACILITY).facility
    assert facility.address.line2 == "新宿ビル 101"
    first, second = facility.contracts
    assert first == Contract(
        number="E1",
        kind=ContractKind.ELECTRICITY,
        plan="従量電灯",
        capacity=Decimal(30),
        capacity_unit="A",
        start_on=date(2020, 4, 1),
        end_on=date(2021, 4, 1),
        payment_method=PaymentMethod.CARD,
    )
    assert (second.number, second.kind) == ("B1", ContractKind.BUY_BACK)


def test_a_supply_point_number_may_be_typed_wide_and_hyphenated() -> None:
    typed = "０３-1234-5678-9012-3456-7890"
    assert parse_facility(FACILITY | {"supplyPointNumber": typed}).facility.supply_point == NUMBER


def test_a_reading_period_is_read_on_its_end_unless_given() -> None:
    assert parse_reading_period(READING_PERIOD) == NewReadingPeriod(
        NUMBER,
        ReadingPeriod(
            facility=0,
            start_on=date(2026, 10, 12),
            end_on=date(2026, 11, 12),
            read_on=date(2026, 11, 12),
            previous_register_wh=100_000,
            present_register_wh=350_500,
            usage_wh=250_500,
        ),
    )


def test_every_field_of_a_reading_period_can_be_given() -> None:
    assert parse_reading_period(FULL_READING_PERIOD).period.read_on == date(2026, 11, 11)


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


@pytest.mark.parametrize(
    ("parse", "path", "value"),
    [
        (parse_member, "kana", None),
        (parse_member, "email", None),
        (parse_member, "phone", None),
        (parse_member, "state", None),
        (parse_member, "passwordHash", None),
        (parse_facility, "address.line2", None),
        (parse_facility, "contracts.0.capacity", None),
        (parse_facility, "contracts.0.capacityUnit", None),
        (parse_facility, "contracts.0.endOn", None),
        (parse_reading_period, "readOn", None),
        (parse_bill, "paidOn", None),
        (parse_bill, "lines.0.quantity", None),
        (parse_bill, "lines.0.unit", None),
        (parse_bill, "lines.0.unitPrice", None),
    ],
)
def test_null_counts_as_not_given(parse: Parse, path: str, value: None) -> None:
    fields = changed(FULL[parse], path, value)
    assert parse(fields) == parse(changed(fields, path, GONE))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  花子\u3000\n", "花子"),
        ("か\u3099", "が"),
        ("x" * 200 + " ", "x" * 200),
        ("a b", "a b"),
        ("\u200d家", "\u200d家"),
    ],
)
def test_texts_are_composed_and_trimmed(typed: str, kept: str) -> None:
    assert parse_member(MEMBER | {"name": typed}).profile.name == kept


@pytest.mark.parametrize(
    ("value", "capacity"),
    [
        (0, "0"),
        (30, "30"),
        (4.5, "4.5"),
        ("4.50", "4.50"),
        (1e-06, "0.000001"),
        ("+1", "1"),
        (10**9, "1000000000"),
        (Decimal("0.1"), "0.1"),
    ],
)
def test_a_capacity_is_kept_to_the_digit(value: object, capacity: str) -> None:
    parsed = parse_facility(changed(FACILITY, "contracts.0.capacity", value))
    assert str(parsed.facility.contracts[0].capacity) == capacity


@pytest.mark.parametrize(
    ("kwh", "wh"),
    [
        (0, 0),
        (-0.0, 0),
        (0.0005, 1),
        (0.0004999, 0),
        ("0.00049999999999999999", 0),
        ("1.0005", 1001),
        (1234567.891, 1_234_567_891),
        (10**9, 10**12),
        ("1000000000.000", 10**12),
    ],
)
def test_a_register_is_whole_wh_with_halves_rounded_up(kwh: object, wh: int) -> None:
    parsed = parse_reading_period(READING_PERIOD | {"presentRegisterKwh": kwh})
    assert parsed.period.present_register_wh == wh


@given(st.decimals(0, 10**9, places=8))
def test_a_register_is_within_half_a_wh_of_its_kwh(kwh: Decimal) -> None:
    parsed = parse_reading_period(READING_PERIOD | {"usageKwh": f"{kwh:f}"})
    assert parsed.period.usage_wh == int((kwh * 1000).to_integral_value(ROUND_HALF_UP))


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
        ("portal", None, "portal must be given, found none"),
        ("portal", 1, "portal must be a string, found 1"),
        ("loginId", GONE, "loginId must be given, found none"),
        ("loginId", True, "loginId must be a string, found True"),
        ("name", GONE, "name must be given, found none"),
        ("name", "", "name must have 1 to 200 characters, found 0"),
        ("name", " \u3000", "name must have 1 to 200 characters, found 0"),
        ("name", "x" * 201, "name must have 1 to 200 characters, found 201"),
        ("name", "a\x1b[31m", r"name must have no control characters, found 'a\x1b[31m'"),
        ("name", "a\nb", r"name must have no control characters, found 'a\nb'"),
        ("name", "a\ud800b", r"name must have no control characters, found 'a\ud800b'"),
        ("kana", [], "kana must be a string, found []"),
        ("email", {"a": 1}, "email must be a string, found {...}"),
        ("phone", 312345678, "phone must be a string, found 312345678"),
        ("state", "GONE", "state must be ACTIVE or WITHDRAWN, found 'GONE'"),
        ("state", "active", "state must be ACTIVE or WITHDRAWN, found 'active'"),
        ("state", 0, "state must be ACTIVE or WITHDRAWN, found 0"),
        ("state", [], "state must be ACTIVE or WITHDRAWN, found []"),
        ("password", GONE, "either password or passwordHash must be given, found none"),
        ("passwordHash", HASH, "either password or passwordHash must be given, found both"),
        ("password", "", "password must have 1 to 200 characters, found 0"),
        ("password", "x" * 201, "password must have 1 to 200 characters, found 201"),
    ],
)
def test_a_wrong_member_is_refused(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_member, changed(MEMBER, path, value)) == reason


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("password", 12345678, "password must be a string, found type int"),
        ("password", "12345678\x00", "password must have no control characters, found some"),
        ("passwordHash", 12345678, "passwordHash must be a string, found type int"),
        (
            "passwordHash",
            "12345678",
            f"passwordHash must be {HASH_WANTED}, found 8 other characters",
        ),
    ],
)
def test_a_reason_shows_no_password(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_member, MEMBER | {path: value}) == reason


@pytest.mark.parametrize(
    "password_hash",
    [
        "",
        HASH + " ",
        HASH + "\n",
        HASH.replace("argon2id", "argon2i"),
        HASH.replace("v=19$", ""),
        HASH.replace("m=19456", "m=4194304"),
        HASH.replace("t=2", "t=100"),
        HASH.replace("p=1", "p=１"),
        HASH.rpartition("$")[0],
        HASH + "A" * 100,
    ],
)
def test_what_is_no_affordable_argon2id_hash_is_refused(password_hash: str) -> None:
    fields = changed(MEMBER, "password", GONE) | {"passwordHash": password_hash}
    assert refusal_of(parse_member, fields).endswith(f"found {len(password_hash)} other characters")


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("portal", 1, "portal must be a string, found 1"),
        ("loginId", GONE, "loginId must be given, found none"),
        ("supplyPointNumber", GONE, "supplyPointNumber must be given, found none"),
        ("supplyPointNumber", 3, "supplyPointNumber must be a string, found 3"),
        ("supplyPointNumber", "12", "supplyPointNumber must be 22 digits, found 2"),
        ("customerNumber", 1, "customerNumber must be a string, found 1"),
        ("name", "", "name must have 1 to 200 characters, found 0"),
        ("address", GONE, "address must be given, found none"),
        ("address", "東京都", "address must be an object, found '東京都'"),
        ("address", [], "address must be an object, found []"),
        ("address.postalCode", 1, "address.postalCode must be a string, found 1"),
        (
            "address.postalCode",
            "1600022",
            "address.postalCode must be written NNN-NNNN, found '1600022'",
        ),
        (
            "address.postalCode",
            "１６０-0022",
            "address.postalCode must be written NNN-NNNN, found '１６０-0022'",
        ),
        (
            "address.postalCode",
            "160-0022\n",
            r"address.postalCode must be written NNN-NNNN, found '160-0022\n'",
        ),
        ("address.prefecture", GONE, "address.prefecture must be given, found none"),
        ("address.city", 1, "address.city must be a string, found 1"),
        ("address.line1", GONE, "address.line1 must be given, found none"),
        ("address.line2", "", "address.line2 must have 1 to 200 characters, found 0"),
        ("contracts", GONE, "contracts must be given, found none"),
        ("contracts", {}, "contracts must be a list, found {}"),
        ("contracts", [], "contracts must have at least one contract, found none"),
        ("contracts.0", 1, "contracts[0] must be an object, found 1"),
        ("contracts.0.number", 1, "contracts[0].number must be a string, found 1"),
        (
            "contracts.0.kind",
            "WATER",
            "contracts[0].kind must be ELECTRICITY, GAS or BUY_BACK, found 'WATER'",
        ),
        ("contracts.0.plan", GONE, "contracts[0].plan must be given, found none"),
        ("contracts.0.capacity", True, "contracts[0].capacity must be a number, found True"),
        ("contracts.0.capacity", "30A", "contracts[0].capacity must be a number, found '30A'"),
        ("contracts.0.capacity", "1e3", "contracts[0].capacity must be a number, found '1e3'"),
        ("contracts.0.capacity", "３", "contracts[0].capacity must be a number, found '３'"),
        (
            "contracts.0.capacity",
            "0" * 21,
            f"contracts[0].capacity must be a number, found '{'0' * 21}'",
        ),
        (
            "contracts.0.capacity",
            -1,
            "contracts[0].capacity must be between 0 and 1000000000, found -1",
        ),
        (
            "contracts.0.capacity",
            float("nan"),
            "contracts[0].capacity must be between 0 and 1000000000, found nan",
        ),
        (
            "contracts.0.capacity",
            "0.0000001",
            "contracts[0].capacity must have up to 6 decimals, found '0.0000001'",
        ),
        ("contracts.0.capacityUnit", 1, "contracts[0].capacityUnit must be a string, found 1"),
        ("contracts.0.startOn", GONE, "contracts[0].startOn must be given, found none"),
        (
            "contracts.0.endOn",
            "2020-04-01",
            "contracts[0].endOn must be after startOn 2020-04-01, found 2020-04-01",
        ),
        (
            "contracts.0.paymentMethod",
            "CASH",
            "contracts[0].paymentMethod must be DIRECT_DEBIT, CARD or PAYMENT_SLIP, found 'CASH'",
        ),
    ],
)
def test_a_wrong_facility_is_refused(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_facility, changed(FACILITY, path, value)) == reason


def test_a_reason_counts_the_contracts() -> None:
    fields = FACILITY | {"contracts": [CONTRACT, CONTRACT | {"plan": 1}]}
    assert refusal_of(parse_facility, fields) == "contracts[1].plan must be a string, found 1"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("supplyPointNumber", GONE, "supplyPointNumber must be given, found none"),
        ("startOn", GONE, "startOn must be given, found none"),
        ("endOn", GONE, "endOn must be given, found none"),
        ("endOn", "2026-10-12", "endOn must be after startOn 2026-10-12, found 2026-10-12"),
        ("endOn", "2026-10-11", "endOn must be after startOn 2026-10-12, found 2026-10-11"),
        ("readOn", "", "readOn must be a date such as 2026-11-22, found ''"),
        ("previousRegisterKwh", GONE, "previousRegisterKwh must be given, found none"),
        ("previousRegisterKwh", "1,0", "previousRegisterKwh must be a number, found '1,0'"),
        (
            "presentRegisterKwh",
            1_000_000_000.001,
            "presentRegisterKwh must be between 0 and 1000000000, found 1000000000.001",
        ),
        (
            "presentRegisterKwh",
            float("inf"),
            "presentRegisterKwh must be between 0 and 1000000000, found inf",
        ),
        ("usageKwh", "-0.1", "usageKwh must be between 0 and 1000000000, found '-0.1'"),
        ("usageKwh", [1], "usageKwh must be a number, found [...]"),
    ],
)
def test_a_wrong_reading_period_is_refused(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_reading_period, changed(READING_PERIOD, path, value)) == reason


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (20261012, "20261012"),
        (True, "True"),
        ("20261012", "'20261012'"),
        ("2026-W42-1", "'2026-W42-1'"),
        ("2026-10-12T00:00", "'2026-10-12T00:00'"),
        (" 2026-10-12", "' 2026-10-12'"),
        ("2026-10-12\n", r"'2026-10-12\n'"),
        ("2026-02-29", "'2026-02-29'"),
        ("0000-01-01", "'0000-01-01'"),
        ("２026-10-12", "'２026-10-12'"),
    ],
)
def test_what_is_no_date_is_refused(value: object, found: str) -> None:
    expected = f"startOn must be a date such as 2026-11-22, found {found}"
    assert refusal_of(parse_reading_period, READING_PERIOD | {"startOn": value}) == expected


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


@pytest.mark.parametrize(
    ("parse", "path", "keys", "names"),
    [
        (parse_member, "", "keys", [*FULL_MEMBER, "passwordHash"]),
        (parse_facility, "", "keys", [*FULL_FACILITY]),
        (parse_facility, "address.", "keys of address", [*ADDRESS, "line2"]),
        (parse_facility, "contracts.0.", "keys of contracts[0]", [*FULL_CONTRACT]),
        (parse_reading_period, "", "keys", [*FULL_READING_PERIOD]),
        (parse_bill, "", "keys", [*FULL_BILL]),
        (parse_bill, "lines.1.", "keys of lines[1]", [*FULL_LINE]),
    ],
)
def test_a_key_nobody_reads_is_refused(
    parse: Parse, path: str, keys: str, names: list[str]
) -> None:
    reason = refusal_of(parse, changed(FULL[parse], f"{path}owner", None))
    start, end = f"{keys} must be among ", ", found 'owner'"
    assert (reason[: len(start)], reason[-len(end) :]) == (start, end)
    assert sorted(reason[len(start) : -len(end)].split(", ")) == sorted(names)


def test_the_keys_that_could_be_given_are_listed_in_their_order() -> None:
    expected = "keys must be among portal, loginId, password, passwordHash, name, kana, email, "
    expected += "phone, state, found 'loginid'"
    assert refusal_of(parse_member, MEMBER | {"loginid": "a"}) == expected


def test_unknown_keys_are_named_in_order_and_clipped() -> None:
    reason = refusal_of(parse_reading_period, READING_PERIOD | {"b": 1, "a\x00": 1})
    assert reason.endswith(r", found 'a\x00, b'")
    long = refusal_of(parse_reading_period, READING_PERIOD | {"k" * 1000: 1})
    assert long.endswith("kkk'")
    assert len(long) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """JSON like a value, any part of which may be missing, added or something else."""
    if draw(st.integers(0, 7)) == 0:
        return draw(JSON)
    if isinstance(value, list):
        return [draw(spoilt(item)) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: draw(spoilt(item)) for key, item in value.items() if draw(st.integers(0, 15))}
    added: Fields = {} if draw(st.integers(0, 15)) else draw(st.dictionaries(st.text(), JSON))
    return kept | added


@pytest.mark.parametrize("parse", FULL)
@given(data=st.data())
def test_garbage_is_only_ever_an_invalid_record(parse: Parse, data: st.DataObject) -> None:
    garbage = st.dictionaries(st.text() | st.sampled_from([*FULL[parse]]), JSON)
    fields = data.draw(garbage | spoilt(FULL[parse]).filter(lambda made: isinstance(made, dict)))
    with suppress(InvalidRecord):
        parse(fields)
