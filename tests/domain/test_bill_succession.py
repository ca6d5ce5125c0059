"""Which bill takes the place of which, and what is kept of the one before."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bill_succession import Superseded, succession
from domain.bills import (
    SEN,
    Bill,
    BillSource,
    LineItem,
    LineKind,
    Payment,
    PaymentState,
    UnbalancedBill,
    included_tax,
)
from domain.facilities import ContractKind, PaymentMethod

DUE, LATER = date(2040, 6, 11), date(2040, 7, 11)


def bill(
    yen: int = 1000,
    number: str = "1",
    source: BillSource = BillSource.MADE,
    start_on: date = date(2040, 4, 12),
    kind: ContractKind = ContractKind.ELECTRICITY,
    owner: str = "alice",
) -> Bill:
    return Bill(
        id=f"p/{number}",
        portal="p",
        owner=owner,
        facility=7,
        kind=kind,
        contract="E1",
        plan="lighting-b",
        number=number,
        source=source,
        start_on=start_on,
        end_on=date(2040, 5, 12),
        read_on=date(2040, 5, 12),
        usage=250_000,
        amount_yen=yen,
        lines=(LineItem(LineKind.ENERGY_CHARGE, "電力量料金", None, None, None, yen * SEN),),
        tax_percent=10,
        issued_on=date(2040, 5, 16),
        available_on=date(2040, 5, 16),
        payment=Payment(PaymentMethod.CARD, PaymentState.UNPAID, DUE),
    )


OLD = bill()
THEIRS = bill(1100, "K-77", BillSource.IMPORTED)


def test_a_first_bill_is_stored_as_it_is() -> None:
    found = succession([], [OLD])
    assert found.stored == found.news == {OLD.id: OLD}
    assert not found.superseded


def test_a_corrected_bill_is_the_next_revision_and_the_one_before_is_kept() -> None:
    found = succession([replace(OLD, revision=4)], [bill(900)])
    assert found.stored == found.news == {OLD.id: replace(bill(900), revision=5)}
    assert found.superseded == [Superseded(replace(OLD, revision=4), OLD.id)]


@pytest.mark.parametrize(
    "again", [OLD, replace(OLD, issued_on=LATER, available_on=LATER)], ids=["same", "later"]
)
def test_a_bill_made_again_with_the_same_figures_changes_nothing(again: Bill) -> None:
    found = succession([OLD], [again])
    assert (found.stored, found.news, found.superseded) == ({}, {}, [])


def test_the_company_s_own_bill_wins_over_one_that_was_made_for_its_period() -> None:
    found = succession([OLD], [THEIRS])
    assert found.stored == found.news == {THEIRS.id: replace(THEIRS, revision=1)}
    assert found.superseded == [Superseded(OLD, THEIRS.id)]
    stays = succession([THEIRS], [OLD, bill(5)])
    assert (stays.stored, stays.news, stays.superseded) == ({}, {}, [])


@pytest.mark.parametrize(
    "other",
    [
        replace(THEIRS, start_on=date(2040, 3, 12)),
        replace(THEIRS, kind=ContractKind.GAS),
        replace(THEIRS, facility=8),
    ],
    ids=["period", "kind", "facility"],
)
def test_bills_of_another_period_kind_or_facility_stand_beside_it(other: Bill) -> None:
    found = succession([OLD], [other])
    assert found.stored == {other.id: other}
    assert not found.superseded


def test_two_bills_of_the_company_s_for_one_period_are_two_bills() -> None:
    second = replace(THEIRS, id="p/K-78", number="K-78")
    assert succession([THEIRS], [second]).stored == {second.id: second}


def test_within_one_file_the_later_bill_is_the_correction() -> None:
    second = bill(1200, "K-77", BillSource.IMPORTED)
    found = succession([OLD], [THEIRS, second])
    assert found.stored == found.news == {THEIRS.id: replace(second, revision=2)}
    assert found.superseded == [
        Superseded(OLD, THEIRS.id),
        Superseded(replace(THEIRS, revision=1), THEIRS.id),
    ]


def test_bills_before_follow_one_whose_number_changes() -> None:
    made_again = bill(1500, "2")
    found = succession([OLD], [made_again, THEIRS])
    assert [each.by for each in found.superseded] == [THEIRS.id, THEIRS.id]
    assert found.stored.keys() == found.news.keys() == {THEIRS.id}


def test_a_first_bill_that_comes_twice_in_a_file_is_news_as_it_came_last() -> None:
    paid = replace(THEIRS, payment=replace(THEIRS.payment, state=PaymentState.PAID, paid_on=DUE))
    found = succession([], [THEIRS, paid])
    assert found.stored == found.news == {THEIRS.id: paid}


@pytest.mark.parametrize("change", [{"usage": 1}, {"estimated": 1}, {"tax_percent": 8}])
def test_another_usage_or_tax_is_a_correction_though_the_amount_stays(
    change: dict[str, Any],
) -> None:
    changed = replace(OLD, **change)
    assert succession([OLD], [changed]).stored[OLD.id].revision == 1


def test_a_bill_made_anew_keeps_what_was_paid_and_the_invoice_it_is_in() -> None:
    paid = Payment(PaymentMethod.CARD, PaymentState.PAID, DUE, None, date(2040, 6, 1))
    old = replace(OLD, payment=paid, invoice="G-1", available_on=LATER)
    new = replace(bill(900), payment=Payment(None, PaymentState.UNPAID, LATER))
    kept = succession([old], [new]).stored[OLD.id]
    assert kept.payment == replace(paid, due_on=LATER)
    assert (kept.invoice, kept.available_on) == ("G-1", LATER)


def test_the_company_s_bill_says_how_it_is_paid_until_payments_are_handed_in() -> None:
    told = Payment(PaymentMethod.CARD, PaymentState.PAID, DUE, None, DUE)
    unpaid, paid = THEIRS, replace(THEIRS, payment=told)
    assert succession([unpaid], [paid]).stored[paid.id].payment == told
    assert succession([paid], [unpaid]).stored[paid.id].payment == unpaid.payment
    recorded = replace(told, recorded_at=datetime(2040, 6, 12, tzinfo=UTC))
    known = replace(THEIRS, payment=recorded)
    assert succession([known], [unpaid]).stored[paid.id].payment == recorded


def test_a_bill_of_somebody_else_s_time_takes_neither_payment_nor_news_from_it() -> None:
    paid = replace(OLD.payment, state=PaymentState.PAID, paid_on=DUE)
    found = succession([replace(OLD, payment=paid)], [bill(owner="bob")])
    assert found.stored[OLD.id].payment.state is PaymentState.UNPAID
    assert found.stored[OLD.id].revision == 0
    assert not found.superseded


@given(
    st.lists(
        st.builds(
            bill,
            st.integers(1, 3),
            st.sampled_from(["1", "2", "3"]),
            st.sampled_from(BillSource),
        ),
        max_size=8,
    )
)
def test_given_at_once_or_one_after_the_other_the_same_bills_are_left(bills: list[Bill]) -> None:
    at_once = succession([], bills).stored
    current: dict[str, Bill] = {}
    for each in bills:
        found = succession(current.values(), [each])
        for old in found.superseded:
            del current[old.bill.id]
        current |= found.stored
    assert at_once == current
    made = [each for each in current.values() if each.source is BillSource.MADE]
    assert len(made) <= (0 if len(made) < len(current) else 1)


@pytest.mark.parametrize(
    ("amount", "percent", "tax"),
    [(1100, 10, 100), (1109, 10, 100), (1080, 8, 80), (0, 10, 0), (-1109, 10, -100), (99, 0, 0)],
)
def test_the_tax_in_an_amount_is_whole_yen_the_fraction_dropped(
    amount: int, percent: int, tax: int
) -> None:
    assert included_tax(amount, percent) == tax


def test_a_bill_whose_lines_do_not_add_up_cannot_be_made() -> None:
    with pytest.raises(UnbalancedBill, match=r"lines add up to 1000 yen, amount is 999 yen"):
        replace(OLD, amount_yen=999)
    line = replace(OLD.lines[0], amount_sen=99_950)
    with pytest.raises(UnbalancedBill, match=r"lines add up to 999\.50 yen, amount is 1000 yen"):
        replace(OLD, lines=(line,))
