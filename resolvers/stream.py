"""A stream of readings: all listeners of the same member and facilities stand at the same place.

It knows where it stands and what may be shown. `StreamRounds` gives it what was announced, and
`StreamVisits` what it lacks, both after they have awaited `Authority.settle`.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from domain.errors import Forbidden, KenshinError, Unavailable
from domain.facilities import Facility
from domain.portal import Portal
from domain.slots import slot_at
from domain.stored import Announcement, Head, StoredReading
from domain.usage_span import slots_from, supplied_slots
from resolvers.inbox import Inbox
from resolvers.stream_events import Deliver, StreamEvent, StreamState

Clock = Callable[[], datetime]


class Stream:
    """Some facilities of a member, and how far their readings were handed on."""

    __slots__ = (
        "_clock",
        "_closed",
        "_holders",
        "_inbox",
        "_listeners",
        "_missed_early",
        "_newest",
        "_portal",
        "_received_ms",
        "_supplied",
        "_trusted",
        "_waiters",
        "doubts",
        "ended",
        "first",
        "member",
        "numbers",
        "positions",
    )

    def __init__(
        self,
        member: str,
        numbers: Sequence[int],
        first: int,
        portal: Portal,
        clock: Clock,
        inbox: "Inbox[Stream]",
        closed: "Callable[[Stream], None]",
    ) -> None:
        """Tell of half hours from `first` on.

        Calls `closed` when nobody holds it any more, or it has ended.
        """
        self.member = member
        self.numbers = numbers
        self.first = first
        self.positions: Mapping[int, int] = {}
        "Last place that was handed on, by facility. Replaced, never changed; empty before `begin`."
        self.doubts = 0
        "How often a facility may have changed hands."
        self.ended: KenshinError | None = None
        self._portal = portal
        self._clock = clock
        self._inbox = inbox
        self._closed = closed
        self._holders: set[Deliver] = set()
        self._listeners: tuple[Deliver, ...] = ()
        self._supplied: Mapping[int, range] = {}
        self._newest: dict[int, int] = {}
        self._received_ms: int | None = None
        self._trusted = False
        self._missed_early = False
        self._waiters: list[asyncio.Future[None]] = []

    def hold(self, holder: Deliver) -> None:
        """Keep the stream for somebody who does not listen yet."""
        self._holders.add(holder)

    def listen(self, holder: Deliver) -> None:
        """Let a holder hear what comes from now on; raises what the stream has ended with."""
        self.check()
        self._listeners = (*self._listeners, holder)

    def release(self, holder: Deliver) -> None:
        """Let go of the stream, which closes when nobody holds it; a second time does nothing."""
        if holder in self._holders:
            self._holders.discard(holder)
            self._listeners = tuple(each for each in self._listeners if each is not holder)
            if not self._holders:
                self._close(Unavailable("nobody holds this stream any more"))

    def end(self, error: KenshinError) -> None:
        """Tell all listeners that nothing more may be seen."""
        listeners, self._listeners = self._listeners, ()
        self._holders.clear()
        self._close(error)
        for listener in listeners:
            listener.ended(error)

    def announced(self, announcement: Announcement) -> None:
        """What the hub has heard, to be given to `take` later."""
        self._inbox.put(self, announcement)

    def missed(self) -> None:
        """Announcements may have been lost: the database must be read."""
        if self.ended is None and self.positions:
            self._inbox.miss(self)
        else:
            self._missed_early = True

    def doubt(self) -> None:
        """Hand nothing on until it was read whose the facilities are."""
        self.doubts += 1
        self._trusted = False
        self.missed()

    def know(self, places: Mapping[int, Facility], doubts: int) -> None:
        """Take in facilities that were read when there had been so many doubts.

        Ends the stream if one of them is not the member's.
        """
        found = {number: places.get(number) for number in self.numbers}
        supplied = {
            number: slots_from(self.first, supplied_slots(place))
            for number, place in found.items()
            if place is not None and place.owner == self.member
        }
        if len(supplied) < len(found):
            self.end(Forbidden("a facility of this subscription may no longer be seen"))
        else:
            self._supplied = supplied
            self._trusted = doubts == self.doubts and self.ended is None

    def begin(self, heads: Mapping[int, Head]) -> None:
        """Stand where the facilities stand."""
        self.note(heads)
        self.positions = {number: heads[number].order for number in self.numbers}
        if self._missed_early:
            self.missed()

    def note(self, heads: Mapping[int, Head]) -> None:
        """Take in how new the facilities' readings are."""
        for number in self.numbers:
            head = heads[number]
            slots = [reading.slot for reading in head.latest if reading]
            self._newest[number] = max((self._newest.get(number, -1), *slots))
            if head.received_at is not None:
                received_ms = round(head.received_at.timestamp() * 1000)
                self._received_ms = max(self._received_ms or 0, received_ms)

    def take(self, announcement: Announcement) -> int:
        """Hand on what was announced, as `advance` does; the database is read if something lacks."""
        facility, first, last, readings = announcement
        place = self.positions.get(facility)
        if place is None or not self._trusted:
            self.missed()
            return 0
        if last <= place:
            return 0
        if readings is None or first > place + 1:
            self.missed()
            return 0
        return self.advance(facility, readings, last)

    def advance(self, facility: int, readings: Sequence[StoredReading], until: int) -> int:
        """Hand on the next readings of a facility, up to a place; tells how many events that were."""
        if not self._trusted:
            return 0
        events, positions = self.events_of(readings, self.positions, StreamState.LIVE)
        if positions[facility] < until:
            positions = {**positions, facility: until}
        self.positions = positions
        return self._hand(events) if events else 0

    def reset(self, heads: Mapping[int, Head]) -> int:
        """Go on from the present: more was missed than is sent."""
        if not self._trusted:
            return 0
        self.positions = {
            number: max(place, heads[number].order) for number, place in self.positions.items()
        }
        return self._hand([self.heartbeat(reset=True)])

    def beat(self) -> int:
        """Tell all listeners how things stand."""
        return self._hand([self.heartbeat()]) if self._trusted else 0

    def visited(self) -> None:
        """The database has been read, and what was found handed on if it may be seen."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def heartbeat(self, *, reset: bool = False) -> StreamEvent:
        """How things stand; the first event of a listener that has caught up."""
        state = StreamState.STALE if self._overdue() else StreamState.LIVE
        return StreamEvent(None, state, self.positions, self._received_ms, reset)

    async def permitted(self) -> None:
        """Come back when the facilities may be seen for sure; raises if they may not."""
        while not self._trusted and self.ended is None:
            await self._next_visit()
        self.check()

    async def brought_up(self) -> None:
        """Come back after a visit, which may have begun before this call."""
        self.check()
        self.missed()
        await self._next_visit()

    def check(self) -> None:
        """Raises what the stream has ended with."""
        if self.ended is not None:
            raise self.ended

    def events_of(
        self,
        readings: Iterable[StoredReading],
        positions: Mapping[int, int],
        state: StreamState,
    ) -> tuple[list[StreamEvent], Mapping[int, int]]:
        """Events of the readings after some places, and the places after them.

        Readings out of a contract are somebody else's (US-1).
        """
        events = []
        newest = self._received_ms
        for reading in readings:
            facility, _, slot, _, _, _, order, received_ms = reading
            if order > positions[facility] and slot in self._supplied[facility]:
                positions = {**positions, facility: order}
                if newest is None or received_ms > newest:
                    newest = received_ms
                if slot > self._newest[facility]:  # noqa: PLR1730 - twice as fast as max
                    self._newest[facility] = slot
                events.append(StreamEvent(reading, state, positions, newest))
        self._received_ms = newest
        return events, positions

    async def _next_visit(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def _hand(self, events: Sequence[StreamEvent]) -> int:
        listeners = self._listeners
        for listener in listeners:
            # One that hears of it before may have let go of another; mostly none has.
            if listeners is self._listeners or listener in self._holders:
                listener.events(events)
        return len(events) * len(listeners)

    def _close(self, error: KenshinError) -> None:
        if self.ended is None:
            self.ended = error
            self._trusted = False
            self.visited()
            self._closed(self)

    def _overdue(self) -> bool:
        """Whether a facility has no reading of the newest half hour that is due."""
        newest_due = slot_at(self._clock() - self._portal.reading_due) - 1
        return min(self._newest.values()) < newest_due
