"""Events of a subscription one after the other, for who cannot be handed them as they come."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from domain.errors import KenshinError, Unauthenticated
from resolvers.points import take_points_of
from resolvers.stream_events import StreamEvent

if TYPE_CHECKING:
    from resolvers.context import RequestContext

_MOST_EVENTS: Final = 1000


class _Mailbox:
    """Live events until they are taken. When they are too many they are forgotten."""

    def __init__(self) -> None:
        self._events: list[StreamEvent] = []
        self._lost = False
        self._error: KenshinError | None = None
        self._arrived = asyncio.Event()

    def events(self, events: Sequence[StreamEvent]) -> None:
        self._events += events
        if len(self._events) > _MOST_EVENTS:
            self._events.clear()
            self._lost = True
        self._arrived.set()

    def ended(self, error: KenshinError) -> None:
        self._error = error
        self._arrived.set()

    def session_ended(self) -> None:
        self.ended(Unauthenticated("the session has ended: log in again"))

    def clear(self) -> None:
        """Keep only what comes from now on."""
        self._events, self._lost = [], False

    async def take(self) -> Sequence[StreamEvent] | None:
        """All that came, waiting for it; None if some was forgotten. Raises what ended it."""
        await self._arrived.wait()
        self._arrived.clear()
        if self._error is not None:
            raise self._error
        events, lost = self._events, self._lost
        self.clear()
        return None if lost else events


async def reading_events(
    context: "RequestContext", numbers: Sequence[int], after: str | None
) -> AsyncGenerator[StreamEvent, None]:
    """Events of facilities, all of which must belong to who asks (US-10)."""
    sources, mailbox = context.sources, _Mailbox()
    session = await context.require_session()
    unwatch = sources.authority.watch_session(session, mailbox.session_ended)
    try:
        attachment = await sources.live.open(context, numbers, mailbox)
        try:
            positions: Mapping[int, int] | None = None
            if after is not None:
                positions = await attachment.positions_of(after)
                if missed := attachment.missed_since(positions):
                    await take_points_of(sources, session, missed)
            while True:
                async for past in attachment.past(positions):
                    for event in past:
                        yield event
                mailbox.clear()
                heartbeat = attachment.heartbeat()
                positions = heartbeat.positions
                yield heartbeat
                while (events := await mailbox.take()) is not None:
                    for event in events:
                        positions = event.positions
                        yield event
        finally:
            attachment.detach()
    finally:
        unwatch()
