"""The hub: one Redis connection per process that hears of readings for all its listeners.

A listener never misses anything without knowing: whenever messages may have been lost (a new
connection, a full inbox) its inbox says so, and it reads the database instead.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from redis.asyncio import Connection, ConnectionPool
from redis.exceptions import RedisError

from datasources.announcements import channel_of, decode
from domain.stored import Announcement

_log = structlog.get_logger()

_INBOX_SIZE: Final = 1000
_CONFIRMATION_SECONDS: Final = 2.0
_PING_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = (0.1, 0.5, 1.0, 2.0)
_CLOSED: Final = (RedisError, OSError, asyncio.IncompleteReadError)


class Inbox:
    """What the hub has for one listener: announcements in order, or word that some are missing."""

    def __init__(self) -> None:
        self._announcements: deque[Announcement] = deque()
        self._missed = False
        self._arrived = asyncio.Event()

    def put(self, announcement: Announcement) -> None:
        """Keep an announcement; a full inbox forgets all it has and says that it missed some."""
        if len(self._announcements) >= _INBOX_SIZE:
            self.miss()
        else:
            self._announcements.append(announcement)
            self._arrived.set()

    def miss(self) -> None:
        """Messages may have been lost: the database has them."""
        self._announcements.clear()
        self._missed = True
        self._arrived.set()

    async def take(self, seconds: float) -> Sequence[Announcement] | None:
        """All that came, waiting for it; None after that time, or if some was missed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), seconds)
        self._arrived.clear()
        taken = tuple(self._announcements)
        self._announcements.clear()
        missed, self._missed = self._missed, False
        return taken if taken and not missed else None


class _Channel:
    def __init__(self) -> None:
        self.inboxes: set[Inbox] = set()
        self.confirmed = asyncio.Event()


class ReadingHub:
    """Hears announcements on behalf of listeners while `run` runs."""

    def __init__(self, redis_url: str, deployment: str, timeout_seconds: float) -> None:
        self._deployment = deployment
        self._pool = ConnectionPool.from_url(
            redis_url,
            protocol=2,
            socket_connect_timeout=timeout_seconds,
            socket_timeout=None,  # silence is watched by `_receive`
        )
        self._connection: Connection | None = None
        self._channels: dict[bytes, _Channel] = {}

    @property
    def connected(self) -> bool:
        return self._connection is not None

    @property
    def channels(self) -> int:
        """How many channels are subscribed."""
        return len(self._channels)

    async def run(self) -> None:
        """Keep the connection; comes back only when cancelled."""
        attempt = 0
        while True:
            try:
                await self._hear(attempt)
            except _CLOSED as error:
                _log.warning("waiting for Redis", error=type(error).__name__)
                attempt = 0 if self.connected else attempt + 1
            finally:
                self._connection = None
            await asyncio.sleep(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])

    @asynccontextmanager
    async def listen(self, facilities: Iterable[int]) -> AsyncIterator[Inbox]:
        """Inbox of announcements about facilities.

        Everything announced after this is entered arrives, or the inbox tells that it missed some;
        with Redis down it is entered all the same.
        """
        inbox = Inbox()
        names = [channel_of(self._deployment, facility) for facility in facilities]
        try:
            await self._join(names, inbox)
            yield inbox
        finally:
            await self._leave(names, inbox)

    async def _join(self, names: Sequence[bytes], inbox: Inbox) -> None:
        new = [name for name in names if name not in self._channels]
        channels = [self._channels.setdefault(name, _Channel()) for name in names]
        for channel in channels:
            channel.inboxes.add(inbox)
        await self._send("SUBSCRIBE", new)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONFIRMATION_SECONDS):
                for channel in channels:
                    await channel.confirmed.wait()

    async def _leave(self, names: Sequence[bytes], inbox: Inbox) -> None:
        for name in names:
            self._channels[name].inboxes.discard(inbox)
        idle = [name for name in names if not self._channels[name].inboxes]
        for name in idle:
            del self._channels[name]
        await self._send("UNSUBSCRIBE", idle)

    async def _send(self, command: str, names: Sequence[bytes]) -> None:
        if names and self._connection is not None:
            with suppress(*_CLOSED):  # `_hear` meets the same error, and subscribes anew
                await self._connection.send_command(command, *names)

    async def _hear(self, attempt: int) -> None:
        connection: Connection = self._pool.make_connection()  # type: ignore[no-untyped-call] # redis-py
        try:
            await connection.connect()  # type: ignore[no-untyped-call] # redis-py
            for channel in self._channels.values():
                channel.confirmed.clear()
            self._connection = connection
            await self._send("SUBSCRIBE", list(self._channels))
            if attempt:
                _log.info("redis connection is back")
            self._all_missed()
            pinging = asyncio.create_task(self._ping(connection))
            try:
                await self._receive(connection)
            finally:
                pinging.cancel()
        finally:
            await connection.disconnect(nowait=True)

    async def _ping(self, connection: Connection) -> None:
        """Makes a silent connection speak, so that `_receive` can tell a dead one."""
        with suppress(*_CLOSED):
            while True:
                await asyncio.sleep(_PING_SECONDS)
                await connection.send_command("PING")

    async def _receive(self, connection: Connection) -> None:
        while True:
            async with asyncio.timeout(2 * _PING_SECONDS):
                message = await connection.read_response(disconnect_on_error=False)
            if isinstance(message, list):
                self._handle(*message)

    def _handle(self, kind: bytes, name: bytes, data: object = None) -> None:
        channel = self._channels.get(name)
        if channel is None:
            return
        if kind == b"subscribe":
            channel.confirmed.set()
        elif kind == b"message" and isinstance(data, bytes):
            try:
                announcement = decode(data)
            except (ValueError, TypeError):  # of another version, say: as good as lost
                _log.warning("announcement cannot be read", size=len(data))
                for inbox in channel.inboxes:
                    inbox.miss()
            else:
                for inbox in channel.inboxes:
                    inbox.put(announcement)

    def _all_missed(self) -> None:
        for channel in self._channels.values():
            for inbox in channel.inboxes:
                inbox.miss()
