"""What the half hours of a facility cost (US-7): which reading periods price them, and at what prices.

Nothing is read unless a contract's plan is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.facilities import ContractKind, Facility
from domain.readings import Direction
from domain.running_period import periods_between
from domain.slots import date_of_day, day_of_slot
from domain.tariff.points import (
    MarketPrices,
    PricedPeriod,
    PricedSeries,
    priced_period,
    priced_series,
)
from domain.usage import SlotSeries
from resolvers.context import RequestContext

KINDS: Final[Mapping[Direction, ContractKind]] = {
    Direction.IMPORT: ContractKind.ELECTRICITY,
    Direction.EXPORT: ContractKind.BUY_BACK,
}
"Of the contract that prices a direction."


@dataclass(frozen=True, slots=True, eq=False)
class Pricing:
    """Reading periods that price slots, in time order, with the market's prices if any needs them."""

    periods: tuple[PricedPeriod, ...]
    prices: MarketPrices | None

    @property
    def first(self) -> int:
        """Slot from which on a series must be known for its points to be priced."""
        return self.periods[0].first_slot

    def of(self, series: SlotSeries) -> PricedSeries:
        """What the half hours of a series cost, which begins no later."""
        return priced_series(self.periods, series, self.prices)


async def pricing(
    context: RequestContext, of: Facility, direction: Direction, first: int, end: int
) -> Pricing | None:
    """What prices the slots ``[first, end)``; None if nothing is known to."""
    kind = KINDS[direction]
    book = context.sources.plans
    contracts = tuple(contract for contract in of.contracts if contract.kind is kind)
    if first >= end or not any(map(book.plan_of, contracts)):
        return None
    start_on, end_on = date_of_day(day_of_slot(first)), date_of_day(day_of_slot(end - 1) + 1)
    bounds = await context.loaders.period_bounds(of.number, of.owner, kind)
    priced = (
        priced_period(contracts, book, kind, *period)
        for period in periods_between(bounds, start_on, end_on)
    )
    periods = tuple(period for period in priced if period is not None)
    if not periods:
        return None
    return Pricing(periods, await _market_prices(context, of, periods))


async def _market_prices(
    context: RequestContext, of: Facility, periods: tuple[PricedPeriod, ...]
) -> MarketPrices | None:
    by_market = [period for period in periods if period.by_market]
    if not by_market or of.area is None:
        return None
    days = by_market[0].first_day, by_market[-1].end_day
    return MarketPrices(days[0], await context.loaders.market_prices(of.area, *days))
