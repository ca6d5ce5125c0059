"""By which contract a bill is billed, and which reading it waits for (BI-2, BI-3)."""

from dataclasses import replace
from datetime import date

import pytest

from domain.bill_dates import contract_billed, latest_reading_on
from domain.bill_records import parse_bill, placed_bill
from domain.facilities import Address, Contract, ContractKind, Facility, PaymentMethod
from tests.domain.records_given import BILL
from tests.policies import SHIPPED

CHANGE = date(2026, 11, 1)
OLD = Contract(
    number="E1",
    kind=ContractKind.ELECTRICITY,
    plan="従量電灯",
    capacity=None,
    capacity_unit=None,
    start_on=date(2020, 4, 1),
    end_on=CHANGE,
    payment_method=PaymentMethod.DIRECT_DEBIT,
)
NEW = replace(
    OLD, number="E2", plan="夜とく", start_on=CHANGE, end_on=None, payment_method=PaymentMethod.CARD
)
FED_IN = replace(NEW, number="B1", kind=ContractKind.BUY_BACK, invoice_group="本社")
ADDRESS = Address("060-0001", "北海道", "札幌市", "1", None)
HOME = Facility(1, "hepco", "m1", "自宅", "01" + "0" * 20, "C1", ADDRESS, (NEW, FED_IN, OLD))
BILLED = parse_bill(BILL).bill


@pytest.mark.parametrize(
    ("named", "found"), [(None, NEW), ("E1", OLD), ("E2", NEW), ("B1", NEW), ("E9", NEW)]
)
def test_a_bill_is_of_the_contract_that_it_names_or_of_the_last_one_of_its_kind(
    named: str | None, found: Contract
) -> None:
    assert contract_billed(HOME, replace(BILLED, contract=named)) is found


def test_a_bill_is_of_no_contract_that_it_does_not_touch() -> None:
    after = replace(HOME, contracts=(replace(NEW, start_on=BILLED.end_on),))
    assert contract_billed(after, BILLED) is None
    before = replace(HOME, contracts=(replace(OLD, end_on=BILLED.start_on),))
    assert contract_billed(before, replace(BILLED, contract="E1")) is None


def test_only_what_the_member_pays_waits_for_the_others_of_its_group() -> None:
    grouped = replace(NEW, invoice_group="本社")
    assert latest_reading_on(BILLED, grouped) == date(2026, 12, 1)
    assert latest_reading_on(BILLED, NEW) == BILLED.read_on
    assert latest_reading_on(BILLED, FED_IN) == BILLED.read_on


@pytest.mark.parametrize(
    ("kind", "named", "plan", "method"),
    [
        (ContractKind.ELECTRICITY, "E1", "従量電灯", PaymentMethod.DIRECT_DEBIT),
        (ContractKind.ELECTRICITY, None, "夜とく", PaymentMethod.CARD),
        (ContractKind.BUY_BACK, None, "夜とく", None),
    ],
)
def test_what_the_company_leaves_out_of_its_bill_the_contract_says(
    kind: ContractKind, named: str | None, plan: str, method: PaymentMethod | None
) -> None:
    bill = placed_bill(replace(BILLED, kind=kind, contract=named), HOME, SHIPPED["hepco"].billing)
    assert (bill.plan, bill.payment.method) == (plan, method)
    assert (bill.facility, bill.owner) == (1, "m1")
