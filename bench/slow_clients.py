"""What clients that never read do to those that do: as many of both, and the same without them.

Readings of one facility go to all. Two servers are taken in turn: one has only readers; the other one
as many clients besides whose sockets are full, until it closes them.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter
from typing import Final

import psutil
from tqdm import tqdm

from bench.cores import Cores, two_cores
from bench.harness import BenchError, Figure, own_database
from bench.live_contenders import ours
from bench.live_crowd import Burst, Crowd
from bench.live_homes import Home, LiveHomes
from bench.live_sockets import Sockets, Step
from domain.settings import Settings

_PATH: Final = "/graphql"
_HEARTBEAT_SECONDS: Final = 3600.0
"There are none: they are not what is measured."
_OPEN_SECONDS: Final = 60.0
_CLOSING_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05
_EVENT: Final = "{ facilityId startAt endAt direction kwh quality revision receivedAt }"
_QUERY: Final = (
    "subscription ($ids: [ID!]!) { readings(facilityIds: $ids) { "
    + " ".join(f"again{number}: reading {_EVENT}" for number in range(30))
    + " } }"
)
"Its events have the reading thirty times, 7 KB, so that few of them fill a socket."


@dataclass(frozen=True, slots=True)
class Pace:
    """How many clients of either kind, and how many readings fill the sockets or are measured."""

    readers: int
    stuck: int
    filling: int
    rounds: int
    quiet_seconds: float


_PACE: Final = Pace(readers=500, stuck=500, filling=80, rounds=30, quiet_seconds=1.0)


@dataclass(frozen=True, slots=True)
class Results:
    """Bursts to readers; what the stuck took, and when the last of them was closed."""

    without: Sequence[Burst]
    beside: Sequence[Burst]
    kib_per_stuck: float
    closed_seconds: float
    "Since their sockets are full."


async def run(settings: Settings) -> Sequence[Figure]:
    return figures(await measure(settings, _PACE))


def figures(results: Results) -> list[Figure]:
    without, beside = (
        median(burst.p99_ms for burst in bursts) for bursts in (results.without, results.beside)
    )
    print(f"  p99 without {without:.1f} ms, beside {beside:.1f} ms", file=sys.stderr)
    return [
        Figure("readers_p99_with_stuck_vs_without", beside / without, "x", "lower"),
        Figure("kib_per_stuck_socket", results.kib_per_stuck, "KiB", "lower"),
        Figure("stuck_closed_seconds", results.closed_seconds, "s", "lower"),
    ]


async def measure(settings: Settings, pace: Pace) -> Results:
    """Raises BenchError where the stuck are closed too early to be measured, or never."""
    with two_cores() as cores:
        async with (
            own_database(settings) as other,
            _Side.made(settings, cores, pace) as without,
            _Side.made(other, cores, pace) as beside,
        ):
            memory = beside.memory()
            stuck = await beside.opened_stuck(pace.stuck)
            try:
                for _ in range(pace.filling):
                    await without.burst()
                    await beside.burst()
                filled = perf_counter()
                grown = beside.memory() - memory
                alone, together = [], []
                for _ in tqdm(range(pace.rounds), "slow_clients", leave=False, disable=None):
                    alone.append(await without.burst())
                    together.append(await beside.burst())
                if beside.connections() < pace.readers + pace.stuck:
                    raise BenchError("clients that do not read were closed before all was measured")
                await _wait(lambda: beside.connections() == pace.readers)
                closed = perf_counter() - filled
            finally:
                stuck.close()
    return Results(alone, together, grown / pace.stuck / 1024, closed)


class _Side:
    """A server with its readers, over a database and channels of its own."""

    def __init__(self, homes: LiveHomes, crowd: Crowd) -> None:
        self._homes = homes
        self._crowd = crowd

    @classmethod
    @asynccontextmanager
    async def made(cls, settings: Settings, cores: Cores, pace: Pace) -> AsyncIterator["_Side"]:
        async with LiveHomes.made(settings, 1) as homes:
            live = ours(replace(settings, heartbeat_seconds=_HEARTBEAT_SECONDS), homes.deployment)
            async with Crowd.gathered(live, settings.redis_url, cores) as crowd:
                await crowd.open(list(homes.homes) * pace.readers, pace.quiet_seconds)
                yield cls(homes, crowd)

    async def burst(self) -> Burst:
        """A reading to all."""
        return await self._crowd.burst(await self._homes.report(1))

    async def opened_stuck(self, count: int) -> Sockets:
        """Subscribers that read nothing from now on."""
        stuck = Sockets()
        entries = [_steps(self._homes.homes[0])] * count
        port = self._crowd.server.port
        await asyncio.to_thread(stuck.open, port, _PATH, entries, _OPEN_SECONDS)
        return stuck

    def connections(self) -> int:
        """Sockets that the server holds open."""
        server = self._crowd.server
        return sum(
            one.status == psutil.CONN_ESTABLISHED and one.laddr.port == server.port
            for one in psutil.Process(server.running.pid).net_connections("tcp")
        )

    def memory(self) -> int:
        """Resident bytes of the server."""
        resident: int = psutil.Process(self._crowd.server.running.pid).memory_info().rss
        return resident


def _steps(home: Home) -> Sequence[Step]:
    hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {home.token}"}}
    payload = {"query": _QUERY, "variables": {"ids": [home.facility_id]}}
    subscribe = {"id": "1", "type": "subscribe", "payload": payload}
    return [
        Step(json.dumps(hello).encode(), b"connection_ack"),
        Step(json.dumps(subscribe).encode(), b'"next"'),
    ]


async def _wait(condition: Callable[[], bool]) -> None:
    try:
        async with asyncio.timeout(_CLOSING_SECONDS):
            while not condition():  # noqa: ASYNC110 - what is asked is another process
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise BenchError("clients that do not read were never closed") from None
