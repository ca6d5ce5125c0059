"""Yen of half hours (US-7): what each adds to the exact cost of its reading period so far.

Steps are filled in time order, so that a half hour across a border has some of both prices. The points
of a period add up to its cost that depends on use, less than a sen apart; so do those of any part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.bills import SEN
from domain.facilities import Contract, ContractKind
from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, day_of_date
from domain.tariff.bands import bands_of
from domain.tariff.book import PlanBook
from domain.tariff.charges import NANO_PER_SEN
from domain.tariff.ladders import MISSING_PRICE, Ladder, ladders, market_rates
from domain.tariff.rates import billing_month
from domain.tariff.refusals import NotPriced
from domain.tariff.terms import Term, terms
from domain.usage import SlotSeries

NO_SEN: Final = int(np.iinfo(np.int64).min)
"Stands where a half hour has no price."

_MISSING: Final = int(Quality.MISSING)
_KEPT_PERIODS: Final = 2048
_KEPT_SERIES: Final = 16
"Of 24 months, with the days that they are of, each takes 1 MB."

_DIGEST_BYTES: Final = 16

Sen = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PricedPeriod:
    """A reading period that has a price: its terms, and of each a ladder for each band."""

    first_day: int
    end_day: int
    terms: tuple[tuple[Term, tuple[Ladder, ...]], ...]

    @property
    def first_slot(self) -> int:
        """The first half hour that has a price."""
        return self.terms[0][0].first_slot

    @property
    def by_market(self) -> bool:
        return any(term.version.market is not None for term, _ in self.terms)


@dataclass(frozen=True, slots=True, eq=False)
class MarketPrices:
    """Sen per kWh of Tokyo days from `first_day` on, shape ``(days, 48)``."""

    first_day: int
    sen: NDArray[np.int32]

    def of(self, term: Term) -> NDArray[np.int32]:
        """Prices of a term, as far as there are any: MISSING_PRICE on all other days."""
        found = np.full((term.days, SLOTS_PER_DAY), MISSING_PRICE, np.int32)
        first = max(term.first_day, self.first_day)
        end = min(term.end_day, self.first_day + len(self.sen))
        if first < end:
            found[first - term.first_day : end - term.first_day] = self.sen[
                first - self.first_day : end - self.first_day
            ]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class PricedSeries:
    """Sen of half hours from slot `first` on, shape ``(n,)``, NO_SEN where there is no price."""

    first: int
    sen: Sen
    _digests: dict[tuple[int, int], int] = field(default_factory=dict, init=False, repr=False)

    def between(self, first: int, end: int) -> Sen:
        """Sen of the slots ``[first, end)``."""
        return self.sen[first - self.first : end - self.first]

    def digest(self, first: int, end: int) -> int:
        """A number that differs wherever the sen of these slots do."""
        found = self._digests.get((first, end))
        if found is None:
            text = self.between(first, end).tobytes()
            found = int.from_bytes(blake2b(text, digest_size=_DIGEST_BYTES).digest())
            self._digests[first, end] = found
        return found


@lru_cache(_KEPT_PERIODS)
def priced_period(
    contracts: tuple[Contract, ...],
    book: PlanBook,
    kind: ContractKind,
    start_on: date,
    end_on: date,
) -> PricedPeriod | None:
    """A reading period as the contracts price it; None where a plan or a rate is not known."""
    month = billing_month(end_on)
    try:
        parts = terms(contracts, book, kind, start_on, end_on)
        priced = tuple((term, ladders(term, book.rates, month)) for term in parts)
    except NotPriced:
        return None
    return PricedPeriod(day_of_date(start_on), day_of_date(end_on), priced)


def priced_series(
    periods: tuple[PricedPeriod, ...], series: SlotSeries, prices: MarketPrices | None = None
) -> PricedSeries:
    """What each half hour of a series costs: nothing where it is MISSING or nothing prices it.

    The series begins no later than the first of the periods; `prices` is needed if one is by market.
    """
    return _known(periods, series) if prices is None else _priced(periods, series, prices)


def joint_sen(sen: Sen, starts: NDArray[np.int64]) -> Sen:
    """Sen of points that begin at these places: sums of what has a price, NO_SEN where nothing has."""
    if not len(starts):
        return sen[:0]
    priced = sen != NO_SEN
    sums = np.add.reduceat(np.where(priced, sen, 0), starts)
    return np.where(np.logical_or.reduceat(priced, starts), sums, NO_SEN)


def total_yen(sen: Sen) -> int | None:
    """Whole yen of all that has a price, the fraction dropped; None if nothing has."""
    priced = sen[sen != NO_SEN]
    return int(priced.sum()) // SEN if len(priced) else None


@lru_cache(_KEPT_SERIES)
def _known(periods: tuple[PricedPeriod, ...], series: SlotSeries) -> PricedSeries:
    # Neither ever changes, and the same objects come again as long as nothing new is stored.
    return _priced(periods, series, None)


def _priced(
    periods: Sequence[PricedPeriod], series: SlotSeries, prices: MarketPrices | None
) -> PricedSeries:
    sen = np.full(len(series.wh), NO_SEN, np.int64)
    for period in periods:
        spent = 0
        for term, of_bands in period.terms:
            at = _place(term, series)
            spent = _fill(sen[at], spent, term, of_bands, series.wh[at], prices)
    sen[series.quality == _MISSING] = NO_SEN
    sen.flags.writeable = False
    return PricedSeries(series.first, sen)


def _fill(
    sen: Sen,
    spent: int,
    term: Term,
    of_bands: Sequence[Ladder],
    wh: NDArray[np.int32],
    prices: MarketPrices | None,
) -> int:
    """Write the sen of the first half hours of a term; answers nano-yen spent up to their end."""
    nano = np.empty(len(wh) + 1, np.int64)
    nano[0] = spent
    nano[1:] = _used_up(of_bands, _bands(term, len(wh)), wh) + spent
    if term.version.market is None:
        sen[:] = np.diff(nano // NANO_PER_SEN)
        return int(nano[-1])
    rates = market_rates(term, None if prices is None else prices.of(term))[: len(wh)]
    unknown = rates == MISSING_PRICE
    nano[1:] += np.cumsum(np.where(unknown, 0, rates * wh))
    sen[:] = np.where(unknown, NO_SEN, np.diff(nano // NANO_PER_SEN))
    return int(nano[-1])


def _used_up(of_bands: Sequence[Ladder], bands: NDArray[np.int8], wh: NDArray[np.int32]) -> Sen:
    """Nano-yen of all that was used of a term up to the end of each half hour."""
    first_rates = np.array([ladder.rates[0] for ladder in of_bands], np.int64)
    nano: Sen = np.cumsum(first_rates[bands] * wh)
    for band, ladder in enumerate(of_bands):
        if len(ladder.rates) == 1:
            continue
        used = np.cumsum(
            wh if len(of_bands) == 1 else np.where(bands == band, wh, 0), dtype=np.int64
        )
        for place, border in enumerate(ladder.borders[:-1]):
            more = ladder.rates[place + 1] - ladder.rates[place]
            nano += more * np.maximum(used - border, 0)
    return nano


def _bands(term: Term, count: int) -> NDArray[np.int8]:
    """Bands of the first half hours of a term."""
    return bands_of(term.version, term.first_day, term.days).reshape(-1)[:count]


def _place(term: Term, series: SlotSeries) -> slice:
    """Where in a series a term is; empty behind its end."""
    first = min(term.first_slot, series.end) - series.first
    return slice(first, min(term.end_slot, series.end) - series.first)
