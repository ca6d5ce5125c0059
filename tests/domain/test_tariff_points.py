"""Yen of half hours: tiers filled in time order, bands each by themselves, nothing by guess."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facilities import Contract, ContractKind
from domain.slots import SLOTS_PER_DAY, day_of_date, first_slot
from domain.tariff.ladders import MISSING_PRICE
from domain.tariff.points import (
    NO_SEN,
    MarketPrices,
    PricedPeriod,
    joint_sen,
    priced_period,
    priced_series,
    total_yen,
)
from domain.usage import SlotSeries
from tests.domain.series_given import GAP, S, Value, series
from tests.domain.tariffs_given import BOOK, contract

ELECTRICITY = ContractKind.ELECTRICITY
START, END = date(2026, 9, 12), date(2026, 10, 12)
FIRST = first_slot(day_of_date(START))
LENGTH = (END - START).days * SLOTS_PER_DAY
"Billed in October: 0.88 yen of fuel adjustment and 4.00 of levy for a kWh."


def period(*contracts: Contract, start_on: date = START, end_on: date = END) -> PricedPeriod:
    found = priced_period(contracts, BOOK, contracts[0].kind, start_on, end_on)
    assert found is not None
    return found


def used(*wh: int | None, after: int = 0) -> SlotSeries:
    """Half hours from so many after the period's start on; None is a gap."""
    values: Sequence[Value] = [GAP if each is None else (each, S, 0) for each in wh]
    return series(FIRST, [(0, S, 0)] * after + list(values))


def sen(of: PricedPeriod, usage: SlotSeries, prices: MarketPrices | None = None) -> list[int]:
    found: list[int] = priced_series((of,), usage, prices).sen.tolist()
    return found


def test_a_half_hour_across_a_border_has_some_of_both_prices() -> None:
    # 29.80 up to 120 kWh, 36.40 from there: 34.68 and 41.28 with fuel and levy.
    found = sen(period(contract("lighting-b")), used(119_500, 1_000, 500))
    assert found == [414_426, 1734 + 2064, 2064]
    assert sum(found) == 120 * 3468 + 1 * 4128


def test_points_are_parts_of_the_exact_cost_and_never_drift_from_it() -> None:
    # 1 Wh costs 3.468 sen.
    found = sen(period(contract("lighting-b")), used(*[1] * 500))
    assert found[:6] == [3, 3, 4, 3, 4, 3]
    assert np.cumsum(found).tolist() == [n * 3468 // 1000 for n in range(1, 501)]


def test_a_band_goes_by_the_clock_and_the_calendar() -> None:
    # 2026-09-12 is a Saturday: 33.24 from 7:00, 27.86 before; with fuel and levy 38.12 and 32.74.
    found = sen(period(contract("season-hours")), used(*[1_000] * 48))
    assert found == [3274] * 14 + [3812] * 32 + [3274] * 2


def test_a_gap_has_no_yen_and_takes_none_from_the_others() -> None:
    assert sen(period(contract("lighting-b")), used(1_000, None, 1_000)) == [3468, NO_SEN, 3468]


def test_a_change_of_plan_within_the_period_begins_new_tiers() -> None:
    middle = date(2026, 9, 13)
    both = period(contract("one-price", end_on=middle), contract("lighting-b", start_on=middle))
    found = sen(both, used(*[1_000] * 47, 1_234, 1_000))
    assert found[-1] == 3468
    assert found[:3] == [3880, 3881, 3881]


def test_nothing_is_guessed_where_a_plan_or_a_rate_is_unknown_or_nothing_is_contracted() -> None:
    unknown = replace(contract("lighting-b"), plan="従量電灯")
    assert priced_period((unknown,), BOOK, ELECTRICITY, START, END) is None
    assert priced_period((contract("buy-back"),), BOOK, ELECTRICITY, START, END) is None
    long_ago = date(2018, 1, 12), date(2018, 2, 12)
    assert priced_period((contract("lighting-b"),), BOOK, ELECTRICITY, *long_ago) is None
    later = period(contract("lighting-b", start_on=date(2026, 9, 13)))
    assert later.first_slot == FIRST + 48
    assert sen(later, used(*[1_000] * 49))[-2:] == [NO_SEN, 3468]


def test_a_market_price_is_that_of_the_half_hour_be_it_below_zero_and_unknown_ones_are_null() -> (
    None
):
    # 15.40 and 4.00 of levy; what the market asks is taken times 1.1828: 31.228 and -4.256.
    prices = np.full((1, SLOTS_PER_DAY), MISSING_PRICE, np.int32)
    prices[0, :2] = 1_000, -2_000
    market = MarketPrices(day_of_date(START), prices)
    found = sen(period(contract("market-linked")), used(1_000, 1_000, 1_000), market)
    assert found == [3122, -425, NO_SEN]
    assert sen(period(contract("market-linked")), used(1_000)) == [NO_SEN]


@settings(max_examples=30)
@given(
    st.sampled_from(["lighting-b", "minimum-a", "night-saver", "season-hours", "one-price"]),
    st.lists(st.sampled_from([None, 0, 1, 250, 3_000]), min_size=1, max_size=40),
    st.integers(1, LENGTH - 1),
)
def test_a_part_of_a_period_costs_the_same_whatever_else_is_asked(
    plan: str, run: list[int | None], cut: int
) -> None:
    whole = used(*(run * LENGTH)[:LENGTH])
    of = period(contract(plan))
    priced = priced_series((of,), whole)
    shorter = whole.between(FIRST, FIRST + cut)
    assert sen(of, shorter) == priced.between(FIRST, FIRST + cut).tolist()
    starts = np.array([0, cut])
    both = joint_sen(priced.sen, starts)
    assert total_yen(both) == total_yen(priced.sen)


def test_points_of_more_half_hours_add_up_those_that_have_a_price() -> None:
    found = np.array([5, NO_SEN, NO_SEN, NO_SEN, 101, 7])
    assert joint_sen(found, np.array([0, 2, 4])).tolist() == [5, NO_SEN, 108]
    assert joint_sen(found[:0], np.array([], np.int64)).tolist() == []
    assert total_yen(found) == 1
    assert total_yen(found[1:4]) is None


def test_a_digest_tells_equal_costs_from_others() -> None:
    of = period(contract("lighting-b"))
    one, same, other = (
        priced_series((of,), used(1, second, 1_000)) for second in (2_000, 2_000, 300_000)
    )
    assert one.digest(FIRST, FIRST + 2) == same.digest(FIRST, FIRST + 2)
    assert one.digest(FIRST + 2, FIRST + 3) != other.digest(FIRST + 2, FIRST + 3)


@pytest.mark.parametrize("wh", [[0], [1, 2, 3]])
def test_what_is_fed_in_is_paid_at_the_price_of_the_buy_back_contract(wh: list[int]) -> None:
    found = priced_series((period(contract("buy-back")),), used(*[each * 1_000 for each in wh]))
    assert found.sen.tolist() == [each * 850 for each in wh]
