"""Channels of the hub: who listens to a facility, and whether what is announced of it arrives."""

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from domain.stored import Announcement

if TYPE_CHECKING:
    from datasources.hub_links import Link

_log = structlog.get_logger()

_CONFIRMATION_SECONDS: Final = 2.0


class Listener(Protocol):
    """Who wants announcements; called in the loop, and must not block or wait."""

    def announced(self, announcement: Announcement) -> None:
        """An announcement, in order per facility as Redis had it."""

    def missed(self) -> None:
        """Announcements may have been lost: the database has them. May come many times in a row."""


class Confirmation:
    """Waits until so many channels are confirmed, or given up, or until the time is over."""

    def __init__(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        self._outstanding = count
        self._given = loop.create_future()
        self._end = loop.call_later(_CONFIRMATION_SECONDS, self._finish)

    def one(self) -> None:
        self._outstanding -= 1
        if not self._outstanding:
            self._finish()

    async def wait(self) -> None:
        try:
            await self._given
        finally:
            self._end.cancel()

    def _finish(self) -> None:
        if not self._given.done():
            self._given.set_result(None)


class ChannelState(Enum):
    IDLE = "not subscribed"
    ASKED = "Redis has not confirmed it yet"
    CONFIRMED = "everything published arrives"
    GONE = "no longer the hub's"


class Channel:
    """A facility's announcements and who listens to them."""

    __slots__ = ("facility", "link", "listeners", "name", "state", "uncertain", "waits")

    def __init__(self, name: bytes, facility: int) -> None:
        self.name = name
        self.facility = facility
        self.listeners: set[Listener] = set()
        self.link: Link | None = None
        self.state = ChannelState.IDLE
        self.uncertain = False
        "Whether its listeners are to be told, when it is confirmed, that they may have missed some."
        self.waits: list[Confirmation] = []

    def confirm(self) -> None:
        self.state = ChannelState.CONFIRMED
        self.release()
        if self.uncertain:
            self.uncertain = False
            self.missed()

    def interrupt(self) -> None:
        """It is not subscribed any more; nobody needs to wait for that to change."""
        self.link = None
        self.state = ChannelState.IDLE
        self.uncertain = True
        self.release()

    def release(self) -> None:
        waits, self.waits = self.waits, []
        for wait in waits:
            wait.one()

    def announced(self, announcement: Announcement) -> None:
        self._tell(lambda listener: listener.announced(announcement))

    def missed(self) -> None:
        self._tell(lambda listener: listener.missed())

    def _tell(self, call: Callable[[Listener], None]) -> None:
        for listener in tuple(self.listeners):
            try:
                call(listener)
            except Exception:  # noqa: BLE001 - one that fails must not keep others from hearing
                _log.exception("a listener failed", channel=self.name.decode())
