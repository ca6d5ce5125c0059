"""The running day: what it costs is the sum of its points, and a period that is over was its bill."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.facilities import Contract
from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, day_of_date, first_slot
from domain.tariff.charges import charge, term_usage
from domain.tariff.points import MarketPrices, PricedPeriod, priced_period, priced_series
from domain.tariff.running import RunningPrice, running_price
from domain.usage import SlotSeries
from tests.domain.tariffs_given import BOOK, contract, month_of, parts_of

PERIOD = "2026-07-12/2026-08-12"
START, END = map(date.fromisoformat, PERIOD.split("/"))
MIDDLE = date(2026, 7, 25)
DAYS = (END - START).days
FIRST = first_slot(day_of_date(START))
CONTRACTS = {
    plan: (contract(plan),)
    for plan in ("lighting-b", "minimum-a", "night-saver", "season-hours", "market-linked")
} | {"changed": (contract("night-saver", end_on=MIDDLE), contract("lighting-c", MIDDLE))}


def priced(contracts: tuple[Contract, ...]) -> PricedPeriod:
    found = priced_period(contracts, BOOK, contracts[0].kind, START, END)
    assert found is not None
    return found


def series(wh: NDArray[np.int64]) -> SlotSeries:
    columns = np.full((2, len(wh)), Quality.SETTLED, np.int32)
    return SlotSeries(FIRST, wh.astype(np.int32), *columns)


def price_of(
    period: PricedPeriod, wh: NDArray[np.int64], day: int, prices: MarketPrices | None = None
) -> RunningPrice:
    """Prices of a day of the period, where everything is expected as it comes."""
    before = series(wh[: day * SLOTS_PER_DAY])
    expected = wh.astype(np.float64).reshape(DAYS, SLOTS_PER_DAY)
    expected[day] = 0
    found = running_price(period, BOOK.rates, before, prices, expected)
    assert found is not None
    return found


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(CONTRACTS)),
    st.integers(0, DAYS - 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from([30, 900]),
)
def test_a_day_costs_what_its_points_do_and_the_period_comes_to_its_bill(
    plan: str, day: int, seed: int, most: int
) -> None:
    chance = np.random.default_rng(seed)
    wh = chance.integers(0, most, DAYS * SLOTS_PER_DAY)
    sen = chance.integers(-500, 4_000, (DAYS, SLOTS_PER_DAY), dtype=np.int32)
    prices = MarketPrices(day_of_date(START), sen)
    period = priced(CONTRACTS[plan])
    at = slice(day * SLOTS_PER_DAY, (day + 1) * SLOTS_PER_DAY)

    found = price_of(period, wh, day, prices)

    points = priced_series((period,), series(wh), prices).sen[at]
    assert found.sen(wh[at].astype(np.int32)) == points.sum()
    forecast = found.forecast_yen(wh[at].astype(np.float64))
    if plan == "market-linked":
        assert forecast is None
    else:
        parts = parts_of(PERIOD, *CONTRACTS[plan])
        usages = [
            term_usage(part, wh[part.first_slot - FIRST : part.end_slot - FIRST]) for part in parts
        ]
        bill = charge(parts, usages, BOOK.rates, month_of(PERIOD))
        assert forecast == bill.amount_yen


def test_what_is_not_expected_makes_no_forecast() -> None:
    period, wh = priced(CONTRACTS["lighting-b"]), np.full(DAYS * SLOTS_PER_DAY, 100)
    unknown = np.full((DAYS, SLOTS_PER_DAY), np.nan)
    for expected in (None, unknown):
        found = running_price(period, BOOK.rates, series(wh[:48]), None, expected)
        assert found is not None
        assert found.forecast_yen(np.zeros(48)) is None
    assert price_of(period, wh, 1).forecast_yen(unknown[0]) is None


@pytest.mark.parametrize("day", [12, 13])
def test_a_day_out_of_all_contracts_has_no_price(day: int) -> None:
    period = priced((contract("lighting-b", end_on=MIDDLE),))
    before = series(np.full(day * SLOTS_PER_DAY, 100))
    found = running_price(period, BOOK.rates, before, None, None)
    assert (found is None) == (day == 13)
