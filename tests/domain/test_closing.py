"""Reading periods closed into bills: which usage they are priced from, and what is said about it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from datasources.plan_files import read_plan_book
from datasources.portal_files import read_portals
from domain.bills import BillSource, PaymentState
from domain.closing import Conditions, NotClosed, ToClose, close, period_slots
from domain.facilities import (
    Address,
    Contract,
    ContractKind,
    Facility,
    PaymentMethod,
    ReadingPeriod,
)
from domain.readings import Quality
from domain.tariff.terms import terms
from domain.usage import SlotSeries

BOOK = read_plan_book()
BILLING = read_portals()["hepco"].billing
START, END = date(2026, 10, 12), date(2026, 11, 12)
SLOTS = 31 * 48


def contract(plan: str, **fields: object) -> Contract:
    kind = BOOK.plans[plan].kind if plan in BOOK.plans else ContractKind.ELECTRICITY
    made = Contract(
        number="E1",
        kind=kind,
        plan=plan,
        capacity=Decimal(40),
        capacity_unit="A",
        start_on=date(2020, 4, 1),
        end_on=None,
        payment_method=PaymentMethod.CARD,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def period(kind: ContractKind = ContractKind.ELECTRICITY, usage: int = 300_000) -> ReadingPeriod:
    return ReadingPeriod(7, START, END, END, 1_000_000, 1_000_000 + usage, usage, kind)


def half_hours(wh: int = 200, quality: Quality = Quality.SETTLED) -> SlotSeries:
    first, end = period_slots(period())
    assert end - first == SLOTS
    return SlotSeries(
        first,
        np.full(SLOTS, wh, np.int32),
        np.full(SLOTS, quality, np.int32),
        np.zeros(SLOTS, np.int32),
    )


def without(series: SlotSeries, first: int, end: int) -> SlotSeries:
    """The series with a gap."""
    wh, quality = series.wh.copy(), series.quality.copy()
    wh[first:end], quality[first:end] = 0, Quality.MISSING
    return SlotSeries(series.first, wh, quality, series.revision)


def to_close(
    *contracts: Contract, of: ReadingPeriod | None = None, series: SlotSeries | None = None
) -> ToClose:
    told = of or period(contracts[0].kind)
    address = Address("160-0022", "東京都", "新宿区", "1", None)
    facility = Facility(7, "hepco", "m1", "自宅", "03" + "0" * 20, "C1", address, contracts)
    parts = terms(contracts, BOOK, told.kind, told.start_on, told.end_on)
    return ToClose("m1", facility, told, parts, series, None)


def conditions(*, estimate: bool = False) -> Conditions:
    return Conditions(BILLING, BOOK.rates, date(2026, 11, 13), estimate)


def test_a_bill_says_what_it_is_of_when_it_is_due_and_when_it_may_be_seen() -> None:
    bill = close(to_close(contract("lighting-b"), series=half_hours()), conditions())

    assert (bill.id, bill.number) == ("hepco/E000000007-20261012", "E000000007-20261012")
    assert (bill.owner, bill.facility, bill.contract, bill.plan) == ("m1", 7, "E1", "lighting-b")
    assert (bill.start_on, bill.end_on, bill.read_on) == (START, END, END)
    assert (bill.source, bill.revision, bill.tax_percent) == (BillSource.MADE, 0, 10)
    assert bill.issued_on == date(2026, 11, 13)
    assert bill.available_on == date(2026, 11, 20), "six business days after the reading"
    assert bill.payment.due_on == date(2026, 12, 13)
    assert (bill.payment.method, bill.payment.state) == (PaymentMethod.CARD, PaymentState.UNPAID)


def test_settled_half_hours_are_billed_whatever_the_register_says() -> None:
    bill = close(to_close(contract("lighting-b"), series=half_hours()), conditions())
    assert (bill.usage, bill.estimated) == (SLOTS * 200, 0)
    assert bill.points_rest_sen is not None


def test_estimates_of_the_network_are_billed_and_told() -> None:
    series = half_hours()
    series.quality[:10] = Quality.ESTIMATED
    bill = close(to_close(contract("season-hours"), series=series), conditions())
    assert (bill.usage, bill.estimated) == (SLOTS * 200, 2000)


@pytest.mark.parametrize(
    "series", [without(half_hours(), 5, 6), half_hours(quality=Quality.PROVISIONAL)]
)
def test_the_register_is_billed_where_half_hours_are_not_settled(series: SlotSeries) -> None:
    bill = close(to_close(contract("lighting-b"), series=series), conditions(estimate=True))
    assert (bill.usage, bill.estimated, bill.points_rest_sen) == (300_000, 0, None)


def test_a_price_by_the_time_of_use_waits_for_the_half_hours() -> None:
    series = without(half_hours(), 100, 148)
    series.quality[:3] = Quality.PROVISIONAL
    with pytest.raises(NotClosed) as refusal:
        close(to_close(contract("season-hours"), series=series), conditions())
    assert refusal.value.reason == "MISSING_HALF_HOURS"
    assert str(refusal.value) == "of 1,488 half hours 48 are missing, 3 provisional"


def test_missing_half_hours_are_estimated_to_what_the_register_says() -> None:
    series = without(half_hours(), 100, 148)
    series.quality[:3] = Quality.PROVISIONAL
    bill = close(to_close(contract("season-hours"), series=series), conditions(estimate=True))
    known = (SLOTS - 48) * 200
    assert (bill.usage, bill.estimated) == (300_000, 300_000 - known + 3 * 200)
    assert bill.points_rest_sen is None, "the usage series has no points in the gaps"


def test_provisional_half_hours_are_billed_as_an_estimate_when_told() -> None:
    series = half_hours(quality=Quality.PROVISIONAL)
    bill = close(to_close(contract("season-hours"), series=series), conditions(estimate=True))
    assert bill.usage == bill.estimated == SLOTS * 200
    assert bill.points_rest_sen is not None


def test_gas_is_billed_by_its_register() -> None:
    bill = close(to_close(contract("city-gas"), of=period(ContractKind.GAS, 21_500)), conditions())
    assert (bill.number[0], bill.usage, bill.points_rest_sen) == ("G", 21_500, None)
    assert {line.unit for line in bill.lines if line.quantity} <= {"m³", None}


def test_what_is_bought_back_is_paid_to_the_member() -> None:
    bill = close(to_close(contract("buy-back"), series=half_hours(100)), conditions())
    assert (bill.number[0], bill.usage, bill.amount_yen) == ("B", 148_800, 1_264)
    assert bill.payment.method is None


def test_half_hours_before_the_contract_are_neither_needed_nor_billed() -> None:
    begins = contract("season-hours", start_on=date(2026, 10, 13))
    bill = close(to_close(begins, series=without(half_hours(), 0, 48)), conditions())
    assert bill.usage == (SLOTS - 48) * 200


def test_a_bill_names_the_contract_that_the_period_ended_with() -> None:
    change = date(2026, 11, 1)
    before = contract("lighting-b", end_on=change)
    after = contract(
        "one-price", number="E2", start_on=change, payment_method=PaymentMethod.PAYMENT_SLIP
    )
    bill = close(to_close(before, after, series=half_hours()), conditions())
    assert (bill.contract, bill.plan) == ("E2", "one-price")
    assert bill.payment.method is PaymentMethod.PAYMENT_SLIP


def test_a_bill_of_a_consolidated_invoice_waits_for_the_last_reading_of_the_month() -> None:
    grouped = contract("lighting-b", invoice_group="本社")
    bill = close(to_close(grouped, series=half_hours()), conditions())
    assert bill.available_on == date(2026, 12, 9), "six business days after 1 December"


def test_a_statement_of_buy_back_waits_for_no_consolidated_invoice() -> None:
    grouped = contract("buy-back", invoice_group="本社")
    bill = close(to_close(grouped, series=half_hours()), conditions())
    assert bill.available_on == date(2026, 11, 20)


def test_market_prices_that_are_not_known_are_told() -> None:
    market = contract("market-linked", capacity=Decimal(4), capacity_unit="kVA")
    with pytest.raises(NotClosed) as refusal:
        close(to_close(market, series=half_hours()), conditions(estimate=True))
    assert refusal.value.reason == "NEEDS_MARKET_PRICES"

    prices = np.full((31, 48), 1000, np.int32)
    bill = close(replace(to_close(market, series=half_hours()), prices=prices), conditions())
    assert any(line.label.startswith("市場価格") for line in bill.lines)


def test_an_amount_that_no_client_could_be_told_is_not_billed() -> None:
    one = to_close(contract("lighting-b"), of=period(usage=10**12))
    with pytest.raises(NotClosed) as refusal:
        close(one, conditions())
    assert refusal.value.reason == "TOO_MUCH"
