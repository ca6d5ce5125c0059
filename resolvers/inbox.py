"""What the streams of a process have to do: announcements to hand out, and streams to look after."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Generic, Protocol, TypeVar

from domain.stored import Announcement

_MOST_READINGS: Final = 100_000
"About 30 MB, and more than a process hands out in a second."


class Reader(Protocol):
    """Who an announcement is for."""

    def missed(self) -> None:
        """Announcements were lost: read the database."""


Item = TypeVar("Item", bound=Reader)


class Inbox(Generic[Item]):
    """Announcements in the order in which they came, and those who must read the database.

    Bounded: when too much has come, all of it is forgotten, and whom it was for is told.
    """

    def __init__(self) -> None:
        self._announcements: list[tuple[Item, Announcement]] = []
        self._readings = 0
        self._arrived = asyncio.Event()
        self._behind: dict[Item, None] = {}
        self._left_behind = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many announcements nobody has taken yet."""
        return len(self._announcements)

    def put(self, item: Item, announcement: Announcement) -> None:
        """Keep an announcement for one."""
        if not self._announcements:
            self._arrived.set()
        self._announcements.append((item, announcement))
        self._readings += len(announcement.readings or ()) + 1
        if self._readings > _MOST_READINGS:
            for each in dict.fromkeys(item for item, _ in self.announcements()):
                each.missed()

    def miss(self, item: Item) -> None:
        """Keep in mind that one must read the database."""
        self._behind[item] = None
        self._left_behind.set()

    def forget(self, item: Item) -> None:
        """One that is no more; what was announced to it is dropped when its turn comes."""
        self._behind.pop(item, None)

    async def wait(self) -> None:
        """Wait until an announcement has come."""
        await self._arrived.wait()

    def announcements(self) -> Sequence[tuple[Item, Announcement]]:
        """All that came since the last call."""
        announcements, self._announcements = self._announcements, []
        self._readings = 0
        self._arrived.clear()
        return announcements

    async def wait_for_behind(self, seconds: float) -> None:
        """Wait until somebody must read the database, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._left_behind.wait()

    def behind(self) -> list[Item]:
        """Those who must read the database."""
        behind, self._behind = self._behind, {}
        self._left_behind.clear()
        return list(behind)
