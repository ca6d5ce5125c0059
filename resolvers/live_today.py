"""The running day of a facility, live: told at once, and again whenever it changed (US-10).

A subscription keeps what is known of the day and takes readings in as they come. What was before the
day is read again when it is corrected, and with the first heartbeat of every half hour; so are reading
periods.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.errors import KenshinError
from domain.facilities import Facility
from domain.readings import Direction
from domain.slots import day_at, first_slot, slot_at, start_of_slot
from domain.stored import StoredReading
from domain.usage_today import KnownDay, Today
from resolvers.context import RequestContext
from resolvers.facilities import facility
from resolvers.live import StreamEvent
from resolvers.patience import until_answered
from resolvers.today import TodayEvent, WantedOfDay, known_day

_MOST_KEPT: Final = 96
"Readings that wait to be taken in. Where there are more, the day is read anew instead."

_PAST_MIDNIGHT: Final = timedelta(milliseconds=50)
"So that a timer that is a little early does not find the day before."


async def today_events(
    context: RequestContext, number: int, wanted: WantedOfDay
) -> AsyncGenerator[TodayEvent, None]:
    """How the day stands: at once, after new readings, with heartbeats, and when a new day begins.

    Readings that come while an event is made go into the next one together. Raises NotFound for a
    facility of somebody else, Forbidden when it is who asks's no more.
    """
    inbox = _Inbox()
    attachment = await context.sources.live.open(context, [number], inbox)
    try:
        day = _Day(context, await facility(context, number), wanted)
        latest = attachment.heartbeat()
        await until_answered(day.read)
        told = False
        while True:
            if not told:
                await until_answered(context.sources.authority.settle)
                await attachment.stream.permitted()
                yield TodayEvent(day.total(), latest.state, latest.last_received_at)
            news = await inbox.take(day.seconds_left())
            latest = news.latest or latest
            told = not await day.take_in(news)
    finally:
        attachment.detach()


@dataclass(frozen=True, slots=True)
class _News:
    """What a stream delivered: its last event, None without any, and the readings of drawn energy.

    `readings` is None where there were too many.
    """

    latest: StreamEvent | None
    readings: Sequence[StoredReading] | None


class _Inbox:
    """Keeps what a stream delivers until it is taken."""

    def __init__(self) -> None:
        self._arrived = asyncio.Event()
        self._error: KenshinError | None = None
        self._latest: StreamEvent | None = None
        self._readings: list[StoredReading] = []
        self._lost = False

    def events(self, events: Sequence[StreamEvent]) -> None:
        """Keep the next events."""
        for event in events:
            if event.reading is not None and event.reading.direction is Direction.IMPORT:
                self._readings.append(event.reading)
            self._latest = event
            self._lost = self._lost or event.reset
        if len(self._readings) > _MOST_KEPT:
            self._readings.clear()
            self._lost = True
        self._arrived.set()

    def ended(self, error: KenshinError) -> None:
        """Nothing more may be seen: whoever takes next is told."""
        self._error = error
        self._arrived.set()

    async def take(self, seconds: float) -> _News:
        """All that came, waiting for it at most so long; raises what ended the stream."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        if self._error is not None:
            raise self._error
        news = _News(self._latest, None if self._lost else self._readings)
        self._arrived.clear()
        self._latest, self._readings, self._lost = None, [], False
        return news


class _Day:
    """What is known of the running day, once `read` has been awaited."""

    _known: KnownDay
    _read_in: int

    def __init__(self, context: RequestContext, place: Facility, wanted: WantedOfDay) -> None:
        self._context = context
        self._place = place
        self._wanted = wanted

    async def read(self) -> None:
        """Read all of it; raises PyMongoError if the database does not answer."""
        half_hour = slot_at(self._context.now)
        # Contracts may have changed; whose it is the stream knows.
        place = await self._context.loaders.facility(self._place.number)
        self._place = place or self._place
        self._known = await known_day(self._context, self._place, self._wanted)
        self._read_in = half_hour

    def total(self) -> Today:
        due = self._context.portal(self._place.portal).reading_due
        return self._known.total(self._context.now, due)

    def seconds_left(self) -> float:
        """Seconds until the next day has surely begun."""
        midnight = start_of_slot(first_slot(self._known.day + 1))
        return max(0.0, (midnight - self._context.now + _PAST_MIDNIGHT).total_seconds())

    async def take_in(self, news: _News) -> bool:
        """Come up to date with news; answers whether there is something to tell."""
        if news.readings is None or not self._goes_on(news.readings):
            await until_answered(self.read)
            return True
        for reading in news.readings:
            self._known = self._known.with_reading(reading)
        return news.latest is not None

    def _goes_on(self, readings: Sequence[StoredReading]) -> bool:
        """Whether what is known and these readings are all there is to know."""
        now, known = self._context.now, self._known
        return (
            day_at(now) == known.day
            and all(known.holds(reading.slot) for reading in readings)
            and (bool(readings) or slot_at(now) == self._read_in)
        )
