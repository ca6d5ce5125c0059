"""Real servers for the whole session, and a database, an API and a world of its own for each test."""

import asyncio
import gc
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings
from motor.motor_asyncio import AsyncIOMotorClient

from datasources.collections import COLLECTIONS, migrate
from datasources.embedded import Addresses, EmbeddedServers
from datasources.mongo import Mongo
from domain.settings import Settings
from resolvers import passwords
from resolvers.sources import Sources, open_sources
from tests.api import Api, Clock, CommandLog, fresh_name
from tests.browser import browser, page, screen, watched  # noqa: F401 - fixtures
from tests.databases import kill_servers
from tests.log_check import logs_keep_secrets  # noqa: F401 - a fixture
from tests.node import node_with_packages
from tests.world import World

OWASP_HASHER = passwords._hasher
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

hypothesis_settings.register_profile("kenshin", deadline=None, derandomize=True)
hypothesis_settings.load_profile("kenshin")


def pytest_configure() -> None:
    """Ask for the programs of the documented examples before any test runs."""
    missing = [program for program in ("bash", "curl", "sed") if shutil.which(program) is None]
    if missing:
        pytest.exit(f"the tests need {', '.join(missing)}: install them first", returncode=1)


def pytest_collection_finish() -> None:
    """Spare the collector all that was there before the first test."""
    gc.freeze()
    # asyncio puts a handler of its own in place of Python's for every fixture and test, which takes
    # milliseconds each time; in place of another one it puts none.
    signal.signal(signal.SIGINT, _interrupt)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes that cost nothing; test_sessions checks what they cost outside of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", CHEAP_HASHER)
        yield


@pytest.fixture
def owasp_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes as a deployment has them."""
    monkeypatch.setattr(passwords, "_hasher", OWASP_HASHER)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Databases of the environment, or embedded ones."""
    mongodb_url = os.environ.get("KENSHIN_MONGODB_URL", "")
    redis_url = os.environ.get("KENSHIN_REDIS_URL", "")
    folder: Path = tmp_path_factory.mktemp("servers")
    embedded = EmbeddedServers(folder, mongodb=not mongodb_url, redis=not redis_url)
    started = embedded.start() if not (mongodb_url and redis_url) else Addresses("", "")
    try:
        yield Addresses(mongodb_url or started.mongodb_url, redis_url or started.redis_url)
    finally:
        kill_servers(folder)  # nobody reads what they would write until they have ended
        embedded.stop()


@pytest.fixture
def settings(servers: Addresses) -> Settings:
    return replace(
        Settings(),
        mongodb_url=servers.mongodb_url,
        redis_url=servers.redis_url,
        heartbeat_seconds=0.3,
        cost_per_minute_address=1_000_000,  # all tests of a process have one
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def commands() -> CommandLog:
    return CommandLog()


@pytest.fixture(scope="session")
async def sessions_mongo(servers: Addresses) -> AsyncIterator[Mongo]:
    """A migrated database for the session; every test leaves it empty."""
    mongo = Mongo(servers.mongodb_url, database=fresh_name())
    await migrate(mongo)
    try:
        yield mongo
    finally:
        if os.environ.get("KENSHIN_MONGODB_URL"):
            await mongo.drop()
        await mongo.close()


@pytest.fixture
async def database(sessions_mongo: Mongo) -> AsyncIterator[str]:
    """Name of the session's database, which is empty and will be."""
    yield sessions_mongo.name
    async with asyncio.timeout(20):
        await empty(sessions_mongo)


async def empty(mongo: Mongo) -> None:
    """Delete all documents; it asks first, since most collections have none.

    What was upgraded stays known: to do it again would cost every server that starts two writes.
    """
    first, *others = (kind.name for kind in COLLECTIONS if kind.name != "upgrades")
    union = [{"$unionWith": {"coll": name, "pipeline": one_of(name)}} for name in others]
    used = await mongo.aggregate(first, [*one_of(first), *union])
    await asyncio.gather(*(mongo[found["_id"]].delete_many({}) for found in used))


def one_of(collection: str) -> list[dict[str, Any]]:
    """The name of a collection that has a document."""
    return [{"$limit": 1}, {"$project": {"_id": collection}}]


@pytest.fixture
def driver() -> Any:
    """The client of MongoDB; `tests.drivers` gives both, one after the other."""
    return AsyncIOMotorClient


@pytest.fixture
async def mongo(
    settings: Settings, database: str, commands: CommandLog, driver: Any
) -> AsyncIterator[Mongo]:
    """The session's database, empty, with every command noted."""
    mongo = Mongo(
        settings.mongodb_url, database=database, listeners=[commands], client_class=driver
    )
    yield mongo
    await mongo.close()


@pytest.fixture
async def sources(settings: Settings, mongo: Mongo, clock: Clock) -> AsyncIterator[Sources]:
    """All that resolvers read from and write to, without an API."""
    sources = open_sources(settings, mongo, clock)
    yield sources
    await sources.announcer.close()


@pytest.fixture
async def api(settings: Settings, mongo: Mongo, clock: Clock) -> AsyncIterator[Api]:
    """The API on a real socket over that database."""
    async with Api.serving(open_sources(settings, mongo, clock)) as serving:
        yield serving


@pytest.fixture(scope="session")
def node() -> tuple[str, ...]:
    """The command that starts Node; the packages of `tests/npm` are there."""
    return node_with_packages()


@pytest.fixture
async def world(api: Api) -> World:
    """Two members of one portal and one of another, with what they own."""
    return await World.made(api.sources)
