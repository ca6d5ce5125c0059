"""The readings subscription when something goes wrong: sessions end, messages are lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from datasources.announcements import Announcer, channel_of
from domain.settings import Settings
from tests.api import Api, Clock, eventually
from tests.stream import error_of, kwh_of, live, store, subscribed
from tests.world import World

LOG_OUT = "mutation { logOut { userErrors { code } } }"
REFRESH = """
mutation ($refreshToken: String!) {
  refreshSession(input: {refreshToken: $refreshToken}) { session { expiresAt } }
}
"""
ENDED = {"code": "UNAUTHENTICATED", "message": "the session has ended: log in again"}


@pytest.fixture
def beat() -> float:
    """Seconds between heartbeats: so many that none of them finds what an announcement should bring."""
    return 60.0


@pytest.fixture
def settings(settings: Settings, beat: float) -> Settings:
    return replace(settings, heartbeat_seconds=beat)


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    async with Redis.from_url(settings.redis_url) as client:
        yield client


@asynccontextmanager
async def lost_messages() -> AsyncIterator[None]:
    """Nothing that is announced meanwhile arrives, and who announces it does not know."""

    async def publish(*_: object) -> bool:
        return True

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Announcer, "publish", publish)
        yield


async def test_a_subscription_ends_before_the_next_event_when_its_member_logs_out(
    api: Api, world: World
) -> None:
    async with live(api, world.alice) as socket:
        await api.data(LOG_OUT, world.alice.token)
        await store(world, world.alice.facility, 1)

        message = await socket.receive()

        assert message["payload"].get("data") is None
        assert message["payload"]["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert await socket.receive() == {"id": "1", "type": "complete"}
    await eventually(lambda: api.sources.hub.channels == 0)


async def test_logging_out_over_the_same_socket_ends_its_subscriptions(
    api: Api, world: World
) -> None:
    async with live(api, world.alice) as socket:
        await socket.subscribe("2", LOG_OUT)
        assert await socket.event("logOut") == {"userErrors": []}
        assert await socket.receive() == {"id": "2", "type": "complete"}
        await store(world, world.alice.facility, 1)

        assert (await error_of(socket))["code"] == "UNAUTHENTICATED"


async def test_a_subscription_ends_with_its_session(api: Api, world: World, clock: Clock) -> None:
    async with live(api, world.alice) as socket:
        clock.advance(minutes=60, seconds=-1)
        await store(world, world.alice.facility, 1)
        assert await kwh_of(socket, 1) == [0.001]
        clock.advance(seconds=1)
        await store(world, world.alice.facility, 2)

        assert await error_of(socket) == ENDED


async def test_a_subscription_goes_on_when_its_session_is_refreshed_in_time(
    api: Api, world: World, clock: Clock
) -> None:
    opened = await api.sources.sessions.open(world.alice.member, "denki-jtb", clock.now)
    world.alice.token = opened.access_token
    async with live(api, world.alice) as socket:
        clock.advance(minutes=59)
        await api.data(REFRESH, refreshToken=opened.refresh_token)
        clock.advance(minutes=59)
        await store(world, world.alice.facility, 1)

        assert await kwh_of(socket, 1) == [0.001]


async def test_a_facility_that_changes_hands_ends_the_subscription_before_the_next_event(
    api: Api, world: World
) -> None:
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
    async with live(api, dana) as socket:
        await api.sources.facilities.put(replace(dana.facilities[1], owner=world.bob.member))
        await store(world, dana.facilities[0], 1)

        assert await error_of(socket) == {
            "code": "FORBIDDEN",
            "message": "a facility of this subscription may no longer be seen",
        }


@pytest.mark.parametrize("beat", [0.1])
async def test_a_quiet_subscription_ends_too(api: Api, world: World) -> None:
    async with live(api, world.alice) as socket:
        await api.data(LOG_OUT, world.alice.token)

        assert await error_of(socket) == ENDED


async def test_a_lost_message_is_noticed_by_the_next_one(api: Api, world: World) -> None:
    async with live(api, world.alice) as socket:
        async with lost_messages():
            await store(world, world.alice.facility, 1, 2)
        await store(world, world.alice.facility, 3, half=2)

        assert await kwh_of(socket, 3) == [0.001, 0.002, 0.003]


@pytest.mark.parametrize("beat", [0.1])
async def test_a_lost_message_is_found_by_the_next_heartbeat(api: Api, world: World) -> None:
    async with live(api, world.alice) as socket:
        async with lost_messages():
            await store(world, world.alice.facility, 1, 2)

        assert await kwh_of(socket, 2) == [0.001, 0.002]


@pytest.mark.parametrize("beat", [0.5])
async def test_a_lost_message_is_found_though_news_of_another_facility_never_cease(
    api: Api, world: World
) -> None:
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
    quiet, busy = dana.facilities
    async with live(api, dana) as socket, asyncio.timeout(20):
        async with lost_messages():
            await store(world, quiet, 1)
        half = 0
        while True:
            await store(world, busy, 2, half=half)
            if (await socket.reading())["reading"]["kwh"] == 0.001:
                break
            half += 1


async def test_a_message_that_cannot_be_read_is_a_lost_one(
    api: Api, world: World, redis: Redis
) -> None:
    channel = channel_of(api.sources.mongo.name, world.alice.facility.number)
    async with live(api, world.alice) as socket:
        async with lost_messages():
            await store(world, world.alice.facility, 1)
        for message in (b"{", b"[1]", b'{"version": 2}', b"[1, 2, 3, [[1]]]"):
            await redis.publish(channel, message)

        assert await kwh_of(socket, 1) == [0.001]
        await store(world, world.alice.facility, 2, half=1)
        assert await kwh_of(socket, 1) == [0.002]


async def test_all_subscribers_share_one_redis_connection_and_leave_no_channel_behind(
    api: Api, world: World, redis: Redis
) -> None:
    await store(world, world.alice.facility, 1)
    await api.data("{ __typename }")  # points are taken over a connection of their own
    before = len(await redis.client_list())
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(live(api, world.alice)) for _ in range(10)]
        sockets += [await stack.enter_async_context(live(api, world.bob)) for _ in range(10)]

        assert len(await redis.client_list()) == before
        assert len(await redis.client_list(_type="pubsub")) == 1
        assert api.sources.hub.channels == 2
        await store(world, world.alice.facility, 2, half=1)
        for socket in sockets[:10]:
            assert await kwh_of(socket, 1) == [0.002]

    await eventually(lambda: api.sources.hub.channels == 0)
    async with asyncio.timeout(20):
        while await redis.client_list(_type="pubsub"):
            pass


async def test_a_subscriber_who_leaves_does_not_take_the_channel_from_another(
    api: Api, world: World
) -> None:
    async with live(api, world.alice) as socket:
        async with live(api, world.alice) as other:
            await other.send(id="1", type="complete")
        await store(world, world.alice.facility, 1)

        assert await kwh_of(socket, 1) == [0.001]
    await eventually(lambda: api.sources.hub.channels == 0)


async def test_a_refused_subscription_leaves_no_channel_behind(api: Api, world: World) -> None:
    async with subscribed(api, world.alice, "no cursor") as socket:
        assert (await error_of(socket))["code"] == "BAD_INPUT"

        await eventually(lambda: api.sources.hub.channels == 0)
