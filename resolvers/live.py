"""The live readings of a process: who listens to which facilities, and that they may.

How a listener catches up is `attachment`, what a stream knows `stream`, how it comes to its events
`stream_rounds` and `stream_visits`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from datasources.facilities import FacilityStore
from datasources.hub import ReadingHub
from datasources.usage import UsageReader
from domain.consents import Scope
from domain.errors import BadInput, RangeTooLarge
from domain.facilities import Facility
from domain.portal import Portal
from domain.settings import Settings
from domain.stored import Head
from resolvers.app_access import note_seen
from resolvers.attachment import Attachment
from resolvers.authority import Authority
from resolvers.inbox import Inbox
from resolvers.reading_events import reading_events
from resolvers.reads import Reads
from resolvers.stream import Clock, Stream
from resolvers.stream_events import Deliver, StreamEvent, StreamState
from resolvers.stream_rounds import StreamRounds
from resolvers.stream_visits import StreamVisits

if TYPE_CHECKING:
    from resolvers.context import RequestContext  # which knows `Sources`, which knows `LiveStreams`

__all__ = ["Attachment", "Deliver", "LiveStreams", "StreamEvent", "StreamState", "reading_events"]

MAX_FACILITIES: Final = 100
_Key = tuple[str, int, tuple[int, ...]]
"A member, the first half hour that may be seen, and facilities."


class LiveStreams:
    """The streams of a process: one for all who may hear the same of a member's facilities.

    No event is handed on before all that had ended when it was announced was told of by `authority`.
    """

    def __init__(
        self,
        hub: ReadingHub,
        facilities: FacilityStore,
        usage: UsageReader,
        reads: Reads,
        authority: Authority,
        settings: Settings,
        clock: Clock,
    ) -> None:
        limit = settings.catch_up_limit
        self.visits = StreamVisits(facilities, usage, reads, authority, limit)
        self._hub = hub
        self._reads = reads
        self._authority = authority
        self._catch_up_limit = limit
        self._clock = clock
        self._inbox: Inbox[Stream] = Inbox()
        self._rounds = StreamRounds(self._inbox, self.visits, authority, settings.heartbeat_seconds)
        self._streams: dict[_Key, Stream] = {}
        self._unwatch: dict[Stream, Sequence[Callable[[], None]]] = {}
        self._beginnings: dict[Stream, asyncio.Task[None]] = {}

    @property
    def streams(self) -> int:
        """How many streams there are."""
        return len(self._unwatch)

    @property
    def waiting(self) -> int:
        """How many announcements wait to be handed out."""
        return self._inbox.waiting

    async def run(self) -> None:
        """Hand on what comes; comes back only when cancelled."""
        await self._rounds.run()

    async def open(
        self,
        context: "RequestContext",
        numbers: Sequence[int],
        deliver: Deliver,
        scope: Scope = Scope.USAGE_LIVE,
    ) -> Attachment:
        """Hear of facilities, all of which must belong to who asks (US-10).

        An app needs a consent to all of them with the scope, and that it heard of them is noted.
        `deliver` is called from the moment when this comes back. Raises BadInput for no facility,
        RangeTooLarge for too many, Unauthenticated, PostcardInTransit, ConsentRequired, NotFound.
        """
        wanted = _checked(numbers)
        session = await context.require_session()
        context.require_proven()
        key = session.member, context.first_slot, wanted
        stream = self._streams.get(key)
        if stream is None:
            stream = self._new_stream(key, context.portal(session.portal))
        attachment = Attachment(stream, deliver, self._reads, self._authority, self._catch_up_limit)
        try:
            await self._authority.begin()
            doubts = stream.doubts
            places = await _owned(context, wanted, scope)
            await note_seen(context)
            if stream.positions:
                await self._bring_up(stream)
            else:
                await self._begin(stream, places, doubts)
            stream.listen(attachment)
        except BaseException:
            attachment.detach()
            raise
        return attachment

    def _new_stream(self, key: _Key, portal: Portal) -> Stream:
        member, first, numbers = key
        stream = Stream(member, numbers, first, portal, self._clock, self._inbox, self._forget)
        self._streams[key] = stream
        self._unwatch[stream] = [
            self._authority.watch_facility(number, stream.doubt) for number in numbers
        ]
        return stream

    async def _begin(self, stream: Stream, places: Mapping[int, Facility], doubts: int) -> None:
        """Make a stream begin, once for all who wait for it."""
        beginning = self._beginnings.get(stream)
        if beginning is None:
            stream.check()
            stream.know(places, doubts)
            beginning = asyncio.create_task(self._hear(stream))
            self._beginnings[stream] = beginning
            beginning.add_done_callback(lambda task: self._begun(stream, task))
        await asyncio.shield(beginning)

    async def _hear(self, stream: Stream) -> None:
        """Join the hub, and only then read where the facilities stand."""
        await self._hub.join(stream.numbers, stream)
        stream.begin(await self._heads(stream.numbers))
        self._rounds.add(stream)

    async def _bring_up(self, stream: Stream) -> None:
        """Let a stream come to the present: who joins it hears of nothing that was before."""
        heads = await self._heads(stream.numbers)
        while any(heads[number].order > place for number, place in stream.positions.items()):
            await stream.brought_up()

    async def _heads(self, numbers: Sequence[int]) -> Mapping[int, Head]:
        asked = [self._reads.head.load(number, numbers) for number in numbers]
        return {number: await head for number, head in zip(numbers, asked, strict=True)}

    def _begun(self, stream: Stream, beginning: asyncio.Task[None]) -> None:
        self._beginnings.pop(stream, None)
        if not beginning.cancelled():
            beginning.exception()  # those who wait have it too, if they still do

    def _forget(self, stream: Stream) -> None:
        """Leave nothing of a stream behind."""
        key = stream.member, stream.first, tuple(stream.numbers)
        if self._streams.get(key) is stream:
            del self._streams[key]
        for unwatch in self._unwatch.pop(stream):
            unwatch()
        if beginning := self._beginnings.get(stream):
            beginning.cancel()
        self._hub.leave(stream.numbers, stream)
        self._rounds.discard(stream)


def _checked(numbers: Sequence[int]) -> tuple[int, ...]:
    """Different facilities in order; raises BadInput and RangeTooLarge."""
    wanted = tuple(sorted(set(numbers)))
    if not wanted:
        raise BadInput(f"facilityIds must be 1 to {MAX_FACILITIES}, found none")
    if len(wanted) > MAX_FACILITIES:
        raise RangeTooLarge(f"facilityIds must be 1 to {MAX_FACILITIES}, found {len(wanted)}")
    return wanted


async def _owned(
    context: "RequestContext", numbers: Sequence[int], scope: Scope
) -> Mapping[int, Facility]:
    """Facilities by number; raises NotFound if one is not who asks's, or the consent names it not."""
    asked = [context.loaders.facility(number) for number in numbers]
    found = [await place for place in asked]
    for number, place in zip(numbers, found, strict=True):
        context.require_owner(place.owner if place else "", number)
        context.require_scope("this subscription", scope, facility=number)
    for place in found:
        if place:
            context.require_open(place)
    return {place.number: place for place in found if place}
