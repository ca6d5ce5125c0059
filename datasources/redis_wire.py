"""One raw connection to Redis: where it goes, logging in, commands out and replies in.

An asyncio protocol around hiredis' parser. Retrying and pub/sub are not here.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic
from typing import Final, cast

import hiredis
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection
from redis.exceptions import RedisError

Reply = object
"Bytes, int, None, a list of replies, or hiredis.ReplyError."
Command = tuple[bytes | int, ...]

pack: Callable[[Command], bytes] = hiredis.pack_command  # type: ignore[assignment] # any length
"Command in Redis' protocol."

_NOTHING: Final = object()
_TICK_SECONDS: Final = 0.004
"When replies take so long to be handled, the others wait for the next tick of the loop."
_KEPT: Final = 4
"URLs: whoever uses Redis reads the same one, and redis-py takes milliseconds to."
_UNUSABLE: Final = "the URL of Redis (KENSHIN_REDIS_URL) cannot be used"


class Refused(ConnectionError):
    """Redis answered with an error; the message is Redis' own: NOAUTH, NOPERM, LOADING, ..."""


def describe(error: OSError) -> str:
    """What is wrong, also for an error that does not say."""
    return str(error) or type(error).__name__


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port of a server, or the path of its socket with port 0."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


@dataclass(frozen=True, slots=True)
class Access:
    """What a URL says: a server, how to log in there, and TLS."""

    address: Address
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None

    @classmethod
    @lru_cache(_KEPT)
    def of(cls, url: str) -> "Access":
        """Access by a redis://, rediss:// or unix:// URL with the options that redis-py has.

        The number of a database is of no account, since pub/sub knows none. Raises ValueError with
        a message that does not repeat the password.
        """
        try:
            known = ConnectionPool.from_url(url).make_connection()  # type: ignore[no-untyped-call] # redis-py
            tls = known.ssl_context.get() if isinstance(known, SSLConnection) else None
        except ValueError:  # its message may have a part of the password
            raise ValueError(f"{_UNUSABLE}: redis://, rediss:// or unix:// is wanted") from None
        except (TypeError, OSError, RedisError) as error:
            raise ValueError(f"{_UNUSABLE}: {error}") from None
        if isinstance(known, UnixDomainSocketConnection):
            address = Address(known.path, 0)
            if not known.path:
                raise ValueError(f"{_UNUSABLE}: it names no socket")
        else:
            address = Address(known.host, int(known.port))
        return cls(address, known.username, known.password, tls)


class Wire(asyncio.Protocol):
    """A connection: replies come in order, only so many of them in one tick of the loop.

    Reading rests while there are more, and Redis keeps the rest: a burst never holds up the loop.
    A reply is the next request's, and `heard` gets what nobody asked for. `lost` is called once, at
    the end of a connection that was made, with the reason.
    """

    def __init__(
        self, heard: Callable[[Reply], None], lost: Callable[[OSError], None], per_tick: int
    ) -> None:
        self.silent = False
        "Whether nothing came since this was set; what arrives clears it."
        self._heard = heard
        self._lost = lost
        self._per_tick = per_tick
        self._reader = hiredis.Reader(notEnoughData=_NOTHING)
        self._requests: deque[_Request] = deque()
        self._resting = False
        self.reason: OSError | None = None
        "Why the connection has ended; None while it is open."
        self._loop = asyncio.get_running_loop()
        self._ended = self._loop.create_future()
        self._transport: asyncio.Transport

    @property
    def open(self) -> bool:
        return self.reason is None

    def send(self, packed: bytes) -> None:
        """Write commands; does nothing when the connection has ended."""
        if self.open:
            self._transport.write(packed)

    def request(self, packed: bytes, replies: int) -> "asyncio.Future[list[Reply]]":
        """Write commands that are answered by so many replies; fails with an OSError."""
        request = _Request(replies, self._loop.create_future())
        if self.reason is not None:
            request.answer.set_exception(self.reason)
        else:
            self._requests.append(request)
            self._transport.write(packed)
        return request.answer

    async def ask(self, *command: bytes | int) -> Reply:
        """Reply to one command; raises Refused for an error, other OSErrors for no reply."""
        (reply,) = await self.request(pack(command), 1)
        if isinstance(reply, hiredis.ReplyError):
            raise Refused(str(reply))
        return reply

    def fail(self, reason: OSError) -> None:
        """End the connection at once for that reason."""
        if self.reason is None:
            self.reason = reason
            self._transport.abort()

    async def close(self) -> None:
        """End the connection, and wait until that is done."""
        self.fail(ConnectionAbortedError("closed"))
        await self._ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self.silent = False
        self._reader.feed(data)
        if not self._resting:
            self._take()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.reason is None:
            self.reason = ConnectionResetError(str(exc or "Redis closed the connection"))
        while self._requests:
            self._requests.popleft().fail(self.reason)
        self._ended.set_result(None)
        self._lost(self.reason)

    def _take(self) -> None:
        try:
            more = self._take_some()
        except hiredis.ProtocolError as error:
            self.fail(ConnectionError(f"what came is not Redis' protocol: {error}"))
            return
        except BaseException:
            self.fail(ConnectionError("a reply could not be handled"))
            raise
        if more and self.open:
            if not self._resting:
                self._resting = True
                self._transport.pause_reading()
            self._loop.call_soon(self._take)
        elif self._resting:
            self._resting = False
            if self.open:
                self._transport.resume_reading()

    def _take_some(self) -> bool:
        """Hand out some of what has come; says whether there may be more."""
        gets, requests, heard = self._reader.gets, self._requests, self._heard
        self.silent = False
        end = monotonic() + _TICK_SECONDS
        for _ in range(self._per_tick):
            if monotonic() > end:
                return True
            reply = gets()
            if reply is _NOTHING or self.reason is not None:
                return False
            if requests:
                if requests[0].take(reply):
                    requests.popleft()
            else:
                heard(reply)
        return True


@dataclass(slots=True)
class _Request:
    count: int
    answer: "asyncio.Future[list[Reply]]"
    replies: list[Reply] = field(default_factory=list)

    def take(self, reply: Reply) -> bool:
        """Keep a reply; says whether it was the last."""
        self.replies.append(reply)
        if len(self.replies) < self.count:
            return False
        if not self.answer.done():  # else who asked has given up
            self.answer.set_result(self.replies)
        return True

    def fail(self, reason: OSError) -> None:
        if not self.answer.done():
            self.answer.set_exception(reason)


def pack_all(commands: Iterable[Command]) -> bytes:
    """Commands in Redis' protocol, one behind the other."""
    return b"".join(map(pack, commands))


async def connect(
    access: Access,
    seconds: float,
    *,
    heard: Callable[[Reply], None],
    lost: Callable[[OSError], None],
    per_tick: int,
) -> Wire:
    """Connect and log in within some seconds; raises OSError, which Refused and TimeoutError are."""
    loop = asyncio.get_running_loop()
    address = access.address

    def make() -> Wire:
        return Wire(heard, lost, per_tick)

    async with asyncio.timeout(seconds):
        if address.port:
            _, wire = await loop.create_connection(make, address.host, address.port, ssl=access.tls)
        else:
            _, wire = await loop.create_unix_connection(make, address.host)
        try:
            if names := [name.encode() for name in (access.username, access.password) if name]:
                await wire.ask(b"AUTH", *names)
        except BaseException as error:
            wire.fail(ConnectionAbortedError(f"no login: {error!r}"))
            raise
    return wire
