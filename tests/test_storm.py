"""Two thousand subscribers come and go, in every way: nothing stays of them."""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Coroutine
from itertools import cycle, islice

import pytest

from tests.api import Api, eventually
from tests.raw_socket import RawSocket
from tests.stream import READINGS
from tests.world import World

STORM = 2000
AT_ONCE = 25
_SECONDS = 20.0
Visit = Callable[[Api, World], Coroutine[None, None, None]]


async def opened(api: Api, world: World) -> RawSocket:
    """A connection on which an operation was asked for."""
    socket = await RawSocket.opened(api.port)
    socket.send(type="connection_init", payload={"authorization": f"Bearer {world.alice.token}"})
    assert (await socket.receive())["type"] == "connection_ack"
    payload = {"query": READINGS, "variables": {"ids": world.alice.facility_ids}}
    socket.send(type="subscribe", id="1", payload=payload)
    return socket


async def leave_politely(api: Api, world: World) -> None:
    socket = await opened(api, world)
    assert (await socket.receive())["type"] == "next"
    socket.send(type="complete", id="1")
    await socket.close()


async def close_while_subscribed(api: Api, world: World) -> None:
    socket = await opened(api, world)
    await socket.receive()
    await socket.close()


async def be_cut_while_subscribed(api: Api, world: World) -> None:
    socket = await opened(api, world)
    await socket.receive()
    socket.abort()


async def be_cut_while_subscribing(api: Api, world: World) -> None:
    (await opened(api, world)).abort()


async def be_cut_before_connection_init(api: Api, world: World) -> None:
    (await RawSocket.opened(api.port)).abort()


VISITS: list[Visit] = [
    leave_politely,
    close_while_subscribed,
    be_cut_while_subscribed,
    be_cut_while_subscribing,
    be_cut_before_connection_init,
]


async def visits(api: Api, world: World, count: int) -> None:
    """So many visits, some at once; afterwards no channel and no task of theirs is left."""
    before = asyncio.all_tasks()
    upcoming = islice(cycle(VISITS), count)

    async def visit() -> None:
        for way in upcoming:
            await way(api, world)

    async with asyncio.TaskGroup() as visitors:
        for _ in range(AT_ONCE):
            visitors.create_task(visit())
    await eventually(lambda: nobody_is_there(api, before), _SECONDS)


def nobody_is_there(api: Api, before: set[asyncio.Task[object]]) -> bool:
    return api.sources.hub.channels == 0 and asyncio.all_tasks() <= before


def kinds_of_objects() -> Counter[str]:
    gc.collect()
    kinds = map(type, gc.get_objects())
    return Counter(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)


def grown(before: Counter[str], by: int) -> dict[str, int]:
    """Kinds of objects of which there are so many more than before."""
    return {kind: count for kind, count in (kinds_of_objects() - before).items() if count >= by}


async def test_nothing_stays_of_subscribers_who_left(api: Api, world: World) -> None:
    await visits(api, world, 100)  # fills what is made once
    before = kinds_of_objects()

    await visits(api, world, STORM)

    assert grown(before, STORM // 20) == {}


@pytest.mark.parametrize("staying", [10])
async def test_the_count_sees_those_who_stay(api: Api, world: World, staying: int) -> None:
    await visits(api, world, 100)
    tasks, before = asyncio.all_tasks(), kinds_of_objects()
    sockets = [await opened(api, world) for _ in range(staying)]
    for socket in sockets:
        await socket.receive()

    assert not nobody_is_there(api, tasks)
    assert grown(before, staying)["tests.raw_socket.RawSocket"] == staying
    for socket in sockets:
        await socket.close()
