"""The stream of a subscriber: what was missed, then readings as they are stored, with no gap between.

Order holds per facility. A reading may come twice, never not at all: only its place in the
facility's order counts, and whoever doubts what was announced reads the database.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import BadInput, Forbidden, RangeTooLarge
from domain.facilities import Facility
from domain.slots import slot_at
from domain.stored import Announcement, Head, StoredReading
from domain.stream_cursor import decode_positions, encode_positions
from domain.usage_span import supplied_slots
from resolvers.context import RequestContext
from resolvers.facilities import facilities

MAX_FACILITIES = 100


class StreamState(StrEnum):
    CATCHING_UP = "CATCHING_UP"
    LIVE = "LIVE"
    STALE = "STALE"


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """A reading, or None for a heartbeat that says how things stand."""

    reading: StoredReading | None
    cursor: str
    state: StreamState
    last_received_at: datetime | None


async def reading_events(
    context: RequestContext, numbers: Sequence[int], after: str | None
) -> AsyncGenerator[StreamEvent, None]:
    """Events of facilities, all of which must belong to who asks (US-10)."""
    if not numbers:
        raise BadInput(f"facilityIds must be 1 to {MAX_FACILITIES}, found none")
    if len(set(numbers)) > MAX_FACILITIES:
        found = len(set(numbers))
        raise RangeTooLarge(f"facilityIds must be 1 to {MAX_FACILITIES}, found {found}")
    stream = _Stream(context, await facilities(context, sorted(set(numbers))))
    clock = asyncio.get_running_loop().time
    beat = context.sources.settings.heartbeat_seconds
    async with context.sources.hub.listen(stream.numbers) as inbox:
        await stream.begin(after)
        for event in await stream.catch_up(StreamState.CATCHING_UP):
            yield event
        yield stream.heartbeat()
        due = clock() + beat
        while True:
            news = await inbox.take(max(0.0, due - clock()))
            await stream.authorise()
            for announcement in news or ():
                for event in await stream.news_of(announcement):
                    yield event
            # Also when news never cease: they may all be of other facilities.
            if news is None or clock() >= due:
                for event in await stream.catch_up(StreamState.LIVE):
                    yield event
                yield stream.heartbeat()
                due = clock() + beat


class _Stream:
    """Where one subscriber stands."""

    def __init__(self, context: RequestContext, places: Sequence[Facility]) -> None:
        self.numbers = [place.number for place in places]
        self._context = context
        self._supplied = {place.number: supplied_slots(place) for place in places}
        self._usage = context.sources.usage
        self._positions: dict[int, int] = {}
        self._heads: Mapping[int, Head] = {}
        self._last_received_at: datetime | None = None

    async def begin(self, after: str | None) -> None:
        """Take up the cursor, or the present without one; raises BadInput for one that is not ours."""
        await self._read_heads()
        orders = {number: head.order for number, head in self._heads.items()}
        given = orders if after is None else decode_positions(after)
        if missing := [number for number in self.numbers if number not in given]:
            raise BadInput(
                f"after: this cursor is not of these facilities ({len(missing)} are not in it)"
            )
        if any(given[number] > orders[number] for number in self.numbers):
            raise BadInput("after: this cursor is of readings that were never stored")
        self._positions = {number: given[number] for number in self.numbers}

    async def catch_up(self, state: StreamState) -> Iterator[StreamEvent]:
        """Everything that is stored and was not sent yet."""
        if state is StreamState.LIVE:
            await self._read_heads()
        heads = {number: head.order for number, head in self._heads.items()}
        behind = {
            number: order for number, order in self._positions.items() if order < heads[number]
        }
        until = {number: heads[number] for number in behind}
        return self._events(await self._usage.stored_between(behind, until), until, state)

    async def news_of(self, announcement: Announcement) -> Iterator[StreamEvent]:
        """Readings of an announcement that were not sent yet, and those missed before it."""
        number = announcement.facility
        position, until = self._positions[number], {number: announcement.last}
        if announcement.last <= position:
            return iter(())
        readings = announcement.readings
        if readings is None or announcement.first > position + 1:
            readings = await self._usage.stored_between({number: position}, until)
        unsent = [reading for reading in readings if reading.order > position]
        return self._events(unsent, until, StreamState.LIVE)

    async def authorise(self) -> None:
        """Raises Unauthenticated or Forbidden when the facilities may no longer be seen."""
        session, found = await asyncio.gather(
            self._context.require_session(),
            self._context.sources.facilities.by_numbers(self.numbers),
        )
        owners = {facility.owner for facility in found.values()}
        if owners != {session.member} or len(found) < len(self.numbers):
            raise Forbidden("a facility of this subscription may no longer be seen")
        self._supplied = {number: supplied_slots(place) for number, place in found.items()}

    def _events(
        self, readings: Iterable[StoredReading], until: Mapping[int, int], state: StreamState
    ) -> Iterator[StreamEvent]:
        """Events of readings up to some places; those out of a contract are somebody else's (US-1)."""
        for reading in readings:
            if reading.slot in self._supplied[reading.facility]:
                yield self._event(reading, state)
        self._positions.update(until)

    def _event(self, reading: StoredReading, state: StreamState) -> StreamEvent:
        self._positions[reading.facility] = reading.order
        self._note(reading.received_at)
        return StreamEvent(reading, self._cursor(), state, self._last_received_at)

    def heartbeat(self) -> StreamEvent:
        state = StreamState.STALE if self._overdue() else StreamState.LIVE
        return StreamEvent(None, self._cursor(), state, self._last_received_at)

    def _overdue(self) -> bool:
        """Whether a facility has no reading of the newest half hour that is due."""
        session = self._context.session
        if session is None:
            return True
        due = self._context.portal(session.portal).reading_due
        newest_due = slot_at(self._context.now - due) - 1
        return any(
            max((reading.slot for reading in head.latest if reading), default=-1) < newest_due
            for head in self._heads.values()
        )

    async def _read_heads(self) -> None:
        self._heads = await self._usage.heads(self.numbers)
        for head in self._heads.values():
            self._note(head.received_at)

    def _note(self, received_at: datetime | None) -> None:
        known = self._last_received_at
        if received_at is not None and (known is None or received_at > known):
            self._last_received_at = received_at

    def _cursor(self) -> str:
        return encode_positions(self._positions)
