"""What the same half hours would have cost on other plans (US-11).

Reading periods that lie in the span are priced like bills, those that it cuts by their days. Each plan
is priced with its prices of that time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.bills import SEN
from domain.facilities import Contract
from domain.profile_form import Label
from domain.slots import day_of_date, first_slot
from domain.tariff.bands import bands_of
from domain.tariff.charges import NANO_PER_SEN, TermUsage, charge, term_usage
from domain.tariff.ladders import Ladder, ladders, market_rates
from domain.tariff.plans import Plan, PlanVersion
from domain.tariff.points import MarketPrices
from domain.tariff.rates import Rates, billing_month
from domain.tariff.refusals import NotPriced, NotPricedReason
from domain.tariff.terms import Term, terms_on

_YEAR_DAYS: Final = (365, 366)
Period = tuple[date, date]
_Supplied = tuple[Period, Sequence[Contract]]


@dataclass(frozen=True, slots=True, eq=False)
class UsedSpan:
    """Whole days `[start_on, end_on)` of use, and the reading periods that hold them.

    `wh` has shape ``(days * 48,)`` and no gaps; `prices` are the market's if any plan needs them.
    """

    start_on: date
    end_on: date
    periods: Sequence[Period]
    wh: NDArray[np.int64]
    prices: MarketPrices | None = None

    @property
    def days(self) -> int:
        return (self.end_on - self.start_on).days

    def of(self, term: Term) -> NDArray[np.int64]:
        """Wh of the half hours of a term."""
        first = first_slot(day_of_date(self.start_on))
        return self.wh[term.first_slot - first : term.end_slot - first]

    def prices_of(self, term: Term) -> NDArray[np.int32] | None:
        return None if self.prices is None else self.prices.of(term)

    def yearly(self, yen: int) -> int:
        """Yen of the span as yen of a year."""
        return yen if self.days in _YEAR_DAYS else round(yen * _YEAR_DAYS[0] / self.days)


@dataclass(frozen=True, slots=True)
class BandCost:
    """Use in a tariff band, and what depends on it: energy, fuel adjustment and levy."""

    key: str
    label: Label
    wh: int
    nano: int

    @property
    def sen(self) -> int:
        return self.nano // NANO_PER_SEN


@dataclass(frozen=True, slots=True)
class Shift:
    """What it would save to use some of the dearest band's energy at a cheaper time of those days."""

    dearest: Label
    wh: int
    saved_yen: int


@dataclass(frozen=True, slots=True)
class PlanCost:
    """A span on a plan: what its bills come to, and how that is made up."""

    plan: Plan
    yen: int
    fixed_sen: int
    bands: tuple[BandCost, ...]
    "Those with use, in the plan's order."
    shift: Shift | None
    "None where there is no other band to move to."


@dataclass(frozen=True, slots=True)
class Unpriced:
    plan: Plan
    reason: NotPricedReason


def compared(
    plans: Sequence[Plan],
    contracts: Sequence[Contract],
    rates: Rates,
    span: UsedSpan,
    shift_percent: int,
) -> tuple[list[PlanCost], list[Unpriced]]:
    """What a span costs on each plan, cheapest first, and the plans that do not price it.

    Plans and contracts are of one kind.
    """
    costs: list[PlanCost] = []
    unpriced: list[Unpriced] = []
    supplied = [*_supplied(contracts, span)]
    for plan in plans:
        try:
            costs.append(_cost(plan, supplied, rates, span, shift_percent))
        except NotPriced as error:
            unpriced.append(Unpriced(plan, error.reason))
    return sorted(costs, key=lambda cost: (cost.yen, cost.plan.key)), unpriced


@dataclass(frozen=True, slots=True, eq=False)
class _PricedTerm:
    """A term with its use, and the ladder of each band."""

    term: Term
    usage: TermUsage
    ladders: tuple[Ladder, ...]
    market: tuple[int, ...]
    "Nano-yen by market prices, of each band."

    @property
    def occurring(self) -> set[int]:
        """Places of the bands that some half hour of the term is in."""
        days = bands_of(self.term.version, self.term.first_day, self.term.days)
        return set(np.flatnonzero(np.bincount(days.reshape(-1))).tolist())

    def more(self, place: int, wh: int) -> int:
        """Nano-yen that so many Wh more in a band cost."""
        ladder, used = self.ladders[place], self.usage.by_band[place]
        return ladder.cost(used + wh) - ladder.cost(used)


class _Uses:
    """Use of terms within a span: half hours are added up once for each version of a plan."""

    def __init__(self, span: UsedSpan) -> None:
        self._span = span
        self._first = first_slot(day_of_date(span.start_on))
        self._sums: dict[PlanVersion, NDArray[np.int64]] = {}

    def of(self, term: Term) -> tuple[TermUsage, tuple[int, ...]]:
        """Use, and nano-yen by market prices, of each band; raises NotPriced."""
        if term.version.market is not None:
            return self._by_market(term)
        sums = self._sums.get(term.version)
        if sums is None:
            sums = self._sums[term.version] = self._summed(term.version)
        first, end = term.first_slot - self._first, term.end_slot - self._first
        by_band = tuple((sums[:, end] - sums[:, first]).tolist())
        return TermUsage(sum(by_band), by_band), (0,) * len(by_band)

    def _summed(self, version: PlanVersion) -> NDArray[np.int64]:
        """Wh of each band up to every slot of the span and to its end, shape ``(bands, slots + 1)``."""
        wh, count = self._span.wh, len(version.bands)
        sums = np.zeros((count, len(wh) + 1), np.int64)
        if count == 1:
            np.cumsum(wh, out=sums[0, 1:])
            return sums
        days = bands_of(version, day_of_date(self._span.start_on), self._span.days)
        in_band = days.reshape(-1) == np.arange(count)[:, None]
        np.cumsum(np.where(in_band, wh, 0), axis=1, out=sums[:, 1:])
        return sums

    def _by_market(self, term: Term) -> tuple[TermUsage, tuple[int, ...]]:
        wh, prices = self._span.of(term), self._span.prices_of(term)
        usage = term_usage(term, wh, prices)
        bands = bands_of(term.version, term.first_day, term.days).reshape(-1)
        nano = market_rates(term, prices) * wh
        places = range(len(term.version.bands))
        return usage, tuple(int(nano[bands == place].sum()) for place in places)


def _cost(
    plan: Plan, supplied: Sequence[_Supplied], rates: Rates, span: UsedSpan, shift_percent: int
) -> PlanCost:
    yen = fixed_sen = 0
    priced: list[_PricedTerm] = []
    uses = _Uses(span)
    for period, contracts in supplied:
        parts = terms_on(contracts, plan, *period)
        month = billing_month(period[1])
        found = [(term, *uses.of(term)) for term in parts]
        charged = charge(parts, [usage for _, usage, _ in found], rates, month)
        yen += charged.amount_yen
        fixed_sen += charged.fixed_sen
        priced += [
            _PricedTerm(term, usage, ladders(term, rates, month), market)
            for term, usage, market in found
        ]
    bands = _bands(priced)
    return PlanCost(
        plan, yen, fixed_sen, tuple(bands.values()), _shift(priced, bands, shift_percent)
    )


def _supplied(contracts: Sequence[Contract], span: UsedSpan) -> Iterator[_Supplied]:
    """Reading periods within the span, each with the contracts as far as they count in it."""
    within = [*_within(contracts, span.start_on, span.end_on)]
    for period in span.periods:
        if any(_within(within, *period)):
            whole = span.start_on <= period[0] and period[1] <= span.end_on
            yield period, contracts if whole else within


def _within(contracts: Sequence[Contract], start_on: date, end_on: date) -> Iterator[Contract]:
    for contract in contracts:
        begins = max(contract.start_on, start_on)
        ends = min(contract.end_on or end_on, end_on)
        if begins < ends:
            yield replace(contract, start_on=begins, end_on=ends)


def _bands(priced: Sequence[_PricedTerm]) -> dict[str, BandCost]:
    """Use and cost by the key of the band, over all terms and versions."""
    found: dict[str, BandCost] = {}
    for one in priced:
        for place, band in enumerate(one.term.version.bands):
            wh = one.usage.by_band[place]
            nano = one.ladders[place].cost(wh) + one.market[place]
            known = found.get(band.key, BandCost(band.key, band.label, 0, 0))
            found[band.key] = replace(known, wh=known.wh + wh, nano=known.nano + nano)
    return {key: band for key, band in found.items() if band.wh}


def _shift(
    priced: Sequence[_PricedTerm], bands: Mapping[str, BandCost], percent: int
) -> Shift | None:
    """Some of the dearest band's use, moved within each term to its cheapest band."""
    if not bands:
        return None
    dearest = max(bands.values(), key=lambda band: band.nano / band.wh)
    moves = [*_moves(priced, dearest.key, percent)]
    saved = -sum(nano for _, nano in moves)
    return Shift(dearest.label, sum(wh for wh, _ in moves), _whole_yen(saved)) if moves else None


def _moves(priced: Sequence[_PricedTerm], dearest: str, percent: int) -> Iterator[tuple[int, int]]:
    """Wh that are moved, and nano-yen that they cost more than before; of each term with a choice."""
    for one in priced:
        places = {band.key: place for place, band in enumerate(one.term.version.bands)}
        source = places.get(dearest)
        if source is None or len(places) == 1 or not one.usage.by_band[source]:
            continue
        others = one.occurring - {source}
        if not others:
            continue
        wh = one.usage.by_band[source] * percent // 100
        yield wh, min(one.more(place, wh) for place in others) + one.more(source, -wh)


def _whole_yen(nano: int) -> int:
    return nano // (NANO_PER_SEN * SEN)
