"""A listener of live streams without a socket, and what it has heard."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from domain.errors import KenshinError
from domain.facilities import Facility
from resolvers.context import RequestContext
from resolvers.live import Attachment, StreamEvent, StreamState
from resolvers.sources import Sources
from tests.world import Person


class Listener:
    """Keeps live events while it listens."""

    def __init__(self) -> None:
        self.heard: list[StreamEvent] = []
        self.errors: list[KenshinError] = []
        self.attachment: Attachment
        self._came = asyncio.Event()

    def events(self, events: Sequence[StreamEvent]) -> None:
        self.heard += events
        self._came.set()

    def ended(self, error: KenshinError) -> None:
        self.errors.append(error)
        self._came.set()

    @property
    def wh(self) -> list[int]:
        """Values of the readings, in order."""
        return [event.reading.wh for event in self.heard if event.reading]

    @property
    def beats(self) -> list[StreamState]:
        """States of the heartbeats."""
        return [event.state for event in self.heard if not event.reading and not event.reset]

    async def until(self, count: int, seconds: float = 5.0) -> list[int]:
        """Values of the readings when there are so many, or more."""
        async with asyncio.timeout(seconds):
            while len(self.wh) < count:
                self._came.clear()
                await self._came.wait()
        return self.wh

    async def error(self, seconds: float = 5.0) -> KenshinError:
        """What it was ended with."""
        async with asyncio.timeout(seconds):
            while not self.errors:
                self._came.clear()
                await self._came.wait()
        return self.errors[0]


def context_of(sources: Sources, person: Person) -> RequestContext:
    """Context of a lasting connection."""
    return RequestContext(sources, f"Bearer {person.token}", "test", lasting=True)


@asynccontextmanager
async def listening(sources: Sources, person: Person, *places: Facility) -> AsyncIterator[Listener]:
    """A live listener of a member's facilities, all of them if none is named."""
    numbers = [place.number for place in places or person.facilities]
    listener = Listener()
    listener.attachment = await sources.live.open(context_of(sources, person), numbers, listener)
    try:
        yield listener
    finally:
        listener.attachment.detach()


async def past(attachment: Attachment, after: Mapping[int, int] | None) -> list[StreamEvent]:
    """All events of the past."""
    return [event async for events in attachment.past(after) for event in events]


def wh_of(events: Sequence[StreamEvent]) -> list[int]:
    return [event.reading.wh for event in events if event.reading]
