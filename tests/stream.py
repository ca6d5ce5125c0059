"""A subscriber of readings, and what is stored for it to hear."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from domain.facilities import Facility
from tests.api import Api, Socket
from tests.known_usage import HALF_HOUR, slots_of
from tests.meters import START
from tests.world import Person, World

READINGS = """
subscription ($ids: [ID!]!, $after: String) {
  readings(facilityIds: $ids, after: $after) {
    reading { facilityId startAt endAt direction kwh quality revision receivedAt }
    cursor state lastReceivedAt
  }
}
"""
CURSOR = """
query ($id: ID!) {
  facility(id: $id) {
    usage(from: "2040-06-15T00:00:00+09:00", to: "2040-06-16T00:00:00+09:00") { cursor }
  }
}
"""


@asynccontextmanager
async def subscribed(
    api: Api, person: Person, after: str | None = None, ids: Sequence[str] = ()
) -> AsyncIterator[Socket]:
    """A subscription of somebody's facilities that has begun."""
    async with api.socket(person.token) as socket:
        given = {"ids": ids or person.facility_ids, "after": after}
        await socket.subscribe("1", READINGS, **given)
        yield socket


@asynccontextmanager
async def live(api: Api, person: Person) -> AsyncIterator[Socket]:
    """A subscription that has said how things stand: all that comes is news."""
    async with subscribed(api, person) as socket:
        assert (await socket.event())["reading"] is None
        yield socket


async def cursor_of(api: Api, person: Person) -> str:
    data = await api.data(CURSOR, person.token, id=person.facility_id)
    cursor: str = data["facility"]["usage"]["cursor"]
    return cursor


async def kwh_of(socket: Socket, count: int) -> list[float]:
    return [reading["kwh"] for reading in await socket.readings(count)]


async def store(world: World, facility: Facility, *wh: int, half: int = 0) -> None:
    """Store half hours from the given one since START."""
    first = START + half * HALF_HOUR
    slots = slots_of(first, first + len(wh) * HALF_HOUR)
    await world.store(facility, slots, np.array(wh, np.int32))


async def error_of(socket: Socket) -> dict[str, Any]:
    """Error that ends the operation, whether it had begun or not; events are passed over."""
    while (message := await socket.receive())["type"] == "next":
        if errors := message["payload"].get("errors"):
            break
    else:
        errors = message["payload"]
    (error,) = errors
    return {"code": error["extensions"]["code"], "message": error["message"]}
