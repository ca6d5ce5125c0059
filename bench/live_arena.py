"""Contests of live servers: each opens its sockets, then all get the same bursts in turn."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

from tqdm import tqdm

from bench.contenders import OURS
from bench.cores import Cores
from bench.live_contenders import LiveContender, ours, peer
from bench.live_crowd import Burst, Crowd, Opened
from bench.live_homes import LiveHomes
from domain.settings import Settings

_NO_HEARTBEAT: Final = 3600.0
"Seconds: while one server is measured, the others are silent."


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is measured; a server is settled when it was idle for so many seconds."""

    sockets: int
    warm_up: int
    rounds: int
    quiet_seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen of a contender; `lags_ms` by round, of one that tells how busy its loop is."""

    opened: Opened
    bursts: list[Burst] = field(default_factory=list)
    lags_ms: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return median(burst.per_second for burst in self.bursts)

    @property
    def p50_ms(self) -> float:
        return median(burst.p50_ms for burst in self.bursts)

    @property
    def p99_ms(self) -> float:
        return median(burst.p99_ms for burst in self.bursts)

    @property
    def lag_ms(self) -> float:
        return median(self.lags_ms)

    @property
    def cpu_us(self) -> float:
        """The server's, by delivery."""
        return self._by_delivery(sum(burst.cpu_seconds for burst in self.bursts))

    @property
    def redis_us(self) -> float:
        """Redis' processor time by delivery."""
        return self._by_delivery(sum(burst.redis_cpu_seconds for burst in self.bursts))

    @property
    def load_share(self) -> float:
        """How much of the time the load itself was at work: at 1 it is what was measured."""
        seconds = sum(burst.last_ms for burst in self.bursts) / 1000
        return sum(burst.load_cpu_seconds for burst in self.bursts) / seconds

    def _by_delivery(self, seconds: float) -> float:
        return seconds / sum(burst.deliveries for burst in self.bursts) * 1e6


@dataclass(frozen=True, slots=True)
class Arena:
    """Where servers are measured; so many facilities report at a time."""

    contest: str
    reported: int
    settings: Settings
    homes: LiveHomes
    cores: Cores
    pace: Pace

    async def hold(self, names: Sequence[str]) -> dict[str, Measured]:
        measured: dict[str, Measured] = {}
        async with AsyncExitStack() as stack:
            crowds: dict[str, Crowd] = {}
            for name in names:
                crowds[name] = await stack.enter_async_context(self._crowd(name))
                measured[name] = Measured(await self._open(crowds[name]))
            rounds = range(-self.pace.warm_up, self.pace.rounds)
            for place in tqdm(rounds, desc=self.contest, leave=False, disable=None):
                announcements = await self.homes.report(self.reported)
                for name, crowd in crowds.items():
                    burst = await crowd.burst(announcements)
                    if place >= 0:
                        measured[name].bursts.append(burst)
            for name, crowd in crowds.items():
                if crowd.live.tells_lag:
                    measured[name].lags_ms.extend(await self._lags(crowd))
        return measured

    async def idle_share(self) -> float:
        """Of a core, that ours needs for the heartbeats of all sockets."""
        live = ours(self.settings, self.homes.deployment)
        async with Crowd.gathered(live, self.settings.redis_url, self.cores) as crowd:
            return await crowd.idle_share(self.homes.homes, self.settings.heartbeat_seconds)

    async def open_only(self, names: Sequence[str]) -> dict[str, Measured]:
        measured = {}
        for name in names:
            async with self._crowd(name) as crowd:
                measured[name] = Measured(await self._open(crowd))
        return measured

    async def _lags(self, crowd: Crowd) -> list[float]:
        """By round: the longest time that the server's loop was busy during a burst."""
        return [
            await crowd.lag_ms(await self.homes.report(self.reported))
            for _ in range(self.pace.rounds)
        ]

    async def _open(self, crowd: Crowd) -> Opened:
        """A socket for every home; where one facility reports, all are the first home's."""
        homes = self.homes.homes
        listened = homes if self.reported > 1 else [homes[0]] * len(homes)
        opened = await crowd.open(listened, self.pace.quiet_seconds)
        line = f"  {self.contest}: {crowd.live.name} has {opened.sockets} sockets open"
        print(line, file=sys.stderr, flush=True)
        return opened

    @asynccontextmanager
    async def _crowd(self, name: str) -> AsyncIterator[Crowd]:
        live = self._contender(name)
        async with Crowd.gathered(live, self.settings.redis_url, self.cores) as crowd:
            yield crowd

    def _contender(self, name: str) -> LiveContender:
        if name != OURS:
            return peer(name, self.settings)
        settings = replace(self.settings, heartbeat_seconds=_NO_HEARTBEAT)
        return ours(settings, self.homes.deployment, tells_lag=self.reported > 1)
