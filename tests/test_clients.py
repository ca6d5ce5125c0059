"""Clients that others wrote: Python's gql and JavaScript's graphql-ws understand what is served."""

import asyncio
import json
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY
from tests.api import NOW, Api
from tests.node import printed, running
from tests.world import World

_EVENT_SECONDS = 20

QUERY = """query Usage($id: ID!, $from: DateTime!, $to: DateTime!) {
    facility(id: $id) { name usage(from: $from, to: $to, resolution: DAY) {
        totalKwh points { startAt kwh quality } } } }"""
SUBSCRIPTION = """subscription Live($ids: [ID!]!) {
    readings(facilityIds: $ids) { state reading { facilityId startAt kwh quality revision } } }"""


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def websockets_transport(api: Api, token: str) -> WebsocketsTransport:
    return WebsocketsTransport(
        f"ws://127.0.0.1:{api.port}/graphql",
        init_payload=bearer(token),
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )


def expected_reading(world: World, kwh: float, revision: int) -> dict[str, Any]:
    return {
        "facilityId": world.alice.facility_id,
        "startAt": "2040-06-15T12:00:00+09:00",
        "kwh": kwh,
        "quality": "PROVISIONAL",
        "revision": revision,
    }


@pytest.mark.parametrize("transport_class", [AIOHTTPTransport, HTTPXAsyncTransport])
async def test_gql_asks_a_query_over_http(
    transport_class: type[AIOHTTPTransport | HTTPXAsyncTransport], api: Api, world: World
) -> None:
    start = NOW.date() - timedelta(days=2)
    wh = await world.use(world.alice.facility, start, 2)
    url = f"http://127.0.0.1:{api.port}/graphql"
    transport = transport_class(url=url, headers=bearer(world.alice.token))

    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        data = await session.execute(query_of(world))

    days = wh.reshape(-1, SLOTS_PER_DAY).sum(axis=1).tolist()
    assert data == {
        "facility": {
            "name": world.alice.facility.name,
            "usage": {
                "totalKwh": sum(days) / 1000,
                "points": [
                    {
                        "startAt": f"{start + timedelta(days=day)}T00:00:00+09:00",
                        "kwh": wh / 1000,
                        "quality": "SETTLED",
                    }
                    for day, wh in enumerate(days)
                ],
            },
        }
    }


def query_of(world: World) -> GraphQLRequest:
    bounds = {"from": "2040-06-13T00:00:00+09:00", "to": "2040-06-15T00:00:00+09:00"}
    return GraphQLRequest(QUERY, variable_values={"id": world.alice.facility_id, **bounds})


async def test_gql_sees_the_code_of_an_error(api: Api, world: World) -> None:
    url = f"http://127.0.0.1:{api.port}/graphql"
    transport = AIOHTTPTransport(url=url, headers=bearer(world.bob.token))

    async with Client(transport=transport) as session:
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(query_of(world))

    assert refused.value.errors is not None
    (error,) = refused.value.errors
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert refused.value.data == {"facility": None}


async def test_gql_subscribes_over_websocket_and_asks_on_the_same_connection(
    api: Api, world: World
) -> None:
    facility = world.alice.facility
    request = GraphQLRequest(SUBSCRIPTION, variable_values={"ids": [world.alice.facility_id]})
    async with (
        Client(transport=websockets_transport(api, world.alice.token)) as session,
        asyncio.timeout(_EVENT_SECONDS),
        aclosing(session.subscribe(request)) as events,
    ):
        heartbeat = await anext(events)
        assert heartbeat["readings"]["reading"] is None
        received = []
        for wh in (250, 400):
            await world.reading(facility, NOW, wh, quality=Quality.PROVISIONAL)
            received.append(await next_reading(events))
        viewer = await session.execute(GraphQLRequest("{ viewer { loginId } }"))

    assert received == [expected_reading(world, 0.25, 0), expected_reading(world, 0.4, 1)]
    assert viewer == {"viewer": {"loginId": "alice@example.jp"}}


async def next_reading(events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    """Next reading; heartbeats are passed over."""
    while (reading := (await anext(events))["readings"]["reading"]) is None:
        pass
    found: dict[str, Any] = reading
    return found


@asynccontextmanager
async def graphql_ws(
    node: tuple[str, ...], api: Api, token: str, ids: list[str]
) -> AsyncIterator[Process]:
    """graphql-ws as it subscribes in a process of its own."""
    url = f"ws://127.0.0.1:{api.port}/graphql"
    arguments = (url, token, SUBSCRIPTION, json.dumps({"ids": ids}))
    async with running(node, "subscribe.mjs", *arguments) as process:
        async with asyncio.timeout(_EVENT_SECONDS):
            yield process


async def data_of(process: Process) -> AsyncGenerator[dict[str, Any]]:
    async with aclosing(printed(process)) as events:
        async for event in events:
            assert event.keys() == {"data"}, event
            yield event["data"]


async def test_graphql_ws_subscribes(node: tuple[str, ...], api: Api, world: World) -> None:
    facility = world.alice.facility
    async with (
        graphql_ws(node, api, world.alice.token, [world.alice.facility_id]) as process,
        aclosing(data_of(process)) as events,
    ):
        heartbeat = await anext(events)
        assert heartbeat["readings"]["reading"] is None
        received = []
        for wh in (250, 400):
            await world.reading(facility, NOW, wh, quality=Quality.PROVISIONAL)
            received.append(await next_reading(events))

    assert received == [expected_reading(world, 0.25, 0), expected_reading(world, 0.4, 1)]


async def test_graphql_ws_ends_with_the_close_code_of_a_refused_session(
    node: tuple[str, ...], api: Api, world: World
) -> None:
    async with graphql_ws(node, api, "nobody's", [world.alice.facility_id]) as process:
        out, err = await process.communicate()

    assert process.returncode == 1
    assert out == b""
    assert b"4403" in err


async def test_graphql_ws_receives_the_code_of_an_error(
    node: tuple[str, ...], api: Api, world: World
) -> None:
    async with graphql_ws(node, api, world.bob.token, [world.alice.facility_id]) as process:
        out, _ = await process.communicate()

    assert [json.loads(line)["errors"][0]["extensions"]["code"] for line in out.splitlines()] == [
        "NOT_FOUND"
    ]
