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
from domain.tariff.points import PricedSeries, Sen, joint_sen
from domain.usage import KnownBlock, Points, Resolution, SlotSeries, points
from domain.usage_profile import ProfileBasis, ProfilePoint, profile
from domain.usage_span import (
    AskedSpan,
    asked_span,
    readable_end,
    span_before,
    supplied_slots,
)
from resolvers.context import RequestContext
from resolvers.yen import Pricing, pricing

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


class Wanted(NamedTuple):
    """What is wanted of usage that takes more to know."""

    cursor: bool = False
    yen: bool = False


_LITTLE: Final = Wanted()


@dataclass(eq=False)
class UsageAnswer:
    """Usage of the part of the asked span that can be known. Never changed.

    `reading_days` are bounds of reading periods, if the question needs them; `cursor` is where the
    live stream goes on, and `pricing` what prices the series, if they were asked for. `read` is what
    the series is a part of: all that its prices depend on.
    """

    question: UsageQuestion
    series: SlotSeries
    reading_days: Sequence[int]
    cursor: str | None
    pricing: Pricing | None
    read: SlotSeries

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

    @cached_property
    def priced(self) -> PricedSeries | None:
        """What its half hours cost; None without pricing."""
        return None if self.pricing is None else self.pricing.of(self.read)

    def known(self, *, with_yen: bool) -> Sequence[KnownBlock]:
        """Parts of the series that may be known from an earlier answer, be it what they cost too."""
        blocks = self.series.known
        priced = self.priced if with_yen else None
        if priced is None:
            return blocks
        return [
            KnownBlock(first, end, (*version, priced.digest(first, end)))
            for first, end, version in blocks
        ]

    @cached_property
    def slot_sen(self) -> Sen | None:
        """Sen of each half hour of the series, NO_SEN where it has no price; None without pricing."""
        priced = self.priced
        return None if priced is None else priced.between(self.series.first, self.series.end)

    @cached_property
    def point_sen(self) -> Sen | None:
        """Sen of each point, like `slot_sen`: what those of its half hours cost that have a price."""
        sen = self.slot_sen
        if sen is None or self.question.resolution is _HALF_HOUR:
            return sen
        return joint_sen(sen, self.points.edges[:-1] - self.series.first)


async def usage(
    context: RequestContext, question: UsageQuestion, wanted: Wanted = _LITTLE
) -> UsageAnswer:
    """Series of a span (US-1 to US-4, US-7)."""
    span = _asked(context, question, question.resolution)
    return await _answer(context, question, span, wanted)


async def compared(
    context: RequestContext,
    question: UsageQuestion,
    comparison: Comparison,
    wanted: Wanted = _LITTLE,
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
    return await _answer(context, question, span, wanted)


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
    """Newest half hour that has a reading; None if it is not of the facility's contracts (US-1).

    None too if it is before those that an app may see.
    """
    head = await context.loaders.head(of.number)
    latest = head.latest[direction]
    if latest is None or latest.slot < context.first_slot:
        return None
    return latest if latest.slot in supplied_slots(of) else None


def _asked(context: RequestContext, question: UsageQuestion, resolution: Resolution) -> AskedSpan:
    facility = question.facility
    portal = context.portal(facility.portal)
    return asked_span(question.start, question.end, resolution, facility, portal, context.now)


async def _answer(
    context: RequestContext, question: UsageQuestion, span: AskedSpan, wanted: Wanted
) -> UsageAnswer:
    # The cursor first: what is stored between the two reads is then sent again, not lost.
    cursor = await _cursor(context, question.facility.number) if wanted.cursor else None
    reading_days: Sequence[int] = ()
    if question.resolution is _READING_PERIOD:
        reading_days = await _reading_days(context, question.facility)
    prices = await _pricing(context, question, span) if wanted.yen else None
    first = span.first if prices is None else min(span.first, prices.first)
    read = await _read(context, question, span, first)
    series = _answered(read.between(span.first, read.end), span)
    return UsageAnswer(question, series, reading_days, cursor, prices, read)


async def _pricing(
    context: RequestContext, question: UsageQuestion, span: AskedSpan
) -> Pricing | None:
    end = readable_end(span.end, context.now)
    return await pricing(context, question.facility, question.direction, span.first, end)


async def _cursor(context: RequestContext, number: int) -> str:
    head = await context.loaders.head(number)
    return encode_positions({number: head.order})


async def _series(context: RequestContext, question: UsageQuestion, span: AskedSpan) -> SlotSeries:
    return _answered(await _read(context, question, span, span.first), span)


async def _read(
    context: RequestContext, question: UsageQuestion, span: AskedSpan, first: int
) -> SlotSeries:
    """A span from an earlier slot on, as far as there can be anything.

    The earlier ones only price it. Raises ConsentRequired for days that an app may not see.
    """
    context.require_from(span.first)
    end = max(span.first, readable_end(span.end, context.now))
    return await context.loaders.series(
        Span(question.facility.number, question.direction, first, end)
    )


def _answered(whole: SlotSeries, span: AskedSpan) -> SlotSeries:
    """What of a span is answered: later half hours neither have a value nor should have one."""
    if span.due_end >= whole.end:
        return whole
    early = whole.quality[max(0, span.due_end - span.first) :]
    present = np.flatnonzero(early != Quality.MISSING)
    last = whole.end - len(early) + int(present[-1]) if len(present) else None
    return whole.between(span.first, min(whole.end, span.answered_end(last)))


async def _reading_days(context: RequestContext, facility: Facility) -> list[int]:
    dates = await context.loaders.period_bounds(facility.number, facility.owner)
    return [day_of_date(on) for on in dates]
