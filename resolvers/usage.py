"""Usage of a facility: series, comparison, profile, the latest reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from datasources.usage import Span
from domain.facilities import Facility
from domain.readings import Direction, Quality
from domain.slots import day_of_date
from domain.stored import StoredReading
from domain.stream_cursor import encode_positions
from domain.usage import Points, Resolution, SlotSeries, points
from domain.usage_profile import ProfileBasis, ProfilePoint, profile
from domain.usage_span import (
    AskedSpan,
    asked_span,
    readable_end,
    span_before,
    supplied_slots,
)
from resolvers.context import RequestContext

_HALF_HOUR: Final = Resolution.HALF_HOUR
_READING_PERIOD: Final = Resolution.READING_PERIOD
"Looked up once: members of an enum are slow to get at."


class Comparison(Enum):
    """With which earlier span; the value is how many months earlier."""

    MONTH_BEFORE = 1
    YEAR_BEFORE = 12


class UsageQuestion(NamedTuple):
    """What is asked of a facility's usage."""

    facility: Facility
    start: datetime
    end: datetime
    resolution: Resolution
    direction: Direction


@dataclass(eq=False)
class UsageAnswer:
    """Usage of the part of the asked span that can be known. Never changed.

    `reading_days` are bounds of reading periods, if the question needs them; `cursor` is where the
    live stream goes on, if it was asked for.
    """

    question: UsageQuestion
    series: SlotSeries
    reading_days: Sequence[int]
    cursor: str | None

    @property
    def point_count(self) -> int:
        if self.question.resolution is _HALF_HOUR:
            return len(self.series.wh)
        return len(self.points)

    def points_between(self, first: int, end: int) -> Points:
        """Points `[first, end)`, without the work for the others where each is one half hour."""
        if self.question.resolution is _HALF_HOUR:
            start = self.series.first
            return points(self.series.between(start + first, start + end), _HALF_HOUR, ())
        return self.points.between(first, end)

    @cached_property
    def points(self) -> Points:
        """The series at the resolution of the question."""
        return points(self.series, self.question.resolution, self.reading_days)


async def usage(
    context: RequestContext, question: UsageQuestion, *, with_cursor: bool = True
) -> UsageAnswer:
    """Series of a span (US-1 to US-4)."""
    span = _asked(context, question, question.resolution)
    return await _answer(context, question, span, with_cursor=with_cursor)


async def compared(
    context: RequestContext,
    question: UsageQuestion,
    comparison: Comparison,
    *,
    with_cursor: bool = True,
) -> UsageAnswer | None:
    """The same span earlier (US-6); None where it is out of the portal's history."""
    span = span_before(
        question.start,
        question.end,
        comparison.value,
        question.resolution,
        question.facility,
        context.portal(question.facility.portal),
        context.now,
    )
    if span is None:
        return None
    return await _answer(context, question, span, with_cursor=with_cursor)


async def usage_profile(
    context: RequestContext, question: UsageQuestion, basis: ProfileBasis
) -> tuple[SlotSeries, tuple[ProfilePoint, ...]]:
    """Average use over a span (US-5), with the series that it is of."""
    # A profile has few points, however many half hours it is the average of.
    series = await _series(context, question, _asked(context, question, Resolution.DAY))
    return series, profile(series, basis)


async def latest_reading(
    context: RequestContext, of: Facility, direction: Direction
) -> StoredReading | None:
    """Newest half hour that has a reading; None if it is not of the facility's contracts (US-1)."""
    head = await context.loaders.head(of.number)
    latest = head.latest[direction]
    return latest if latest and latest.slot in supplied_slots(of) else None


def _asked(context: RequestContext, question: UsageQuestion, resolution: Resolution) -> AskedSpan:
    facility = question.facility
    portal = context.portal(facility.portal)
    return asked_span(question.start, question.end, resolution, facility, portal, context.now)


async def _answer(
    context: RequestContext, question: UsageQuestion, span: AskedSpan, *, with_cursor: bool
) -> UsageAnswer:
    # The cursor first: what is stored between the two reads is then sent again, not lost.
    cursor = await _cursor(context, question.facility.number) if with_cursor else None
    reading_days: Sequence[int] = ()
    if question.resolution is _READING_PERIOD:
        reading_days = await _reading_days(context, question.facility)
    return UsageAnswer(question, await _series(context, question, span), reading_days, cursor)


async def _cursor(context: RequestContext, number: int) -> str:
    head = await context.loaders.head(number)
    return encode_positions({number: head.order})


async def _series(context: RequestContext, question: UsageQuestion, span: AskedSpan) -> SlotSeries:
    end = readable_end(span.end, context.now)
    whole = await context.loaders.series(
        Span(question.facility.number, question.direction, span.first, max(span.first, end))
    )
    if span.due_end >= whole.end:
        return whole
    early = whole.quality[max(0, span.due_end - span.first) :]
    present = np.flatnonzero(early != Quality.MISSING)
    last = whole.end - len(early) + int(present[-1]) if len(present) else None
    return whole.between(span.first, min(whole.end, span.answered_end(last)))


async def _reading_days(context: RequestContext, facility: Facility) -> list[int]:
    dates = await context.loaders.period_bounds(facility.number, facility.owner)
    return [day_of_date(on) for on in dates]
