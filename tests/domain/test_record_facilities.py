"""One line about a facility becomes a new facility, or a reason of one short clause."""

from datetime import date
from decimal import Decimal

import pytest

from domain.facilities import Address, Contract, ContractKind, Facility, PaymentMethod
from domain.records import NewFacility, parse_facility
from tests.domain.records_given import (
    CONTRACT,
    FACILITY,
    FULL_FACILITY,
    GONE,
    NUMBER,
    Fields,
    changed,
    refusal_of,
)


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
        invoice_group="本社",
        paper_receipts=True,
    )
    assert (second.number, second.kind) == ("B1", ContractKind.BUY_BACK)


def test_a_supply_point_number_may_be_typed_wide_and_hyphenated() -> None:
    typed = "０３-1234-5678-9012-3456-7890"
    assert parse_facility(FACILITY | {"supplyPointNumber": typed}).facility.supply_point == NUMBER


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
    ("path", "value", "reason"),
    [
        ("portal", 1, "portal must be a string, found 1"),
        ("loginId", 1, "loginId must be a string, found 1"),
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
        ("contracts", [{}] * 101, "contracts must have at most 100, found 101"),
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
    ("given", "paper"),
    [
        ({}, False),
        ({"paymentMethod": "PAYMENT_SLIP"}, True),
        ({"paymentMethod": "PAYMENT_SLIP", "paperReceipts": False}, False),
        ({"paperReceipts": True}, True),
    ],
)
def test_who_pays_by_slip_gets_receipts_on_paper_unless_it_says_otherwise(
    given: Fields, paper: bool
) -> None:
    parsed = parse_facility(FACILITY | {"contracts": [CONTRACT | given]})
    assert parsed.facility.contracts[0].paper_receipts is paper


def test_a_facility_may_have_no_contract_yet() -> None:
    assert parse_facility(FACILITY | {"contracts": []}).facility.contracts == ()
