"""Limits of connections: of a member, of an address; and what is logged of all of them."""

from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from domain.settings import Settings
from schema import socket as sockets
from tests.api import Api, Socket, eventually
from tests.stream import live, store
from tests.test_socket import closing_of
from tests.world import Person, World


@pytest.fixture
def limits() -> dict[str, int]:
    return {}


@pytest.fixture
def settings(
    settings: Settings, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr(sockets, "REPORT_SECONDS", 0.01)
    return replace(settings, heartbeat_seconds=60.0, **limits)  # type: ignore[arg-type] # they are


async def end_of_one_more(api: Api, person: Person) -> tuple[int, str]:
    async with api.raw_socket() as connection:
        payload = {"authorization": f"Bearer {person.token}"}
        await Socket(connection).send(type="connection_init", payload=payload)
        return await closing_of(connection)


@pytest.mark.parametrize("limits", [{"max_sockets_per_member": 2}])
async def test_a_member_has_no_more_connections_than_allowed(api: Api, world: World) -> None:
    async with api.socket(world.alice.token) as first, api.socket(world.alice.token):
        assert await end_of_one_more(api, world.alice) == (
            1013,
            "at most 2 connections of a member at once",
        )
        async with api.socket(world.bob.token), api.socket() as nobody:
            assert nobody.acknowledgement["type"] == "connection_ack"
        await first.connection.close()
        async with api.socket(world.alice.token) as third:
            assert third.acknowledgement["type"] == "connection_ack"


@pytest.mark.parametrize("limits", [{"max_sockets_per_address": 2}])
async def test_an_address_has_no_more_connections_than_allowed(api: Api, world: World) -> None:
    async with api.socket(), api.socket(world.alice.token) as second:
        async with api.raw_socket() as third:
            assert await closing_of(third) == (1013, "at most 2 connections of an address at once")
        await second.connection.close()
        async with api.socket(world.bob.token) as fourth:
            assert fourth.acknowledgement["type"] == "connection_ack"


@pytest.mark.parametrize("limits", [{"max_sockets_per_address": 1}])
@pytest.mark.parametrize(
    ("one", "same", "another"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"),  # a home has a /64
    ],
)
async def test_behind_a_proxy_the_address_is_the_clients(
    api: Api, one: str, same: str, another: str
) -> None:
    async with api.raw_socket(x_forwarded_for=one) as first:
        async with api.raw_socket(x_forwarded_for=another) as other:
            await Socket(other).send(type="connection_init")
            assert "connection_ack" in str(await other.recv())
        async with api.raw_socket(x_forwarded_for=same) as second:
            assert await closing_of(second) == (1013, "at most 1 connections of an address at once")
        await first.close()


@pytest.mark.parametrize("limits", [{"max_sockets_per_address": 0, "max_sockets_per_member": 0}])
async def test_without_limits_there_are_none(api: Api, world: World) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(5):
            socket = await stack.enter_async_context(api.socket(world.alice.token))
            assert socket.acknowledgement["type"] == "connection_ack"


async def test_what_sockets_do_is_logged_when_it_changed(api: Api, world: World) -> None:
    with capture_logs() as logs:

        def seen() -> list[dict[str, int]]:
            return [
                {key: value for key, value in log.items() if isinstance(value, int)}
                for log in logs
                if log["event"] == "sockets"
            ]

        async with live(api, world.alice) as socket:
            await store(world, world.alice.facility, 1)
            await socket.reading()
            await eventually(lambda: seen() and seen()[-1]["frames"] == 2)
            assert seen()[-1] == {
                "sockets": 1,
                "operations": 1,
                "groups": 1,
                "waiting": 0,
                "frames": 2,
                "paused": 0,
                "killed": 0,
                "refused": 0,
                "streams": 1,
                "channels": 1,
            }
        await eventually(lambda: seen()[-1]["channels"] == 0)
        reports = seen()
    assert reports[-1] | {"frames": 0} == dict.fromkeys(reports[-1], 0)
    assert all(one != other for one, other in pairwise(reports))
