"""The readings subscription over sockets: an event is executed and encoded once for all who share it.

Live events reach a subscriber without a task of its own. Who was away, or could not be written to, has
one while it catches up: nothing is queued for it, it reads what was stored since.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from domain.errors import KenshinError
from domain.stored import StoredReading
from resolvers.context import RequestContext
from resolvers.live import Attachment, StreamEvent
from resolvers.points import take_points_of
from resolvers.sources import Sources
from schema.connection import Connection
from schema.counts import Counts
from schema.fanout import LEFT, Fanout, Positions
from schema.frames import text_frame
from schema.messages import Subscribe, tail
from schema.tallies import Histogram

Encode = Callable[[StreamEvent], bytes]
"From an event to its message, but for the tail."
Work = Callable[[], Coroutine[Any, Any, None]]


class ReadingGroups:
    """The groups of a process."""

    def __init__(self, sources: Sources, fanout: Fanout, counts: Counts, lag: Histogram) -> None:
        self.sources = sources
        self.fanout = fanout
        self.counts = counts
        self._groups: dict[Hashable, ReadingGroup] = {}
        self._lag = lag
        self._sample: StoredReading | None = None

    def published(self, reading: StoredReading | None) -> None:
        """Note how late a reading is written that was just published, unless one is waited for."""
        if self._sample is None and reading is not None:
            self._sample = reading
            self.fanout.then(self._written)

    def _written(self) -> None:
        sample, self._sample = self._sample, None
        if sample is not None:
            late = self.sources.clock() - sample.received_at
            self._lag.note(late.total_seconds())

    def group(self, key: Hashable, encode: Encode) -> "ReadingGroup":
        """The group of a key, which tells members, facilities and selections apart."""
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = ReadingGroup(self, key, encode)
            self.counts.groups += 1
        return group

    def forget(self, key: Hashable, group: "ReadingGroup") -> None:
        """A group that nobody may join any more; a second time does nothing."""
        if self._groups.get(key) is group:
            del self._groups[key]
            self.counts.groups -= 1


class ReadingGroup:
    """Subscribers of one member and some facilities who get the same bytes.

    Those who are live stand where the stream does. The others catch up.
    """

    __slots__ = (
        "_attachment",
        "_groups",
        "_key",
        "_live",
        "_number",
        "_positions",
        "_subscribers",
        "encode",
    )

    def __init__(self, groups: ReadingGroups, key: Hashable, encode: Encode) -> None:
        self._groups = groups
        self._key = key
        self.encode = encode
        self._attachment: Attachment | None = None
        self._subscribers: set[ReadingSubscriber] = set()
        self._live: dict[ReadingSubscriber, None] = {}
        self._number = 0
        self._positions: Positions = {}

    def expect(self, subscriber: "ReadingSubscriber") -> None:
        """Stay for somebody who is about to enter."""
        self._subscribers.add(subscriber)

    async def enter(self, context: RequestContext, numbers: Sequence[int]) -> Attachment:
        """Let somebody in who may see the facilities; raises KenshinError for anybody else."""
        sources = self._groups.sources
        await sources.authority.begin()
        attachment = await sources.live.open(context, numbers, self)
        if self._attachment is None:
            self._attachment = attachment
            self._positions = attachment.positions
        else:
            attachment.detach()  # all share the first one
        return self._attachment

    def go_live(self, subscriber: "ReadingSubscriber") -> None:
        """Take in somebody who stands where the stream does."""
        subscriber.since = self._number
        self._live[subscriber] = None

    def set_aside(self, subscriber: "ReadingSubscriber") -> None:
        """Somebody who cannot be written to, or has gone."""
        subscriber.since = LEFT
        self._live.pop(subscriber, None)

    def leave(self, subscriber: "ReadingSubscriber") -> None:
        self.set_aside(subscriber)
        self._subscribers.discard(subscriber)
        if not self._subscribers:
            self._groups.forget(self._key, self)
            if self._attachment is not None:
                self._attachment.detach()

    def count(self) -> None:
        """Count an event that somebody got while it caught up."""
        self._groups.counts.frames += 1

    def events(self, events: Sequence[StreamEvent]) -> None:
        for event in events:
            if self._live:
                self._number += 1
                self._groups.fanout.publish(
                    self._number, self.encode(event), self._live, self._positions
                )
                self._groups.published(event.reading)
            self._positions = event.positions

    def ended(self, error: KenshinError) -> None:
        self._groups.forget(self._key, self)
        for subscriber in tuple(self._subscribers):
            subscriber.fail(error)


class ReadingSubscriber:
    """An operation that hears of readings."""

    __slots__ = (
        "_attachment",
        "_connection",
        "_group",
        "_positions",
        "_task",
        "door",
        "id",
        "since",
        "size",
        "tail",
    )

    lasting = True

    def __init__(self, connection: Connection, asked: Subscribe, group: ReadingGroup) -> None:
        self.door = connection.door
        self.id = asked.id
        self.size = asked.size
        self.tail = tail(asked.id)
        self.since = LEFT
        self._connection = connection
        self._group = group
        self._attachment: Attachment
        self._positions: Positions | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, context: RequestContext, numbers: Sequence[int], after: str | None) -> None:
        self._group.expect(self)
        self._start(partial(self._join, context, numbers, after))

    def stop(self) -> None:
        self._positions = None
        self._group.leave(self)
        if self._task is not None:
            self._task.cancel()

    def fail(self, error: Exception) -> None:
        self.stop()
        self._connection.fail(self.id, error)

    def missed(self, body: bytes, before: Positions | None) -> None:  # noqa: ARG002 - not kept
        self._group.set_aside(self)
        self._positions = before

    def resumed(self) -> None:
        if self._positions is not None and self._task is None:
            self._start(partial(self._catch_up, self._positions))

    def _start(self, work: Work) -> None:
        self._task = asyncio.create_task(self._guarded(work))

    async def _guarded(self, work: Work) -> None:
        """A task of its own: nobody else would hear of its error."""
        failure: Exception | None = None
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told
            failure = error
        self._task = None
        if failure is not None:
            self.fail(failure)

    async def _join(
        self, context: RequestContext, numbers: Sequence[int], after: str | None
    ) -> None:
        self._attachment = await self._group.enter(context, numbers)
        positions: Positions | None = None
        if after is not None:
            positions = await self._attachment.positions_of(after)
            missed = self._attachment.missed_since(positions)
            if missed and context.session is not None:
                await take_points_of(context.sources, context.session, missed)
        await self._catch_up(positions)

    async def _catch_up(self, positions: Positions | None) -> None:
        """Write what was stored since, then how things stand; live from then on.

        Ends when the socket is not writable: what is left is read anew when it is. By then some of it
        might not be seen any more.
        """
        self._positions = positions
        caught_up = False
        while not caught_up:
            caught_up = await self._write_past()
            if self.door.paused:
                return
        self._positions = None
        self._write(self._attachment.heartbeat())
        self._group.go_live(self)

    async def _write_past(self) -> bool:
        """Write until the socket is not writable; whether everything was written."""
        async with aclosing(self._attachment.past(self._positions)) as past:
            async for events in past:
                for event in events:
                    if self.door.paused:
                        return False
                    self._write(event)
                    self._positions = event.positions
        self._positions = self._attachment.positions
        return True

    def _write(self, event: StreamEvent) -> None:
        self.door.write(text_frame(self._group.encode(event) + self.tail))
        self._group.count()
