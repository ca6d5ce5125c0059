"""The hub of the live Python peers: one Redis connection for all their listeners."""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from redis.asyncio import Redis

Listener = Callable[[bytes], None]

_OPEN: Final = "open"
"A channel without messages: there is a connection before there are listeners."


class Hub:
    def __init__(self) -> None:
        self._pubsub = Redis.from_url(os.environ["PEER_REDIS_URL"]).pubsub()
        self._listeners: dict[bytes, set[Listener]] = defaultdict(set)

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[None]:
        """Hear Redis while the block runs."""
        await self._pubsub.subscribe(_OPEN)
        hearing = asyncio.create_task(self._hear())
        try:
            yield
        finally:
            hearing.cancel()

    async def join(self, topic: bytes, listener: Listener) -> None:
        is_new = topic not in self._listeners
        self._listeners[topic].add(listener)
        if is_new:
            await self._pubsub.subscribe(topic)

    async def leave(self, topic: bytes, listener: Listener) -> None:
        self._listeners[topic].discard(listener)
        if not self._listeners[topic]:
            del self._listeners[topic]
            await self._pubsub.unsubscribe(topic)

    async def _hear(self) -> None:
        async for message in self._pubsub.listen():
            if message["type"] == "message":
                for listener in tuple(self._listeners[message["channel"]]):
                    listener(message["data"])
