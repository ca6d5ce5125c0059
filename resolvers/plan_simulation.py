"""What a facility's own half hours would have cost on the plans that are open to it (US-11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from datasources.usage import Span
from domain.consents import Scope
from domain.errors import BadInput, NotYetAvailable, RangeTooLarge
from domain.facilities import Contract, ContractKind, Facility
from domain.readings import Direction, Quality
from domain.running_period import periods_around
from domain.slots import date_of_day, day_at, day_of_date, day_of_slot, first_slot
from domain.tariff.comparison import PlanCost, Unpriced, UsedSpan, compared
from domain.tariff.plans import Plan
from domain.tariff.points import MarketPrices
from domain.usage import SlotSeries
from domain.usage_span import supplied_slots
from domain.usual_use import complete_wh
from resolvers.context import RequestContext
from resolvers.facilities import contracts_available, facility
from resolvers.threads import in_thread

MAX_DAYS: Final = 366
_KIND: Final = ContractKind.ELECTRICITY


@dataclass(frozen=True, slots=True)
class SimulationQuestion:
    """Which facility's days ``[start_on, end_on)``, and what share of the dearest use to shift."""

    facility: int
    start_on: date
    end_on: date
    shift_percent: int


@dataclass(frozen=True, slots=True)
class PlanSimulation:
    """What a span costs on each plan, cheapest first; `missing` of its half hours were estimated."""

    span: UsedSpan
    missing: int
    present: Plan
    costs: Sequence[PlanCost]
    unpriced: Sequence[Unpriced]

    def yearly_difference(self, cost: PlanCost) -> int | None:
        """Yen a year that a plan costs more than the present one; None if that has no price."""
        present = next((each.yen for each in self.costs if each.plan is self.present), None)
        return None if present is None else self.span.yearly(cost.yen - present)


async def simulate_plans(context: RequestContext, asked: SimulationQuestion) -> PlanSimulation:
    """Price a span on all plans open to a facility of who asks; raises NotFound for any other.

    Raises NotYetAvailable while its contracts may not be seen; BadInput for an empty span, one with too
    few values to estimate the others, a share that is none, or a facility whose plan is not known;
    RangeTooLarge for a span of more than a year.
    """
    if not 0 <= asked.shift_percent <= 100:  # noqa: PLR2004 - of a hundred
        raise BadInput(f"shiftPercent must be 0 to 100, found {asked.shift_percent}")
    of = await _open_facility(context, asked.facility)
    first_day, end_day = _days(context, of, asked)
    contract, present = _present(context, of, date_of_day(end_day - 1))
    plans = _plans(context, of, contract, present)
    series, span = await _used(context, of, plans, first_day, end_day)
    contracts = [each for each in of.contracts if each.kind is _KIND]
    rates = context.sources.plans.rates
    async with context.sources.simulating:
        costs, unpriced = await in_thread(
            partial(compared, plans, contracts, rates, span, asked.shift_percent)
        )
    missing = int((series.quality == Quality.MISSING).sum())
    return PlanSimulation(span, missing, present, costs, unpriced)


async def _open_facility(context: RequestContext, number: int) -> Facility:
    of = await facility(context, number)
    context.require_proven()
    context.require_scope("the comparison of plans", Scope.USAGE_READ, facility=number)
    context.require_open(of)
    if not await contracts_available(context, of):
        raise NotYetAvailable("plans can be compared when the contracts may be seen")
    return of


def _days(context: RequestContext, of: Facility, asked: SimulationQuestion) -> tuple[int, int]:
    """First day and end of what can be priced of a span: what was supplied, and is over."""
    portal, days = context.portal(of.portal), (asked.end_on - asked.start_on).days
    if days <= 0:
        raise BadInput(f"from must be before to, found {asked.start_on} and {asked.end_on}")
    if days > MAX_DAYS:
        raise RangeTooLarge(f"at most {MAX_DAYS} days are simulated at once, found {days:,}")
    opens_on = portal.history_from(context.now)
    if asked.start_on < opens_on:
        raise RangeTooLarge(
            f"{portal.name} shows the last {portal.history_months} months: from must not be "
            f"before {opens_on}, found {asked.start_on}"
        )
    supplied = supplied_slots(of)
    context.require_from(max(first_slot(day_of_date(asked.start_on)), supplied.start))
    first = max(day_of_date(asked.start_on), day_of_slot(supplied.start))
    end = min(day_of_date(asked.end_on), day_of_slot(supplied.stop), day_at(context.now))
    if first >= end:
        raise BadInput("no day of the span was supplied and is over")
    return first, end


def _present(context: RequestContext, of: Facility, last_on: date) -> tuple[Contract, Plan]:
    """The electricity contract of a day, or the last one before it, and its plan; raises BadInput."""
    begun = [each for each in of.contracts if each.kind is _KIND and each.start_on <= last_on]
    if not begun:
        raise BadInput("no electricity is contracted for at the facility in this span")
    contract = max(begun, key=lambda contract: contract.start_on)
    plan = context.sources.plans.plan_of(contract)
    if plan is None:
        raise BadInput(f"the plan of contract {contract.number} is not known here")
    return contract, plan


def _plans(context: RequestContext, of: Facility, contract: Contract, present: Plan) -> list[Plan]:
    """The plan that a contract has, and those of the portal that it can change to."""
    book = context.sources.plans
    offered = (book.plans[key] for key in context.portal(of.portal).billing.plans)
    fitting = (
        plan
        for plan in offered
        if plan.kind is _KIND and plan.size(contract.capacity, contract.capacity_unit) is not None
    )
    return [*dict.fromkeys((present, *fitting))]


async def _used(
    context: RequestContext, of: Facility, plans: Sequence[Plan], first_day: int, end_day: int
) -> tuple[SlotSeries, UsedSpan]:
    """The half hours of days as they are known, and complete with all that prices them."""
    series = await context.loaders.series(
        Span(of.number, Direction.IMPORT, first_slot(first_day), first_slot(end_day))
    )
    wh = complete_wh(series)
    if wh is None:
        raise BadInput(
            "too few half hours of this span are known to estimate those that are missing"
        )
    start_on, end_on = date_of_day(first_day), date_of_day(end_day)
    bounds = await context.loaders.period_bounds(of.number, of.owner)
    periods = periods_around(bounds, start_on, end_on)
    prices = await _prices(context, of, plans, first_day, end_day)
    return series, UsedSpan(start_on, end_on, periods, wh, prices)


async def _prices(
    context: RequestContext, of: Facility, plans: Sequence[Plan], first_day: int, end_day: int
) -> MarketPrices | None:
    """Prices of the market, if one of the plans goes by them."""
    by_market = any(version.market for plan in plans for version in plan.versions)
    if not by_market or of.area is None:
        return None
    found = await context.loaders.market_prices(of.area, first_day, end_day)
    return MarketPrices(first_day, found)
