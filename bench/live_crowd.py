"""A server with all its sockets open: what they cost, and bursts of readings to them."""

import asyncio
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import psutil
from hiredis import pack_command

from bench.contenders import Server, serving
from bench.cores import Cores
from bench.harness import BenchError
from bench.live_contenders import READING, LiveContender
from bench.live_homes import Home, event_of
from bench.processes import Running, python, running
from domain.stored import Announcement

_WARM_UP: Final = 200
_ORDER_SECONDS: Final = 200.0
_SETTLE_SECONDS: Final = 60.0
_QUIET: Final = 0.05
"Share of a core that a server may use and still counts as idle."


@dataclass(frozen=True, slots=True)
class Opened:
    """What it took to open sockets and to subscribe on each."""

    sockets: int
    cpu_seconds: float
    resident_bytes: int

    @property
    def cpu_us(self) -> float:
        return self.cpu_seconds / self.sockets * 1e6

    @property
    def kib(self) -> float:
        return self.resident_bytes / self.sockets / 1024


@dataclass(frozen=True, slots=True)
class Burst:
    """How readings reached sockets, one for each; milliseconds from the first one's publishing."""

    deliveries: int
    p50_ms: float
    p99_ms: float
    last_ms: float
    cpu_seconds: float
    load_cpu_seconds: float
    redis_cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.deliveries / self.last_ms * 1000


class Crowd:
    """The sockets of a server, held by a process of their own."""

    def __init__(
        self, live: LiveContender, server: Server, load: Running, redis: str, folder: Path
    ) -> None:
        self.live = live
        self.server = server
        self._load = load
        self._redis = redis
        self._folder = folder

    @classmethod
    @asynccontextmanager
    async def gathered(
        cls, live: LiveContender, redis: str, cores: Cores
    ) -> AsyncIterator["Crowd"]:
        """A server that is ready, without sockets yet."""
        pipes = {"stdin": PIPE, "stdout": PIPE} if live.tells_lag else {}
        command = python("-m", "bench.live_load")
        with tempfile.TemporaryDirectory(prefix="kenshin-bench-") as folder:
            async with (
                serving(live.contender, cores.server, **pipes) as server,
                running("the load", command, {}, cores.load, stdin=PIPE, stdout=PIPE) as load,
            ):
                crowd = cls(live, server, load, redis, Path(folder))
                await server.running.ready(crowd._is_ready)
                yield crowd

    async def open(self, homes: Sequence[Home], quiet_seconds: float) -> Opened:
        """Open a socket for each home, once some have come and gone, and wait until all is quiet."""
        await self._open(homes[:_WARM_UP])
        await self._order("close")
        await self._settle(quiet_seconds)
        cpu, resident = self._used()
        await self._open(homes)
        await self._settle(quiet_seconds)
        cpu_after, resident_after = self._used()
        return Opened(len(homes), cpu_after - cpu, resident_after - resident)

    async def burst(self, announcements: Sequence[Announcement]) -> Burst:
        """Publish announcements; each socket gets the one of its home, or all get the only one."""
        messages = list(self.live.messages(announcements))
        packed = b"".join(_publish(*message) for message in messages)
        expected = [event_of(announcement) for announcement in announcements]
        cpu, _ = self._used()
        done = await self._order(
            "burst",
            redis=self._redis,
            commands=self._file("commands", packed),
            replies=len(messages),
            mark=READING,
            expected=self._file("expected", orjson.dumps(expected)),
        )
        return Burst(cpu_seconds=self._used()[0] - cpu, **done)

    async def lag_ms(self, announcements: Sequence[Announcement]) -> float:
        """Longest time that the server's loop was kept busy during a burst."""
        pipes = self.server.running.process
        if pipes.stdin is None or pipes.stdout is None:
            raise BenchError(f"{self.live.name} does not tell")
        pipes.stdin.write(b"\n")
        await self.burst(announcements)
        pipes.stdin.write(b"\n")
        return float(await pipes.stdout.readline())

    async def idle_share(self, homes: Sequence[Home], seconds: float) -> float:
        """Processor time by second of a server whose sockets are open and hear nothing new.

        It is left alone for so long before it is looked at for twice as long.
        """
        await self._open(homes)
        await asyncio.sleep(seconds)
        cpu, _ = self._used()
        await asyncio.sleep(2 * seconds)
        return (self._used()[0] - cpu) / (2 * seconds)

    async def _is_ready(self) -> bool:
        if self.live.readiness is None:
            return await self.server.accepts()
        address = httpx.URL(self.server.url).copy_with(path=self.live.readiness)
        try:
            return (await self.server.client.get(address)).is_success
        except httpx.TransportError:
            return False

    async def _open(self, homes: Sequence[Home]) -> None:
        entries = [self.live.steps(place, home) for place, home in enumerate(homes)]
        await self._order(
            "open",
            port=self.server.port,
            entries=self._file("entries", orjson.dumps(entries)),
        )

    async def _settle(self, seconds: float) -> None:
        """Wait until the server has been idle for so long."""
        async with asyncio.timeout(_SETTLE_SECONDS):
            before = float("-inf")
            while (now := self._used()[0]) - before > _QUIET * seconds:
                before = now
                await asyncio.sleep(seconds)

    async def _order(self, order: str, **details: Any) -> dict[str, Any]:
        pipes = self._load.process
        if pipes.stdin is None or pipes.stdout is None:
            raise BenchError("the load has no pipes")
        pipes.stdin.write(orjson.dumps({"order": order} | details) + b"\n")
        try:
            async with asyncio.timeout(_ORDER_SECONDS):
                line = await pipes.stdout.readline()
        except TimeoutError:
            raise self.server.running.failure(f"took over {_ORDER_SECONDS:g} s") from None
        if not line:
            raise self._load.failure("has ended")
        done: dict[str, Any] = orjson.loads(line)
        if error := done.get("error"):
            raise self.server.running.failure(error)
        return done

    def _used(self) -> tuple[float, int]:
        """Processor seconds and resident bytes of the server."""
        cpu = self.server.running.cpu_seconds()
        return cpu, psutil.Process(self.server.running.pid).memory_info().rss

    def _file(self, name: str, content: bytes) -> str:
        path = self._folder / name
        path.write_bytes(content)
        return str(path)


def _publish(channel: bytes, message: bytes) -> bytes:
    command: Any = ("PUBLISH", channel, message)
    packed: bytes = pack_command(command)
    return packed
