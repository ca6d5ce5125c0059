"""Whose a connection is: sessions that end, and logging in and out over the socket itself."""

from dataclasses import replace

import pytest

from domain.settings import Settings
from tests.api import Api
from tests.stream import live, store
from tests.test_live_faults import LOG_OUT
from tests.test_socket import LOG_IN, PORTAL, VIEWER, answer, closing_of
from tests.world import PASSWORD, World


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No heartbeat comes between what is said."""
    return replace(settings, heartbeat_seconds=60.0)


async def test_a_session_that_ended_ends_its_subscriptions_and_then_the_connection(
    api: Api, world: World
) -> None:
    async with live(api, world.alice) as socket:
        await api.data(LOG_OUT, world.alice.token)
        await store(world, world.alice.facility, 1)

        assert await socket.error_code() == "UNAUTHENTICATED"
        assert await socket.receive() == {"id": "1", "type": "complete"}
        assert await closing_of(socket.connection) == (
            4403,
            "the session has ended: log in again",
        )


async def test_who_logs_out_over_the_socket_goes_on_as_nobody(api: Api, world: World) -> None:
    async with live(api, world.alice) as socket:
        assert await answer(socket, LOG_OUT, "2") == {"data": {"logOut": {"userErrors": []}}}
        assert (await socket.receive())["payload"]["errors"][0]["extensions"] == {
            "code": "UNAUTHENTICATED"
        }
        assert await socket.receive() == {"id": "1", "type": "complete"}

        assert await answer(socket, VIEWER) == {"data": {"viewer": None}}
        await store(world, world.alice.facility, 1)
        assert (await answer(socket, PORTAL))["data"]["portal"] is not None


async def test_who_logs_in_anew_over_the_socket_keeps_what_is_subscribed(
    api: Api, world: World
) -> None:
    given = {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": PASSWORD}
    async with live(api, world.alice) as socket:
        await answer(socket, LOG_IN, "2", input=given)
        await api.data(LOG_OUT, world.alice.token)
        await store(world, world.alice.facility, 1)

        assert (await socket.reading())["reading"]["kwh"] == 0.001


async def test_who_logs_in_as_somebody_else_loses_what_was_subscribed(
    api: Api, world: World
) -> None:
    given = {"portal": "denki-jtb", "loginId": "bob@example.jp", "password": PASSWORD}
    async with live(api, world.alice) as socket:
        await answer(socket, LOG_IN, "2", input=given)

        assert await socket.error_code() == "UNAUTHENTICATED"
        assert await socket.receive() == {"id": "1", "type": "complete"}
        assert (await answer(socket, VIEWER))["data"] == {"viewer": {"loginId": "bob@example.jp"}}
