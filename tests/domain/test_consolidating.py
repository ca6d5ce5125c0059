"""Which bills of a group are paid with one invoice, and which of its contracts it waits for (BI-2)."""

from dataclasses import replace
from datetime import date

import pytest

from datasources.portal_files import read_portals
from domain.bills import PaymentState
from domain.consolidating import Group, GroupMonth, consolidated, groups_of
from domain.facilities import (
    Address,
    Contract,
    ContractKind,
    Facility,
    PaymentMethod,
    ReadingPeriod,
)
from tests.billed import home_bill

NOVEMBER = date(2026, 11, 1)
START, END = date(2026, 10, 12), date(2026, 11, 12)
ISSUED = date(2026, 11, 16)
BILLING = read_portals()["hepco"].billing
GROUP = Group("hepco", "m1", "本社")
CONTRACT = Contract(
    number="E1",
    kind=ContractKind.ELECTRICITY,
    plan="lighting-b",
    capacity=None,
    capacity_unit=None,
    start_on=date(2020, 4, 1),
    end_on=None,
    payment_method=PaymentMethod.DIRECT_DEBIT,
    invoice_group="本社",
)


def place(number: int, *contracts: Contract) -> Facility:
    address = Address("060-0001", "北海道", "札幌市", "1", None)
    return Facility(number, "hepco", "m1", "店", f"01{number:020d}", "C1", address, contracts)


FIRST, SECOND = place(1, CONTRACT), place(2, CONTRACT)
BILLS = [home_bill(each, START, END, ISSUED, 300_000) for each in (FIRST, SECOND)]
KNOWN = GroupMonth(GROUP, NOVEMBER, (FIRST, SECOND), (), BILLS)


def test_an_invoice_is_the_sum_of_its_bills_and_comes_out_after_the_last_reading() -> None:
    late = replace(BILLS[1], read_on=date(2026, 11, 14))
    invoice = consolidated(replace(KNOWN, bills=[late, BILLS[0]]), BILLING, ISSUED)
    assert invoice is not None
    assert invoice.bills == (BILLS[0].id, BILLS[1].id)
    assert invoice.amount_yen == BILLS[0].amount_yen + BILLS[1].amount_yen
    assert (invoice.read_on, invoice.available_on) == (date(2026, 11, 14), date(2026, 11, 24))
    assert invoice.payment == BILLS[0].payment


@pytest.mark.parametrize("bills", [[], BILLS[:1], [BILLS[0], replace(BILLS[1], owner="m2")]])
def test_it_waits_for_what_is_not_billed(bills: list[object]) -> None:
    assert consolidated(replace(KNOWN, bills=bills), BILLING, ISSUED) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "contract",
    [
        replace(CONTRACT, end_on=NOVEMBER),
        replace(CONTRACT, start_on=NOVEMBER),
        replace(CONTRACT, kind=ContractKind.BUY_BACK),
        replace(CONTRACT, invoice_group="支社"),
    ],
)
def test_it_does_not_wait_for_what_has_no_bill_in_the_month(contract: Contract) -> None:
    known = replace(KNOWN, facilities=(FIRST, place(2, contract)), bills=BILLS[:1])
    assert consolidated(known, BILLING, ISSUED) is not None


def test_it_waits_for_a_new_contract_once_that_was_read() -> None:
    new = place(2, replace(CONTRACT, start_on=date(2026, 11, 2)))
    read = ReadingPeriod(2, date(2026, 11, 2), END, END, 0, 1, 1)
    known = replace(KNOWN, facilities=(FIRST, new), bills=BILLS[:1])
    assert consolidated(known, BILLING, ISSUED) is not None
    assert consolidated(replace(known, periods=(read,)), BILLING, ISSUED) is None


def test_what_was_paid_by_itself_is_in_no_invoice() -> None:
    paid = replace(BILLS[1], payment=replace(BILLS[1].payment, state=PaymentState.PAID))
    invoice = consolidated(replace(KNOWN, bills=[BILLS[0], paid]), BILLING, ISSUED)
    assert invoice is not None
    assert invoice.bills == (BILLS[0].id,)
    assert consolidated(replace(KNOWN, bills=[paid, paid]), BILLING, ISSUED) is None


def test_a_bill_stays_in_the_invoice_that_it_is_paid_with() -> None:
    paid = replace(BILLS[0].payment, state=PaymentState.PAID)
    elsewhere = replace(BILLS[0], invoice="M0-202611")
    invoice = consolidated(replace(KNOWN, bills=[elsewhere, BILLS[1]]), BILLING, ISSUED)
    assert invoice is not None
    assert invoice.bills == (BILLS[1].id,)
    here = [replace(each, invoice=GROUP.number(NOVEMBER), payment=paid) for each in BILLS]
    again = consolidated(replace(KNOWN, bills=here), BILLING, ISSUED)
    assert again is not None
    assert again.bills == (BILLS[0].id, BILLS[1].id)


def test_bills_that_are_paid_in_different_ways_are_due_with_the_invoice() -> None:
    by_card = replace(BILLS[1].payment, method=PaymentMethod.CARD)
    known = replace(KNOWN, bills=[BILLS[0], replace(BILLS[1], payment=by_card)])
    invoice = consolidated(known, BILLING, ISSUED)
    assert invoice is not None
    assert (invoice.payment.method, invoice.payment.state) == (None, PaymentState.UNPAID)
    assert invoice.payment.due_on == date(2026, 12, 16)


def test_groups_of_the_same_name_are_of_their_owners() -> None:
    other = replace(FIRST, owner="m2")
    nobodys = replace(FIRST, owner="")
    single = place(3, replace(CONTRACT, invoice_group=None))
    fed_in = place(4, replace(CONTRACT, invoice_group="屋根", kind=ContractKind.BUY_BACK))
    groups = groups_of([FIRST, SECOND, other, nobodys, single, fed_in])
    assert groups == {GROUP, replace(GROUP, owner="m2")}
    assert len({group.number(NOVEMBER) for group in groups}) == 2
    assert GROUP.number(NOVEMBER).endswith("-202611")
