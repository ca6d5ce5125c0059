"""Databases that are really stopped, frozen and killed under a serving API."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from datasources.mongo import Mongo
from domain.settings import Settings
from resolvers.sources import open_sources
from tests.api import Api, Clock, fresh_name
from tests.databases import Databases
from tests.meters import Meters
from tests.owner_matrix import IDS, mutation
from tests.stream import kwh_of, live, subscribed
from tests.world import World

VIEWER = "{ viewer { loginId } }"
ALICE = {"viewer": {"loginId": "alice@example.jp"}}
NEEDS_MONGODB = (
    "startRegistration",
    "logIn",
    "answerChallenge",
    "withdraw",
    "confirmEmailChange",
    "resetPassword",
    "startExternalLogIn",
    "staffLogIn",
    "staffUnlockMember",
)
"A mutation of every store that is asked first."
READY = {"ready": True, "mongodb": "ok", "redis": "ok"}


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = Databases(tmp_path_factory.mktemp("outage"))
    yield databases
    databases.stop()


@pytest.fixture
def settings(databases: Databases) -> Settings:
    """As they come, but a quiet subscription looks for what it missed only once a minute."""
    return replace(
        Settings(),
        mongodb_url=databases.addresses.mongodb_url,
        redis_url=databases.addresses.redis_url,
        heartbeat_seconds=60.0,
    )


@asynccontextmanager
async def serving(settings: Settings, clock: Clock) -> AsyncIterator[Api]:
    """An API over a database of its own, whose databases may be away."""
    mongo = Mongo(settings.mongodb_url, database=fresh_name())
    async with Api.serving(open_sources(settings, mongo, clock)) as api:
        yield api


@asynccontextmanager
async def at_work(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Api, World, Meters]]:
    """An API that is ready, with members and a meter system."""
    async with serving(settings, clock) as api:
        await until(lambda: is_ready(api), 10)
        world = await World.made(api.sources)
        yield api, world, await Meters.made(api, world)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Ask again until it holds; fails after the limit."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is asked is another process
            await asyncio.sleep(0.05)


async def later(seconds: float, answer: Awaitable[Any]) -> Any:
    await asyncio.sleep(seconds)
    return await answer


async def readiness(api: Api) -> tuple[int, dict[str, Any]]:
    response = await api.client.get("/readyz")
    return response.status_code, response.json()


async def is_ready(api: Api) -> bool:
    return await readiness(api) == (200, READY)


async def answers(api: Api, world: World) -> bool:
    return (await api.ask(VIEWER, world.alice.token)).get("data") == ALICE


async def test_while_mongodb_hangs_everything_answers_in_time_and_afterwards_by_itself(
    databases: Databases, settings: Settings, clock: Clock
) -> None:
    async with at_work(settings, clock) as (api, world, meters):
        with databases.mongodb_frozen():
            began = time.monotonic()
            async with asyncio.timeout(20):
                (status, state), refused, *codes = await asyncio.gather(
                    # A stop takes a moment to reach all threads, and later ones queue behind the first.
                    later(0.06, readiness(api)),
                    later(0.06, meters.refused(meters.line())),
                    *(later(at / 50, api.code(VIEWER, world.alice.token)) for at in range(3, 8)),
                )
            assert time.monotonic() - began < 15
            assert codes == ["UNAVAILABLE"] * 5
            assert (status, state) == (503, READY | {"ready": False, "mongodb": "down"})
            assert refused[:2] == (503, "UNAVAILABLE")
            assert (await api.client.get("/healthz")).status_code == 200

        await until(lambda: answers(api, world), 10)
        await until(lambda: is_ready(api), 10)
        assert await meters.send(meters.line()) == {"stored": 1}


async def test_a_subscription_outlives_that_mongodb_hangs_and_then_tells_all(
    databases: Databases, settings: Settings, clock: Clock
) -> None:
    quick = replace(settings, heartbeat_seconds=0.2, database_timeout_seconds=1.0)
    async with at_work(quick, clock) as (api, world, meters):
        async with live(api, world.alice) as socket:
            with databases.mongodb_frozen():
                code, *_ = await meters.refused(meters.line(0, 0.4))
                assert code == 503
            await until(lambda: answers(api, world), 10)
            await meters.send(meters.line(1, 0.5))

            while (event := await socket.reading())["reading"]["kwh"] != 0.5:
                pass

        async with subscribed(api, world.alice, event["cursor"]) as socket:
            assert (await socket.event())["reading"] is None


async def test_without_redis_readings_are_stored_and_subscribers_hear_of_them_when_it_is_back(
    databases: Databases, settings: Settings, clock: Clock
) -> None:
    async with at_work(settings, clock) as (api, world, meters), live(api, world.alice) as socket:
        await meters.send(meters.line(0, 0.1))
        assert await kwh_of(socket, 1) == [0.1]

        databases.kill_redis()
        await until(lambda: is_down(api, "redis"), 5)
        assert await answers(api, world)
        assert await meters.send(meters.line(1, 0.2), meters.line(2, 0.3)) == {"stored": 2}
        assert await meters.kwh(3) == [0.1, 0.2, 0.3]
        async with subscribed(api, world.alice) as other:
            assert (await other.event())["reading"] is None
            databases.start_redis()

            assert await kwh_of(socket, 2) == [0.2, 0.3]
            await until(lambda: is_ready(api), 10)
            await meters.send(meters.line(3, 0.4))
            assert await kwh_of(socket, 1) == [0.4]
            assert await kwh_of(other, 1) == [0.4]


async def test_while_redis_hangs_readings_are_acknowledged_in_time(
    databases: Databases, settings: Settings, clock: Clock
) -> None:
    quick = replace(settings, database_timeout_seconds=1.0)
    async with at_work(quick, clock) as (api, world, meters):
        with databases.redis_frozen():
            async with asyncio.timeout(20):
                assert await meters.send(meters.line(0, 0.1)) == {"stored": 1}
            assert await is_down(api, "redis")
            assert await answers(api, world)


async def test_what_was_acknowledged_outlives_the_sudden_death_of_mongodb(
    databases: Databases, settings: Settings, clock: Clock
) -> None:
    async with at_work(settings, clock) as (api, world, meters):
        lines = [meters.line(half, (half + 1) / 1000) for half in range(200)]
        answer = await meters.send(*lines)
        databases.kill_mongodb()
        assert answer == {"stored": 200}
        databases.start_mongodb()

        await until(lambda: answers(api, world), 60)
        assert await meters.kwh(200) == [(half + 1) / 1000 for half in range(200)]


async def test_a_server_that_is_there_before_mongodb_becomes_ready_with_it(
    databases: Databases, settings: Settings, clock: Clock
) -> None:
    databases.kill_mongodb()
    quick = replace(settings, database_timeout_seconds=1.0)
    async with serving(quick, clock) as api:
        assert (await api.client.get("/healthz")).status_code == 200
        assert await is_down(api, "mongodb")
        assert await api.code(VIEWER, "token") == "UNAVAILABLE"
        told = await asyncio.gather(*(answered(api, name) for name in NEEDS_MONGODB))
        assert told == ["UNAVAILABLE"] * len(NEEDS_MONGODB)
        databases.start_mongodb()

        await until(lambda: is_ready(api), 60)
        assert await api.code(VIEWER, "token") == "UNAUTHENTICATED"


async def answered(api: Api, name: str) -> str:
    """Code of the error with which a mutation is answered."""
    call = mutation(name, dict.fromkeys(IDS.values(), "x"))
    return await api.code(f"mutation {{ {call} }}", "token")


async def is_down(api: Api, name: str) -> bool:
    return await readiness(api) == (503, READY | {"ready": False, name: "down"})
