"""What goes on for the streams of a process: announcements are handed out as they come, and streams are
visited, those that missed something at once, every one of them once in a heartbeat.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import structlog

from datasources.mongo import PyMongoError, describe
from resolvers.authority import PARTS, Authority
from resolvers.inbox import Inbox
from resolvers.pace import Pace
from resolvers.patience import RETRY_SECONDS
from resolvers.stream import Stream
from resolvers.stream_visits import StreamVisits
from resolvers.turns import Turns

_FACILITIES_PER_VISIT: Final = 250
"Decoding what is read of them holds up others for a few milliseconds."
_log = structlog.get_logger()


class StreamRounds:
    """Hands on what comes while `run` runs."""

    def __init__(
        self,
        inbox: Inbox[Stream],
        visits: StreamVisits,
        authority: Authority,
        heartbeat_seconds: float,
    ) -> None:
        self._inbox = inbox
        self._visits = visits
        self._authority = authority
        self._seconds = heartbeat_seconds / PARTS
        self._turns: Turns[Stream] = Turns(PARTS)
        self._waiting = False

    def add(self, stream: Stream) -> None:
        """Visit a stream regularly from now on."""
        self._turns.add(stream)

    def discard(self, stream: Stream) -> None:
        self._turns.discard(stream)
        self._inbox.forget(stream)

    async def run(self) -> None:
        """Comes back only when cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hand_out())
            tasks.create_task(self._look_after())

    async def _hand_out(self) -> None:
        pace = Pace(self._authority)
        while True:
            await self._inbox.wait()
            await pace.gather()
            batch = self._inbox.announcements()
            try:
                await pace.settle()
                for stream, announcement in batch:
                    if pace.handed(stream.take(announcement)):
                        await pace.rest()
            except PyMongoError as error:
                self._unanswered(error)
                for stream in dict.fromkeys(stream for stream, _ in batch):
                    stream.missed()

    async def _look_after(self) -> None:
        clock = asyncio.get_running_loop().time
        visits = self._visits
        due = clock() + self._seconds
        while True:
            await self._inbox.wait_for_behind(due - clock())
            beating: dict[Stream, None] = {}
            if clock() >= due:
                due = max(due + self._seconds, clock())
                beating = dict.fromkeys(self._turns.next())
                await self._attempt(self._authority.recheck)
            for streams in _groups((*self._inbox.behind(), *beating)):
                if await self._attempt(partial(visits.visit, streams, beating)):
                    self._answered()
                else:
                    for stream in streams:
                        stream.missed()

    async def _attempt(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether work was done; when MongoDB does not answer it is left alone for a while."""
        try:
            await work()
        except PyMongoError as error:
            self._unanswered(error)
            await asyncio.sleep(RETRY_SECONDS)
            return False
        return True

    def _answered(self) -> None:
        if self._waiting:
            self._waiting = False
            _log.info("live readings go on")

    def _unanswered(self, error: PyMongoError) -> None:
        if not self._waiting:
            self._waiting = True
            _log.warning("live readings wait for MongoDB", error=describe(error))


def _groups(streams: Iterable[Stream]) -> Iterator[Sequence[Stream]]:
    """Different streams, in groups that are visited together."""
    group: list[Stream] = []
    facilities = 0
    for stream in dict.fromkeys(streams):
        if facilities + len(stream.numbers) > _FACILITIES_PER_VISIT:
            yield group
            group, facilities = [], 0
        group.append(stream)
        facilities += len(stream.numbers)
    if group:
        yield group
