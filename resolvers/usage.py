"""Usage of a facility: series, comparison, profile, today, the latest reading."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import numpy as np

from datasources.usage import Span
from domain.facilities import Facility
from domain.readings import Direction, Quality
from domain.slots import day_at, day_of_date, first_slot, slot_at, start_of_slot
from domain.stored import StoredReading
from domain.stream_cursor import encode_positions
from domain.usage import Points, Resolution, SlotSeries, points, total_wh
from domain.usage_profile import ProfileBasis, ProfilePoint, profile
from domain.usage_span import AskedSpan, asked_span, span_before, supplied_slots
from resolvers.context import RequestContext


class Comparison(Enum):
    """With which earlier span; the value is how many months earlier."""

    MONTH_BEFORE = 1
    YEAR_BEFORE = 12


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """What is asked of a facility's usage."""

    facility: Facility
    start: datetime
    end: datetime
    resolution: Resolution
    direction: Direction


@dataclass(frozen=True, slots=True)
class UsageAnswer:
    """Usage of the part of the asked span that can be known, and where the live stream goes on."""

    question: UsageQuestion
    series: SlotSeries
    points: Points
    cursor: str


@dataclass(frozen=True, slots=True)
class Today:
    """Usage of the running Tokyo day, and of the day before up to the same half hour and whole."""

    start: datetime
    as_of: datetime
    wh: int
    same_time_yesterday_wh: int
    yesterday_wh: int


async def usage(context: RequestContext, question: UsageQuestion) -> UsageAnswer:
    """Series of a span (US-1 to US-4)."""
    portal = context.portal(question.facility.portal)
    span = asked_span(question.start, question.end, question.facility, portal, context.now)
    return await _answer(context, question, span)


async def compared(
    context: RequestContext, question: UsageQuestion, comparison: Comparison
) -> UsageAnswer | None:
    """The same span earlier (US-6); None where it is out of the portal's history."""
    span = span_before(
        question.start,
        question.end,
        comparison.value,
        question.facility,
        context.portal(question.facility.portal),
        context.now,
    )
    return None if span is None else await _answer(context, question, span)


async def usage_profile(
    context: RequestContext, question: UsageQuestion, basis: ProfileBasis
) -> tuple[SlotSeries, tuple[ProfilePoint, ...]]:
    """Average use over a span (US-5), with the series that it is of."""
    portal = context.portal(question.facility.portal)
    span = asked_span(question.start, question.end, question.facility, portal, context.now)
    series = await _series(context, question, span)
    return series, profile(series, basis)


async def latest_reading(
    context: RequestContext, of: Facility, direction: Direction
) -> StoredReading | None:
    """Newest half hour that has a reading; None if it is not of the facility's contracts (US-1)."""
    head = await context.loaders.head.load(of.number)
    latest = head.latest[direction]
    return latest if latest and latest.slot in supplied_slots(of) else None


async def today(context: RequestContext, of: Facility) -> Today:
    """Running total of the day against yesterday (US-10)."""
    start = first_slot(day_at(context.now))
    yesterday = first_slot(day_at(context.now) - 1)
    end = slot_at(context.now) + 1
    stored = await context.loaders.series.load(Span(of.number, Direction.IMPORT, yesterday, end))
    series = stored.only(supplied_slots(of))
    now, before = series.between(start, end), series.between(yesterday, start)
    present = np.flatnonzero(now.quality != Quality.MISSING)
    known = int(present[-1]) + 1 if len(present) else 0
    return Today(
        start=start_of_slot(start),
        as_of=start_of_slot(start + known),
        wh=total_wh(now),
        same_time_yesterday_wh=total_wh(before.between(yesterday, yesterday + known)),
        yesterday_wh=total_wh(before),
    )


async def _answer(context: RequestContext, question: UsageQuestion, span: AskedSpan) -> UsageAnswer:
    number = question.facility.number
    # The head first: what is stored between the two reads is then sent again, not lost.
    head = await context.loaders.head.load(number)
    reading_days = await _reading_days(context, question)
    series = await _series(context, question, span)
    return UsageAnswer(
        question,
        series,
        points(series, question.resolution, reading_days),
        encode_positions({number: head.order}),
    )


async def _series(context: RequestContext, question: UsageQuestion, span: AskedSpan) -> SlotSeries:
    end = min(span.end, slot_at(context.now + timedelta(days=1)))
    whole = await context.loaders.series.load(
        Span(question.facility.number, question.direction, span.first, max(span.first, end))
    )
    present = np.flatnonzero(whole.quality != Quality.MISSING)
    last = span.first + int(present[-1]) if len(present) else None
    return whole.between(span.first, min(whole.end, span.answered_end(last)))


async def _reading_days(context: RequestContext, question: UsageQuestion) -> list[int]:
    if question.resolution is not Resolution.READING_PERIOD:
        return []
    facility = question.facility
    dates = await context.loaders.period_bounds.load((facility.number, (facility.owner,)))
    return [day_of_date(on) for on in dates]
