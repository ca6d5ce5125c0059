"""The running day of a facility, read whole: its total against yesterday, and the outlook (US-10)."""

from dataclasses import dataclass
from datetime import datetime

from datasources.usage import Span
from domain.facilities import Facility
from domain.forecast import HISTORY_DAYS
from domain.readings import Direction
from domain.running_period import running_period
from domain.slots import date_of_day, day_at, day_of_date, first_slot, slot_at
from domain.stored import Head
from domain.usage_span import supplied_slots
from domain.usage_today import KnownDay, Today, outlook_of
from resolvers.context import RequestContext
from resolvers.live import StreamState


@dataclass(frozen=True, slots=True)
class TodayEvent:
    """How the day stands, and whether what it stands on is up to date."""

    today: Today
    state: StreamState
    last_received_at: datetime | None


async def today(
    context: RequestContext, of: Facility, *, with_forecast: bool, with_state: bool
) -> TodayEvent:
    """How the day stands; forecasts are None unless they are wanted, `state` is STALE unless it is."""
    due = context.portal(of.portal).reading_due
    known = await known_day(context, of, with_forecast=with_forecast)
    total = known.total(context.now, due)
    if not with_state:
        return TodayEvent(total, StreamState.STALE, None)
    head = await context.loaders.head(of.number)
    state = StreamState.STALE if _overdue(head, slot_at(context.now - due)) else StreamState.LIVE
    return TodayEvent(total, state, head.received_at)


async def known_day(context: RequestContext, of: Facility, *, with_forecast: bool) -> KnownDay:
    """All that is known of the running day."""
    now, supplied = context.now, supplied_slots(of)
    day = day_at(now)
    if not with_forecast:
        read = await context.loaders.series(_drawn(of, day - 1, day + 1))
        return KnownDay.of(read.only(supplied), supplied)
    period = await _running_period(context, of, day)
    read = await context.loaders.series(
        _drawn(of, min(day - HISTORY_DAYS, *period[:1], day), day + 1)
    )
    series, midnight = read.only(supplied), first_slot(day)
    before = series.between(first_slot(period.start) if period else midnight, midnight)
    history = series.between(first_slot(day - HISTORY_DAYS), midnight)
    due_end = slot_at(now - context.portal(of.portal).reading_due)
    return KnownDay.of(series, supplied, outlook_of(history, supplied, period, before, due_end))


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
