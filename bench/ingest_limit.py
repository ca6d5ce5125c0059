"""The limit of a reading's way: one majority write and one hop through Redis, by the drivers alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from time import perf_counter
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from datasources.mongo import Document, Mongo
from domain.settings import Settings

_SECONDS: Final = 10.0
_LIMIT: Final = "limit"


class LimitWay:
    """The clients that the API uses, without the API."""

    def __init__(
        self, mongo: Mongo, redis: Redis, listener: PubSub, stored: dict[str, Document]
    ) -> None:
        self._mongo = mongo
        self._redis = redis
        self._listener = listener
        self._stored = stored

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator["LimitWay"]:
        """Over a database that holds a reading: what keeps it is as large as for the next one."""
        mongo = Mongo(settings.mongodb_url)
        try:
            stored = {kind: await mongo[kind].find_one() for kind in ("usageDays", "usageHeads")}
            async with Redis.from_url(settings.redis_url) as redis, redis.pubsub() as listener:
                await listener.subscribe(_channel(mongo))
                await listener.get_message(timeout=_SECONDS)  # a hop before it would be lost
                yield cls(mongo, redis, listener, stored)
        finally:
            await mongo.close()

    async def take(self, start_at: datetime) -> float:
        """Write a half hour and tell of it; milliseconds from just before that to hearing it.

        Raises TimeoutError if it is not heard of.
        """
        text = start_at.isoformat().encode()
        async with asyncio.timeout(_SECONDS):
            started = perf_counter()
            document = {"_id": _LIMIT, "startAt": start_at} | self._stored
            await self._mongo[_LIMIT].replace_one({"_id": _LIMIT}, document, upsert=True)
            telling = self._redis.publish(_channel(self._mongo), text)
            _, arrived = await asyncio.gather(telling, self._hear(text))
        return (arrived - started) * 1000

    async def _hear(self, text: bytes) -> float:
        while True:
            message = await self._listener.get_message(timeout=None)
            if message and message["data"] == text:
                return perf_counter()


def _channel(mongo: Mongo) -> str:
    return f"{mongo.name}:{_LIMIT}"
