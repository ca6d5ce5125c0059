"""The end of a server: nobody new, sockets closed little by little, what is under way finished."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime

import httpx
import pytest

from datasources.sessions import SessionStore
from domain.members import Session
from domain.settings import Settings
from schema import drain
from schema.wire import SocketProtocol
from tests.api import Api, Socket, eventually
from tests.stream import READINGS
from tests.test_socket import closing_of
from tests.world import World

VIEWER = "{ viewer { loginId } }"
ALICE = {"viewer": {"loginId": "alice@example.jp"}}
Asked = Sequence[tuple[str, datetime]]
Lookup = Callable[[SessionStore, Asked], Awaitable[list[Session | None]]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, drain_seconds=5)


@dataclass
class Gate:
    """Holds up whoever looks for a session while it is shut."""

    asked: asyncio.Event
    opened: asyncio.Event

    def shut(self) -> None:
        self.asked.clear()
        self.opened.clear()


@pytest.fixture
async def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate(asyncio.Event(), asyncio.Event())
    gate.opened.set()

    def held(read: Lookup) -> Lookup:
        async def wait(store: SessionStore, keys: Asked) -> list[Session | None]:
            gate.asked.set()
            async with asyncio.timeout(20):
                await gate.opened.wait()
            return await read(store, keys)

        return wait

    for name in ("by_ids", "by_access_tokens"):
        monkeypatch.setattr(SessionStore, name, held(getattr(SessionStore, name)))
    return gate


async def test_sockets_are_closed_a_few_at_a_time_with_a_code_that_clients_come_back_after(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "_LEAST_AT_ONCE", 5)
    monkeypatch.setattr(drain, "_PAUSE_SECONDS", 0.01)
    closed: list[int] = [0]
    shutdown, uniform = SocketProtocol.shutdown, random.uniform

    def counting(door: SocketProtocol) -> None:
        closed[-1] += 1
        shutdown(door)

    def pausing(low: float, high: float) -> float:
        closed.append(0)
        return uniform(low, high)

    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(api.socket(world.alice.token)) for _ in range(12)
        ]
        for socket in sockets:
            await socket.subscribe("1", READINGS, ids=world.alice.facility_ids)
            await socket.event()
        with monkeypatch.context() as patched:
            patched.setattr(SocketProtocol, "shutdown", counting)
            patched.setattr(random, "uniform", pausing)
            api.server.told_to_exit.set()
            endings = [await closing_of(socket.connection) for socket in sockets]

    assert set(endings) == {(1012, "the server restarts")}
    assert closed[:2] == [5, 5]
    assert closed[2] >= 2
    await eventually(lambda: api.sources.hub.channels == 0)


async def test_a_server_that_ends_takes_nobody_new(api: Api, world: World) -> None:
    async with api.socket() as socket:
        api.server.told_to_exit.set()
        await closing_of(socket.connection)

        with pytest.raises(OSError, match="Connect call failed"):
            async with api.raw_socket():
                pass
        with pytest.raises(httpx.ConnectError):
            await api.ask(VIEWER)


async def test_an_answer_that_is_awaited_is_given_before_the_socket_is_closed(
    api: Api, world: World, gate: Gate
) -> None:
    async with api.socket(world.alice.token) as socket:
        gate.shut()
        await socket.subscribe("1", VIEWER)
        await gate.asked.wait()
        api.server.told_to_exit.set()
        await eventually(lambda: not any(one.is_serving() for one in api.server.servers))
        await socket.subscribe("2", VIEWER)  # too late: to be asked elsewhere
        gate.opened.set()

        assert (await socket.receive())["payload"]["data"] == ALICE
        assert await socket.receive() == {"id": "1", "type": "complete"}
        assert (await closing_of(socket.connection))[0] == 1012


async def test_a_socket_that_said_nothing_yet_is_closed_too(api: Api) -> None:
    async with api.raw_socket() as connection:
        await Socket(connection).send(type="ping")
        await connection.recv()
        api.server.told_to_exit.set()

        assert (await closing_of(connection))[0] == 1012


async def test_a_request_under_way_is_answered(api: Api, world: World, gate: Gate) -> None:
    gate.shut()
    async with api.socket() as socket:
        answering = asyncio.create_task(api.data(VIEWER, world.alice.token))
        await gate.asked.wait()
        api.server.told_to_exit.set()
        assert (await closing_of(socket.connection))[0] == 1012
        gate.opened.set()

        assert await answering == ALICE
