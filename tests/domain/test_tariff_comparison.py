"""The same half hours on other plans: as their bills would be, cheapest first."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.bills import SEN
from domain.calendar import shift_months
from domain.facilities import Contract
from domain.slots import SLOTS_PER_DAY, day_of_date
from domain.tariff.charges import charge, term_usage
from domain.tariff.comparison import PlanCost, UsedSpan, compared
from domain.tariff.points import MarketPrices
from domain.tariff.rates import billing_month
from domain.tariff.refusals import NotPricedReason
from tests.domain.tariffs_given import BOOK, contract, parts_of

START, END = date(2025, 9, 12), date(2026, 9, 12)
PERIODS = [(shift_months(START, month), shift_months(START, month + 1)) for month in range(-1, 13)]
HOME = contract("lighting-b")
KVA = contract("lighting-c")
PLANS = ["lighting-b", "lighting-c", "night-saver", "season-hours", "one-price"]


def used(start_on: date = START, end_on: date = END, wh: NDArray[np.int64] | int = 250) -> UsedSpan:
    length = (end_on - start_on).days * SLOTS_PER_DAY
    periods = [each for each in PERIODS if each[0] < end_on and start_on < each[1]]
    return UsedSpan(start_on, end_on, periods, np.broadcast_to(np.int64(wh), (length,)))


def costs(
    span: UsedSpan, *plans: str, contracts: Sequence[Contract] = (KVA,), shift: int = 10
) -> dict[str, PlanCost]:
    found, unpriced = compared(
        [BOOK.plans[key] for key in plans], contracts, BOOK.rates, span, shift
    )
    assert unpriced == []
    assert [each.yen for each in found] == sorted(each.yen for each in found)
    return {each.plan.key: each for each in found}


@pytest.mark.parametrize("plan", PLANS)
def test_a_span_of_whole_reading_periods_costs_what_its_bills_come_to(plan: str) -> None:
    wh = np.random.default_rng(60).integers(0, 900, 365 * SLOTS_PER_DAY)
    span = used(wh=wh)
    size = contract(plan)
    found = costs(span, plan, contracts=[size])[plan]
    charges = []
    for start_on, end_on in PERIODS[1:13]:
        (term,) = parts_of(f"{start_on}/{end_on}", size)
        usage = term_usage(term, span.of(term))
        charges.append(charge([term], [usage], BOOK.rates, billing_month(end_on)))
    assert found.yen == sum(each.amount_yen for each in charges)
    assert found.fixed_sen == sum(each.fixed_sen for each in charges)
    assert sum(band.wh for band in found.bands) == wh.sum()
    rest = found.yen * SEN - found.fixed_sen - sum(band.sen for band in found.bands)
    assert abs(rest - sum(each.points_rest_sen for each in charges)) < len(charges) + 4


def test_a_period_that_the_span_cuts_counts_by_its_days() -> None:
    half = used(date(2025, 9, 22), date(2025, 10, 12), wh=0)
    whole = used(date(2025, 9, 12), date(2025, 10, 12), wh=0)
    assert costs(whole, "lighting-b", contracts=[HOME])["lighting-b"].yen == 623
    assert costs(half, "lighting-b", contracts=[HOME])["lighting-b"].yen == 623 * 2 // 3


def test_only_days_with_a_contract_are_priced() -> None:
    ended = contract("lighting-b", end_on=date(2025, 10, 12))
    again = contract("lighting-c", start_on=date(2026, 8, 12), capacity=6)
    both = costs(used(), "one-price", contracts=[ended, again])["one-price"]
    assert [band.wh for band in both.bands] == [(30 + 31) * SLOTS_PER_DAY * 250]


def test_shifting_the_dearest_use_saves_what_the_prices_differ_by() -> None:
    # 960 kWh by day, where all beyond 230 kWh is in the last tier.
    span = used(date(2025, 9, 12), date(2025, 10, 12), wh=1_000)
    found = costs(span, "night-saver", shift=25)["night-saver"]
    by_day, by_night = found.bands
    assert (by_day.wh, by_night.wh) == (960_000, 480_000)
    assert found.shift is not None
    assert found.shift.dearest == by_day.label
    assert found.shift.wh == 240_000
    assert found.shift.saved_yen == int(240 * (43.18 - 27.26))
    nothing = costs(span, "night-saver", shift=0)["night-saver"].shift
    assert nothing is not None
    assert (nothing.wh, nothing.saved_yen) == (0, 0)
    assert costs(span, "lighting-c")["lighting-c"].shift is None


def test_a_shift_goes_to_a_band_of_the_same_days() -> None:
    # In summer the dearest band is the summer's; nothing can be moved to bands of other seasons.
    span = used(date(2026, 7, 12), date(2026, 8, 12), wh=1_000)
    found = costs(span, "season-hours")["season-hours"]
    bands = {band.key: band for band in found.bands}
    assert "day" not in bands
    assert found.shift is not None
    assert found.shift.dearest == bands["summer-day"].label
    assert found.shift.saved_yen == int(bands["summer-day"].wh // 10 * (45.96 - 27.86) / 1000)


def test_a_plan_that_cannot_price_the_span_says_why() -> None:
    span = used(date(2025, 9, 12), date(2025, 10, 12))
    plans = [BOOK.plans[key] for key in ("business-low-voltage", "market-linked", "lighting-c")]
    found, unpriced = compared(plans, [KVA], BOOK.rates, span, 10)
    assert [each.plan.key for each in found] == ["lighting-c"]
    assert [(each.plan.key, each.reason) for each in unpriced] == [
        ("business-low-voltage", NotPricedReason.UNFIT_CAPACITY),
        ("market-linked", NotPricedReason.NEEDS_MARKET_PRICES),
    ]
    prices = np.full((30, SLOTS_PER_DAY), 1_000, np.int32)
    with_prices = UsedSpan(
        span.start_on, span.end_on, span.periods, span.wh, MarketPrices(_day(span), prices)
    )
    by_market = costs(with_prices, "market-linked")["market-linked"]
    (band,) = by_market.bands
    assert band.nano / band.wh == pytest.approx(10**6 * (15.40 + 11.828 + 3.98))


def test_what_a_part_of_a_year_costs_is_told_for_a_year() -> None:
    assert used().yearly(100) == 100
    assert used(date(2025, 9, 12), date(2025, 9, 22)).yearly(100) == 3650


def _day(span: UsedSpan) -> int:
    return day_of_date(span.start_on)
