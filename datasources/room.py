"""Room for a number of things at a time, so that what comes waits instead of filling the memory."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    """Room of one process, given out in the order in which it was asked for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = size
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def taken(self, count: int) -> AsyncIterator[None]:
        """Room for `count` things, for more than all of it the whole, until the block is left."""
        count = min(count, self._size)
        await self._take(count)
        try:
            yield
        finally:
            self._give(count)

    async def _take(self, count: int) -> None:
        if not self._waiting and count <= self._free:
            self._free -= count
            return
        given = asyncio.get_running_loop().create_future()
        self._waiting.append((count, given))
        try:
            await given
        except asyncio.CancelledError:
            self._give(0 if given.cancelled() else count)
            raise

    def _give(self, count: int) -> None:
        self._free += count
        while self._waiting:
            wanted, given = self._waiting[0]
            if not given.cancelled():
                if wanted > self._free:
                    return
                self._free -= wanted
                given.set_result(None)
            self._waiting.popleft()
