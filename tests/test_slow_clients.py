"""Clients that never read, beside others that do: who reads gets everything, the rest costs little."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
import pytest

from datasources.embedded import Addresses
from tests.api import eventually
from tests.command_line import CommandLine
from tests.raw_socket import RawSocket
from tests.serving import Served
from tests.stream import store
from tests.world import Person, World

STUCK = 40
READERS = 10
READINGS = 1500
AT_ONCE = 100
ALLOWED_BYTES = 30 << 20
"By which a process may grow; with a queue for each who does not read it grows by far more."
_SECONDS = 40.0
_RECEIVE_BUFFER = 4096
# Every event has the reading many times over, so that few of them fill a socket.
EVENT = "{ facilityId startAt endAt direction kwh quality revision receivedAt }"
SUBSCRIPTION = (
    "subscription ($ids: [ID!]!) { readings(facilityIds: $ids) { reading { kwh } "
    + " ".join(f"again{number}: reading {EVENT}" for number in range(14))
    + " } }"
)


@pytest.fixture
def patience() -> str:
    """After how many seconds a socket that is not read from is closed."""
    return "600"


@pytest.fixture
async def served(
    servers: Addresses, world: World, tmp_path: Path, patience: str
) -> AsyncIterator[Served]:
    command_line = CommandLine.on(servers, world.sources.mongo.name)
    settings = {"KENSHIN_HEARTBEAT_SECONDS": "600", "KENSHIN_SLOW_SOCKET_SECONDS": patience}
    served = Served(command_line, tmp_path / "serve.log", **settings)
    try:
        await asyncio.to_thread(served.wait_until_ready)
        yield served
    finally:
        served.kill()


async def subscribed(served: Served, person: Person, receive_buffer: int | None) -> RawSocket:
    """A subscription that has begun."""
    socket = await RawSocket.opened(served.port, receive_buffer)
    socket.send(type="connection_init", payload={"authorization": f"Bearer {person.token}"})
    assert (await socket.receive())["type"] == "connection_ack"
    variables = {"ids": person.facility_ids}
    socket.send(type="subscribe", id="1", payload={"query": SUBSCRIPTION, "variables": variables})
    assert (await socket.receive())["payload"]["data"]["readings"]["reading"] is None
    return socket


class Reader:
    """Reads as fast as it can."""

    def __init__(self, socket: RawSocket) -> None:
        self.socket = socket
        self.heard: list[float] = []

    async def run(self) -> None:
        while len(self.heard) < READINGS:
            await self.hear()

    async def hear(self) -> None:
        """Take the next message; it may be a heartbeat, after the reader was behind for a moment."""
        message = await self.socket.receive()
        event = message["payload"]["data"]["readings"]
        if event["reading"] is not None:
            self.heard.append(event["reading"]["kwh"])


@asynccontextmanager
async def burst(served: Served, world: World) -> AsyncIterator[Sequence[Reader]]:
    """Readers who have heard everything, beside clients that have read nothing of it."""
    async with AsyncExitStack() as stack:
        for _ in range(STUCK):
            socket = await subscribed(served, world.alice, _RECEIVE_BUFFER)
            stack.callback(socket.abort)
        readers = [Reader(await subscribed(served, world.alice, None)) for _ in range(READERS)]
        for reader in readers:
            stack.callback(reader.socket.abort)
        assert connections(served) == STUCK + READERS
        async with asyncio.timeout(_SECONDS), asyncio.TaskGroup() as reading:
            for reader in readers:
                reading.create_task(reader.run())
            for first in range(0, READINGS, AT_ONCE):
                wh = range(first + 1, first + AT_ONCE + 1)
                await store(world, world.alice.facility, *wh, half=first)
        yield readers


def connections(served: Served) -> int:
    """Sockets that the server holds open, as far as its clients are concerned."""
    return sum(
        connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port == served.port
        for connection in psutil.Process(served.pid).net_connections("tcp")
    )


def memory(served: Served) -> int:
    rss: int = psutil.Process(served.pid).memory_info().rss
    return rss


async def test_who_reads_gets_everything_and_who_does_not_takes_little_memory(
    served: Served, world: World
) -> None:
    before = memory(served)
    async with burst(served, world) as readers:
        grown = memory(served) - before

        assert connections(served) == STUCK + READERS
    everything = [wh / 1000 for wh in range(1, READINGS + 1)]
    assert all(reader.heard == everything for reader in readers)
    queued = STUCK * readers[0].socket.received
    assert grown < ALLOWED_BYTES < queued / 3


@pytest.mark.parametrize("patience", ["1"])
async def test_who_does_not_read_is_cut_off_and_who_reads_stays(
    served: Served, world: World
) -> None:
    async with burst(served, world) as readers:
        await eventually(lambda: connections(served) == READERS, _SECONDS)
        await store(world, world.alice.facility, 7, half=READINGS)

        for reader in readers:
            async with asyncio.timeout(_SECONDS):
                while len(reader.heard) == READINGS:
                    await reader.hear()
            assert reader.heard[-1] == 0.007
