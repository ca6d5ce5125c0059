"""Commands sent to Redis servers ahead of their answers, few enough to be held in memory."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import hiredis

from datasources.redis_slots import is_moved
from datasources.redis_wire import Command, Refused, Reply, Wire, pack_all

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Pipeline(Generic[Item]):
    wire: Wire
    items: Sequence[Item]
    answer: "asyncio.Future[list[Reply]]"


class Pipelines(Generic[Item]):
    """Commands under way, each for an item, and what came of those before.

    What one server does not take is no reason to keep from others what is theirs.
    """

    def __init__(self, seconds: float) -> None:
        """A server that does not answer for so many `seconds` counts as lost."""
        self.moved: list[Item] = []
        "Items that another server takes by now."
        self.failure: OSError | None = None
        "Why some items were not taken, if any were not."
        self._seconds = seconds
        self._under_way: deque[_Pipeline[Item]] = deque()

    def send(
        self, wire: Wire | OSError, items: Sequence[Item], commands: Iterable[Command]
    ) -> None:
        """Send commands, one for each item, in one write; they are not drawn up for a lost server."""
        if isinstance(wire, OSError):
            self.failure = wire
        elif wire.reason:
            self.failure = wire.reason
        else:
            answer = wire.request(pack_all(commands), len(items))
            self._under_way.append(_Pipeline(wire, items, answer))

    async def settle(self, most: int) -> None:
        """Wait until so many pipelines are under way at most."""
        while len(self._under_way) > most:
            pipeline = self._under_way.popleft()
            try:
                self._note(pipeline.items, await self._answer(pipeline))
            except OSError as error:
                self.failure = error

    def give_up(self) -> None:
        """Wait for no more answers."""
        for pipeline in self._under_way:
            pipeline.answer.cancel()

    async def _answer(self, pipeline: _Pipeline[Item]) -> list[Reply]:
        try:
            async with asyncio.timeout(self._seconds):
                return await pipeline.answer
        except TimeoutError:
            pipeline.wire.fail(TimeoutError("Redis does not answer"))
            raise

    def _note(self, items: Sequence[Item], replies: Sequence[Reply]) -> None:
        for item, reply in zip(items, replies, strict=True):
            if isinstance(reply, hiredis.ReplyError):
                if is_moved(str(reply)):
                    self.moved.append(item)
                else:
                    self.failure = Refused(str(reply))
