"""Two years of a household: the points of every period, fixed charges and rest are its bill (US-7)."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from domain.bills import SEN
from domain.calendar import shift_months
from domain.facilities import Contract
from domain.readings import Quality
from domain.simulation import Premises, PremisesKind, simulate
from domain.slots import SLOTS_PER_DAY, day_of_date, first_slot
from domain.tariff.charges import Charge, charge, term_usage
from domain.tariff.points import NO_SEN, MarketPrices, priced_period, priced_series
from domain.tariff.rates import billing_month
from domain.tariff.terms import terms
from domain.usage import SlotSeries
from tests.domain.tariffs_given import BOOK, contract, is_gas

LONDON = Path(__file__).parents[2].parent / "shared" / "data" / "lcl-MAC000060.csv"
FIRST, PERIODS = date(2024, 9, 12), 24
STARTS = [shift_months(FIRST, month) for month in range(PERIODS + 1)]
FIRST_DAY, END_DAY = day_of_date(STARTS[0]), day_of_date(STARTS[-1])
DAYS = END_DAY - FIRST_DAY


@pytest.fixture(scope="module")
def household() -> SlotSeries:
    """The last two years of a London household, moved here, with its gaps; made up without its file."""
    wh = np.full(DAYS * SLOTS_PER_DAY, -1, np.int32)
    if LONDON.is_file():
        rows = [row.split(",") for row in LONDON.read_text("utf-8").splitlines()[1:]]
        end = datetime.fromisoformat(rows[-1][0]).replace(hour=0, minute=0) + timedelta(days=1)
        for at, kwh in rows:
            place = len(wh) - (end - datetime.fromisoformat(at)) // timedelta(minutes=30)
            if place >= 0:
                wh[place] = round(float(kwh) * 1000)
    else:
        wh[:] = simulate(Premises(60, PremisesKind.HOME), FIRST_DAY, DAYS).drawn_wh.reshape(-1)
        wh[SLOTS_PER_DAY * 40 : SLOTS_PER_DAY * 41] = -1
    known = wh >= 0
    quality = np.where(known, int(Quality.SETTLED), int(Quality.MISSING)).astype(np.int32)
    return SlotSeries(
        first_slot(FIRST_DAY), np.where(known, wh, 0).astype(np.int32), quality, np.ones_like(wh)
    )


@pytest.fixture(scope="module")
def market() -> MarketPrices:
    random = np.random.default_rng(20)
    shape = DAYS, SLOTS_PER_DAY
    return MarketPrices(FIRST_DAY, random.integers(1, 4_000, shape, dtype=np.int32))


def charged(
    contracts: list[Contract], bounds: tuple[date, date], home: SlotSeries, prices: MarketPrices
) -> Charge:
    """The bill of a period by its half hours."""
    parts = terms(contracts, BOOK, contracts[0].kind, *bounds)
    usages = [
        term_usage(
            part,
            home.wh[part.first_slot - home.first : part.end_slot - home.first],
            prices.of(part),
        )
        for part in parts
    ]
    return charge(parts, usages, BOOK.rates, billing_month(bounds[1]))


MOVES = date(2025, 8, 20)
CONTRACTS = {plan: [contract(plan)] for plan in sorted(BOOK.plans) if not is_gas(plan)} | {
    "another plan": [
        contract("lighting-b", end_on=MOVES),
        contract("season-hours", MOVES, date(2026, 9, 1)),
    ]
}


@pytest.mark.parametrize("contracts", CONTRACTS.values(), ids=CONTRACTS)
def test_points_fixed_charges_and_rest_are_the_bill_of_every_period(
    household: SlotSeries, market: MarketPrices, contracts: list[Contract]
) -> None:
    bounds = list(pairwise(STARTS))
    kind = contracts[0].kind
    periods = [priced_period(tuple(contracts), BOOK, kind, *each) for each in bounds]
    points = priced_series(tuple(filter(None, periods)), household, market)

    for begin, end in bounds:
        found = charged(contracts, (begin, end), household, market)
        sen = points.between(first_slot(day_of_date(begin)), first_slot(day_of_date(end)))
        of_points = int(sen[sen != NO_SEN].sum())
        assert of_points == found.points_sen
        assert found.fixed_sen + of_points + found.points_rest_sen == found.amount_yen * SEN
        assert found.amount_yen * SEN == sum(line.amount_sen for line in found.lines)
        # The levy and the amount lose less than a yen each, every line is rounded by half a sen.
        assert -2 * SEN - len(found.lines) < found.points_rest_sen <= len(found.lines)
        assert of_points > 0
