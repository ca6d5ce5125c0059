"""Where faults happen: databases and two API processes of our own, a sender, and followers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from datasources.mongo import Mongo
from domain.settings import Settings
from resolvers.sources import Sources, open_sources
from tests.api import eventually
from tests.command_line import CommandLine
from tests.databases import Databases
from tests.faults.burst import Sender
from tests.faults.follower import Follower
from tests.faults.records import Reading, faults, missing, spoiled
from tests.serving import Served
from tests.world import Person, World

DATABASE: Final = "kenshin"
_PORTAL: Final = "denki-jtb"
_SECONDS: Final = 40.0
QUICK: Final = {"KENSHIN_DATABASE_TIMEOUT_SECONDS": "1", "KENSHIN_DRAIN_SECONDS": "1"}
RARELY: Final = {"KENSHIN_HEARTBEAT_SECONDS": "600"}
"Heartbeats find nothing, so that all that is missed must be noticed in other ways."
OFTEN: Final = {"KENSHIN_HEARTBEAT_SECONDS": "0.5"}

RETRIED: Final = frozenset({1006, 1012, 1013})
"Close codes after which clients come back by themselves; 1011 and most from 4400 on end them."


class Stage:
    """Two API processes over the same databases: the first one's heartbeats are frequent."""

    def __init__(self, folder: Path) -> None:
        self.databases = Databases(folder)
        self.command_line = CommandLine.on(self.databases.addresses, DATABASE)
        self.servers = [
            Served(self.command_line, folder / "often.log", **QUICK, **OFTEN),
            Served(self.command_line, folder / "rarely.log", **QUICK, **RARELY),
        ]
        self.token = ""
        "Service token of the meter system."
        self._sources = self._open_sources()
        self._world = World(self._sources)
        self._members = 0

    def _open_sources(self) -> Sources:
        addresses = self.databases.addresses
        settings = Settings(mongodb_url=addresses.mongodb_url, redis_url=addresses.redis_url)
        return open_sources(settings, Mongo(addresses.mongodb_url, database=DATABASE))

    async def set_up(self) -> None:
        await self.ready()
        now = self._sources.clock()
        self.token = await self._sources.service_tokens.create("mdms", now)

    async def ready(self) -> None:
        """Wait for the servers."""
        for server in self.servers:
            await asyncio.to_thread(server.wait_until_ready)

    async def close(self) -> None:
        await self._sources.close()
        for server in self.servers:
            server.kill()
        self.databases.stop()

    async def person(self, facilities: int) -> Person:
        """A member nobody else has to do with."""
        self._members += 1
        person = await self._world.person(
            _PORTAL, f"member{self._members}@example.jp", facilities=0
        )
        for _ in range(facilities):
            place = await self._world.place(_PORTAL, person.member, start_on=date(2020, 1, 1))
            person.facilities.append(place)
        return person


@asynccontextmanager
async def under_way(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work that goes on meanwhile; what goes wrong with it is raised here."""
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(work) for work in works]
        yield
        for task in started:
            task.cancel()


@asynccontextmanager
async def sending(sender: Sender, pause_seconds: float = 0.0) -> AsyncIterator[None]:
    """A sender at work, which is done with all it sent when the block is left."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run(pause_seconds))
        yield
        sender.finish()


async def until(condition: Callable[[], object]) -> None:
    await eventually(condition, _SECONDS)


async def more_batches(sender: Sender, count: int) -> None:
    """Wait until the sender is done with so many more."""
    wanted = sender.batches + count
    await until(lambda: sender.batches >= wanted)


async def all_live(followers: Sequence[Follower]) -> None:
    await until(lambda: all(follower.live for follower in followers))


async def caught_up(sent: Sequence[Reading], follower: Follower) -> None:
    """Wait until a follower has heard everything."""
    await until(lambda: not missing(sent, follower.heard))


async def sent_before_news(sender: Sender, *followers: Follower) -> Sequence[Reading]:
    """What was sent so far, once all of them have heard of later readings: what is missing is lost."""
    sent = tuple(sender.sent)

    def have_news(follower: Follower) -> bool:
        return not set(sender.sent[len(sent) :]).isdisjoint(follower.heard)

    await until(lambda: all(map(have_news, followers)))
    return sent


def assert_exactly_once(sent: Sequence[Reading], follower: Follower) -> None:
    """Everything came once and in order, and any fault in the same record would have been found.

    Nor was the follower ever told to stay away.
    """
    assert faults(sent, follower.heard) == []
    assert all(faults(sent, record) for record in spoiled(follower.heard))
    assert RETRIED.issuperset(follower.closings)
