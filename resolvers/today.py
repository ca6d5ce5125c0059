"""The running day of a facility, read whole: its total against yesterday, and the outlook (US-10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from datasources.usage import Span
from domain.facilities import Facility
from domain.forecast import HISTORY_DAYS
from domain.readings import Direction
from domain.running_period import running_period
from domain.slots import SLOTS_PER_DAY, date_of_day, day_at, day_of_date, first_slot, slot_at
from domain.stored import Head
from domain.tariff.running import running_price
from domain.usage_span import slots_from, supplied_slots
from domain.usage_today import KnownDay, Today, outlook_of
from resolvers.context import RequestContext
from resolvers.live import StreamState
from resolvers.yen import Pricing, pricing


class WantedOfDay(NamedTuple):
    """What is wanted of the running day that takes more to know."""

    forecast: bool = False
    yen: bool = False
    state: bool = False


@dataclass(frozen=True, slots=True)
class TodayEvent:
    """How the day stands, and whether what it stands on is up to date."""

    today: Today
    state: StreamState
    last_received_at: datetime | None


async def today(context: RequestContext, of: Facility, wanted: WantedOfDay) -> TodayEvent:
    """How the day stands; forecasts and yen are None unless they are wanted, `state` is STALE then."""
    due = context.portal(of.portal).reading_due
    known = await known_day(context, of, wanted)
    total = known.total(context.now, due)
    if not wanted.state:
        return TodayEvent(total, StreamState.STALE, None)
    head = await context.loaders.head(of.number)
    state = StreamState.STALE if _overdue(head, slot_at(context.now - due)) else StreamState.LIVE
    return TodayEvent(total, state, head.received_at)


async def known_day(context: RequestContext, of: Facility, wanted: WantedOfDay) -> KnownDay:
    """What is known of the running day; raises ConsentRequired if yesterday is not open to an app."""
    now, supplied = context.now, slots_from(context.first_slot, supplied_slots(of))
    day = day_at(now)
    context.require_from(first_slot(day - 1))
    midnight = first_slot(day)
    prices = await _prices(context, of, midnight) if wanted.yen else None
    period = await _running_period(context, of, day) if wanted.forecast or prices else range(0)
    if period and first_slot(period.start) < context.first_slot:
        # What an app may not see of the period has a part in its outlook and in its price.
        period, prices = range(0), None
    first_day = min(day - (HISTORY_DAYS if wanted.forecast else 1), *period[:1], day)
    read = await context.loaders.series(_drawn(of, first_day, day + 1))
    series = read.only(supplied)
    before = series.between(first_slot(period.start) if period else midnight, midnight)
    outlook, expected = None, None
    if wanted.forecast:
        history = series.between(first_slot(day - HISTORY_DAYS), midnight)
        due_end = slot_at(now - context.portal(of.portal).reading_due)
        outlook, expected = outlook_of(history, supplied, period, before, due_end)
    price = None
    if prices is not None:
        rates = context.sources.plans.rates
        price = running_price(prices.periods[0], rates, before, prices.prices, expected)
    return KnownDay.of(series, supplied, outlook, price)


async def _prices(context: RequestContext, of: Facility, midnight: int) -> Pricing | None:
    """What prices the day that begins at a slot."""
    return await pricing(context, of, Direction.IMPORT, midnight, midnight + SLOTS_PER_DAY)


async def _running_period(context: RequestContext, of: Facility, day: int) -> range:
    """Days of the running reading period; none if it is not known."""
    bounds = await context.loaders.period_bounds(of.number, of.owner)
    found = running_period(bounds, date_of_day(day))
    return range(0) if found is None else range(*map(day_of_date, found))


def _drawn(of: Facility, first_day: int, end_day: int) -> Span:
    return Span(of.number, Direction.IMPORT, first_slot(first_day), first_slot(end_day))


def _overdue(head: Head, due_end: int) -> bool:
    """Whether the newest half hour that is due has no reading."""
    newest = max((reading.slot for reading in head.latest if reading), default=-1)
    return newest < due_end - 1
