"""Announcements of stored readings: their form on the wire, and publishing them through Redis.

Pub/sub is at most once and only wakes listeners up; what they missed they read from the database.
"""

from collections.abc import Sequence

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from domain.readings import Direction
from domain.stored import Announcement, stored_reading


def channel_of(deployment: str, facility: int) -> bytes:
    """Channel on which a facility's readings are announced; deployments may share a Redis."""
    return f"{deployment}:readings:{facility}".encode()


def encode(announcement: Announcement) -> bytes:
    """Announcement as JSON: facility, first and last place, readings as rows or null."""
    rows = None
    if announcement.readings is not None:
        rows = [
            [item.direction, item.slot, item.wh, item.state, item.order, item.received_ms]
            for item in announcement.readings
        ]
    return orjson.dumps([announcement.facility, announcement.first, announcement.last, rows])


def decode(message: bytes) -> Announcement:
    """Inverse of `encode`."""
    facility, first, last, rows = orjson.loads(message)
    readings = rows and [
        stored_reading(facility, Direction(direction), *rest) for direction, *rest in rows
    ]
    return Announcement(facility, first, last, readings)


class Announcer:
    """Publishes announcements over one connection."""

    def __init__(self, redis_url: str, deployment: str, timeout_seconds: float) -> None:
        self._deployment = deployment
        pool = BlockingConnectionPool.from_url(
            redis_url,
            max_connections=1,
            timeout=timeout_seconds,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
        )
        self._redis = Redis.from_pool(pool)

    async def publish(self, announcements: Sequence[Announcement]) -> bool:
        """Publish in order; False if Redis does not answer."""
        pipeline = self._redis.pipeline(transaction=False)
        for announcement in announcements:
            channel = channel_of(self._deployment, announcement.facility)
            pipeline.publish(channel, encode(announcement))
        try:
            await pipeline.execute()
        except RedisError:
            return False
        return True

    async def ping(self) -> bool:
        try:
            await self._redis.ping()
        except RedisError:
            return False
        return True

    async def close(self) -> None:
        await self._redis.aclose()
