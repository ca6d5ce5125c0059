"""What the running day costs, and what its reading period will come to (US-10).

All that is known of the days before stays as small as one number for each tariff band, as very many
live subscriptions keep it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.slots import SLOTS_PER_DAY, date_of_day, day_of_slot
from domain.tariff.bands import bands_of
from domain.tariff.charges import NANO_PER_SEN, TermUsage, charge, term_usage
from domain.tariff.ladders import MISSING_PRICE, market_rates
from domain.tariff.points import MarketPrices, PricedPeriod
from domain.tariff.rates import Rates, billing_month
from domain.tariff.terms import Term
from domain.usage import SlotSeries


@dataclass(frozen=True, slots=True, eq=False)
class RunningPrice:
    """Prices of a day of a reading period, and what was used before it.

    `used` is the use by band of the day's term up to the day, `spent` the nano-yen of the period up to
    then. `others` is the use of all days but this one as far as it is known, and expected beyond, by
    term; None without a forecast.
    """

    period: PricedPeriod
    rates: Rates
    place: int
    used: tuple[int, ...]
    spent: int
    bands: NDArray[np.int8]
    market: NDArray[np.int64]
    "Nano-yen for a Wh by half hour, 0 where it is not known."
    others: tuple[TermUsage, ...] | None

    def sen(self, wh: NDArray[np.int32]) -> int:
        """What the day costs so far, of shape ``(48,)``: the sum of its points."""
        more = self.spent + int((self.market * wh).sum())
        ladders = self.period.terms[self.place][1]
        for ladder, used, of_day in zip(ladders, self.used, self._by_band(wh), strict=True):
            more += ladder.cost(used + of_day) - ladder.cost(used)
        return more // NANO_PER_SEN - self.spent // NANO_PER_SEN

    def forecast_yen(self, wh: NDArray[np.float64]) -> int | None:
        """What the bill of the period comes to with so many Wh on the day; None without a forecast."""
        if self.others is None or np.isnan(wh).any():
            return None
        usages = list(self.others)
        of_day = self._by_band(np.rint(wh))
        usages[self.place] = _sum(usages[self.place], of_day)
        month = billing_month(date_of_day(self.period.end_day))
        terms = [term for term, _ in self.period.terms]
        return charge(terms, usages, self.rates, month).amount_yen

    def _by_band(self, wh: NDArray[np.number]) -> tuple[int, ...]:
        return tuple(map(int, np.bincount(self.bands, wh, len(self.used))))


def running_price(
    period: PricedPeriod,
    rates: Rates,
    before: SlotSeries,
    prices: MarketPrices | None,
    expected: NDArray[np.float64] | None,
) -> RunningPrice | None:
    """Prices of the day after `before`, whole days from the period's first one on.

    `expected` has what is expected of every half hour of the period, what is known of those before the
    day, and nothing of the day itself, shape ``(days, 48)``. None if no contract prices the day.
    """
    day = day_of_slot(before.end)
    of_day = [
        place
        for place, (term, _) in enumerate(period.terms)
        if term.first_day <= day < term.end_day
    ]
    if not of_day:
        return None
    (place,) = of_day
    term = period.terms[place][0]
    spent = [_spent(each, before, prices) for each, _ in period.terms[: place + 1]]
    nano = sum(
        usage.market_nano
        + sum(ladder.cost(used) for ladder, used in zip(ladders, usage.by_band, strict=True))
        for usage, (_, ladders) in zip(spent, period.terms, strict=False)
    )
    at = slice((day - term.first_day) * SLOTS_PER_DAY, (day - term.first_day + 1) * SLOTS_PER_DAY)
    return RunningPrice(
        period=period,
        rates=rates,
        place=place,
        used=spent[place].by_band,
        spent=nano,
        bands=bands_of(term.version, term.first_day, term.days).reshape(-1)[at].copy(),
        market=_market(term, prices)[at].copy(),
        others=None if expected is None else _others(period, expected),
    )


def _spent(term: Term, before: SlotSeries, prices: MarketPrices | None) -> TermUsage:
    """Use of the days of a term that are over."""
    first = term.first_slot - before.first
    wh = before.wh[first : term.end_slot - before.first].astype(np.int64)
    bands = bands_of(term.version, term.first_day, term.days).reshape(-1)[: len(wh)]
    by_band = np.bincount(bands, wh, len(term.version.bands))
    nano = int((_market(term, prices)[: len(wh)] * wh).sum())
    return TermUsage(int(wh.sum()), tuple(map(int, by_band)), nano)


def _market(term: Term, prices: MarketPrices | None) -> NDArray[np.int64]:
    rates = market_rates(term, None if prices is None else prices.of(term))
    return np.where(rates == MISSING_PRICE, 0, rates)


def _others(period: PricedPeriod, expected: NDArray[np.float64]) -> tuple[TermUsage, ...] | None:
    """Use by term; None where it is not known, or what the market will ask."""
    if period.by_market or np.isnan(expected).any():
        return None
    wh = np.rint(expected).astype(np.int64)
    return tuple(
        term_usage(term, wh[term.first_day - period.first_day : term.end_day - period.first_day])
        for term, _ in period.terms
    )


def _sum(usage: TermUsage, by_band: Sequence[int]) -> TermUsage:
    return replace(
        usage,
        total=usage.total + sum(by_band),
        by_band=tuple(a + b for a, b in zip(usage.by_band, by_band, strict=True)),
    )
