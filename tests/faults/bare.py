"""What announcements alone would tell: a listener that reads no database, for comparison."""

import asyncio
from contextlib import suppress
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from datasources.announcements import decode
from domain.slots import TOKYO, start_of_slot
from schema.nodes import node_id
from tests.faults.records import Name, Reading
from tests.faults.stage import until

_PAUSE_SECONDS: Final = 0.02


class BareListener:
    """Hears all announcements of a deployment while its connection lasts, and connects again."""

    def __init__(self, redis_url: str, deployment: str) -> None:
        self.heard: list[Reading] = []
        self.connections = 0
        self._redis_url = redis_url
        self._channels = f"{deployment}:*"

    async def run(self) -> None:
        """Comes back only when cancelled."""
        while True:
            with suppress(RedisError, OSError):
                await self._listen()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def connected(self, times: int) -> None:
        """Wait until it hears Redis for the n-th time."""
        await until(lambda: self.connections == times)

    async def _listen(self) -> None:
        async with Redis.from_url(self._redis_url) as redis, redis.pubsub() as channels:
            await channels.psubscribe(self._channels)
            async for message in channels.listen():
                if message["type"] == "psubscribe":
                    self.connections += 1
                else:
                    self._note(message["data"])

    def _note(self, data: bytes) -> None:
        announcement = decode(data)
        for item in announcement.readings or ():
            start_at = start_of_slot(item.slot).astimezone(TOKYO).isoformat()
            facility_id = node_id("Facility", item.facility)
            name = Name(facility_id, item.direction.name, start_at, item.revision)
            self.heard.append(Reading(name, item.wh / 1000))
