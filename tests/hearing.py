"""What tests of the hub need: announcements, listeners that remember, and a hub at work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from datasources.hub import ReadingHub
from domain.readings import Direction
from domain.stored import Announcement, stored_reading
from tests.api import eventually

_RECEIVED_MS = 1_700_000_000_000
_STATE = 6


class Ear:
    """A listener that remembers what it was told, in order."""

    def __init__(self) -> None:
        self.log: list[int | Literal["missed"]] = []
        self.heard: list[Announcement] = []

    def announced(self, announcement: Announcement) -> None:
        self.heard.append(announcement)
        self.log.append(announcement.last)

    def missed(self) -> None:
        self.log.append("missed")

    @property
    def places(self) -> list[int]:
        """Places that were announced to it."""
        return [announcement.last for announcement in self.heard]

    @property
    def misses(self) -> int:
        return self.log.count("missed")


def announcement(facility: int, place: int) -> Announcement:
    """The announcement of one reading."""
    reading = stored_reading(facility, Direction.IMPORT, place, 5, _STATE, place, _RECEIVED_MS)
    return Announcement(facility, place, place, [reading])


@asynccontextmanager
async def hearing(hub: ReadingHub, *, connected: bool = True) -> AsyncIterator[ReadingHub]:
    """A hub that runs, and is connected unless that is not to be waited for."""
    running = asyncio.create_task(hub.run())
    try:
        await eventually(lambda: hub.connected or running.done() or not connected)
        yield hub
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
