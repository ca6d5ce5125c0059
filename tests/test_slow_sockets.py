"""Peers that do not read for a while: nothing is kept for them, nothing is lost to them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from domain.settings import Settings
from schema import connection, service
from schema.counts import Counts
from tests.api import Api, eventually
from tests.known_usage import tokyo
from tests.raw_socket import RawSocket
from tests.stream import kwh_of, live, store
from tests.world import Person, World

BUFFER = 4096
EVENT = "facilityId startAt endAt direction kwh quality revision receivedAt"
WIDE = (
    "subscription ($ids: [ID!]!, $after: String) { readings(facilityIds: $ids, after: $after) { "
    f"state reading {{ kwh }} {' '.join(f'a{n}: reading {{ {EVENT} }}' for n in range(20))} }} }}"
)
"Few of its events fill a socket."
SEVERAL = 80


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """Those of the API."""
    counts = Counts()
    monkeypatch.setattr(service, "Counts", lambda: counts)
    return counts


@pytest.fixture
def patience() -> float:
    """Seconds after which a peer that does not read is cut off."""
    return 600.0


@pytest.fixture
def settings(settings: Settings, counts: Counts, patience: float) -> Settings:
    return replace(
        settings,
        heartbeat_seconds=600.0,
        slow_socket_seconds=patience,
        max_aliases=400,  # so that an event fills a buffer
    )


@asynccontextmanager
async def slow(api: Api, person: Person, query: str, **variables: Any) -> AsyncIterator[RawSocket]:
    """A socket with small buffers, and a subscription that has begun."""
    socket = await RawSocket.opened(api.port, BUFFER)
    try:
        socket.send(type="connection_init", payload={"authorization": f"Bearer {person.token}"})
        assert (await socket.receive())["type"] == "connection_ack"
        payload = {"query": query, "variables": variables}
        socket.send(type="subscribe", id="1", payload=payload)
        yield socket
    finally:
        socket.abort()


async def events(socket: RawSocket, count: int) -> list[dict[str, Any]]:
    """Events with a reading, until there are so many."""
    heard: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while len(heard) < count:
            event = (await socket.receive())["payload"]["data"]["readings"]
            if event["reading"] is not None:
                heard.append(event)
    return heard


async def close_code(socket: RawSocket) -> int:
    """Code with which the server closes, whatever it says before."""
    async with asyncio.timeout(20):
        while (head := await socket._reader.readexactly(4))[0] == 0x81:
            await socket._reader.readexactly(int.from_bytes(head[2:], "big"))
    return int.from_bytes(head[2:], "big")


def kwh(heard: Sequence[dict[str, Any]]) -> list[float]:
    return [event["reading"]["kwh"] for event in heard]


async def test_who_reads_late_gets_everything_once_and_in_order(
    api: Api, world: World, counts: Counts
) -> None:
    async with (
        live(api, world.bob),
        slow(api, world.alice, WIDE, ids=world.alice.facility_ids) as socket,
    ):
        await socket.receive()
        async with live(api, world.alice) as reader:
            for half in range(SEVERAL):
                await store(world, world.alice.facility, half + 1, half=half)
            assert await kwh_of(reader, SEVERAL) == [half / 1000 for half in range(1, SEVERAL + 1)]
        assert counts.paused == 1

        heard = await events(socket, SEVERAL)

        assert kwh(heard) == [half / 1000 for half in range(1, SEVERAL + 1)]
        assert [event["state"] for event in heard[:2] + heard[-2:]] == [
            "LIVE",
            "LIVE",
            "CATCHING_UP",
            "CATCHING_UP",
        ]
        await store(world, world.alice.facility, 7, half=SEVERAL)
        assert [event["state"] for event in await events(socket, 1)] == ["LIVE"]


async def test_who_reads_the_past_slowly_gets_all_of_it(
    api: Api, world: World, counts: Counts
) -> None:
    async with live(api, world.alice) as reader:
        await store(world, world.alice.facility, 1)
        cursor = (await reader.reading())["cursor"]
    wh = range(1, 3 * SEVERAL)
    await store(world, world.alice.facility, *wh, half=1)

    variables = {"ids": world.alice.facility_ids, "after": cursor}
    async with slow(api, world.alice, WIDE, **variables) as socket:
        await eventually(lambda: counts.paused == 1)
        written = counts.frames
        await store(world, world.alice.facility, 7, half=len(wh) + 1)
        assert counts.frames == written

        assert kwh(await events(socket, len(wh) + 1)) == [*(each / 1000 for each in wh), 0.007]


async def test_where_the_newest_says_all_who_reads_late_gets_only_that(
    api: Api, world: World, counts: Counts
) -> None:
    fields = "kwh " + " ".join(f"a{number}: startAt" for number in range(400))
    query = f"subscription ($id: ID!) {{ usageToday(facilityId: $id) {{ {fields} }} }}"
    async with slow(api, world.alice, query, id=world.alice.facility_id) as socket:
        await socket.receive()
        async with api.socket(world.alice.token) as reader:
            await reader.subscribe("1", query, id=world.alice.facility_id)
            await reader.event("usageToday")
            for half in range(24):
                at = tokyo(2040, 6, 15, half // 2, 30 * (half % 2))
                await world.reading(world.alice.facility, at, 1000)
                assert (await reader.event("usageToday"))["kwh"] == half + 1
        assert counts.paused == 1

        heard = [0.0]
        while heard[-1] < 24:
            heard.append((await socket.receive())["payload"]["data"]["usageToday"]["kwh"])

        assert heard == sorted(heard)
        assert 3 <= len(heard) < 20


@pytest.mark.parametrize("patience", [0.05])
async def test_a_peer_that_does_not_read_in_time_is_told_to_try_again(
    api: Api, world: World, counts: Counts
) -> None:
    async with slow(api, world.alice, WIDE, ids=world.alice.facility_ids) as socket:
        await socket.receive()
        await store(world, world.alice.facility, *range(1, SEVERAL))
        await eventually(lambda: counts.killed == 1)

        assert await close_code(socket) == 1013
    await eventually(lambda: counts.sockets == 0)


@pytest.mark.parametrize("patience", [0.05])
async def test_a_peer_that_reads_no_more_is_cut_off(
    api: Api, world: World, counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_SLOW_CLOSING_SECONDS", 0.0)
    async with (
        live(api, world.bob) as other,
        slow(api, world.alice, WIDE, ids=world.alice.facility_ids) as socket,
    ):
        await socket.receive()
        await store(world, world.alice.facility, *range(1, SEVERAL))
        await eventually(lambda: counts.sockets == 1)
        await store(world, world.bob.facility, 5)
        assert await kwh_of(other, 1) == [0.005]
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await events(socket, SEVERAL)
    assert counts.killed == 1
