"""Clients that others wrote come back by themselves with their last cursor when the server restarts."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport

from datasources.embedded import Addresses
from tests.api import eventually
from tests.command_line import CommandLine
from tests.node import printed, running
from tests.serving import Served
from tests.stream import store
from tests.world import Person, World

_SECONDS = 30.0
_RETRY_SECONDS = 0.1
SUBSCRIPTION = """subscription Live($ids: [ID!]!, $after: String) {
    readings(facilityIds: $ids, after: $after) {
        reading { facilityId direction startAt kwh revision } cursor } }"""


@dataclass
class Application:
    """What a library has told the application that uses it."""

    name: str
    heard: list[float] = field(default_factory=list)
    "kWh of the readings."
    heartbeats: int = 0
    closed: list[int] = field(default_factory=list)
    "Close codes, as far as the library tells them."

    def note(self, event: dict[str, Any]) -> None:
        if event["reading"] is None:
            self.heartbeats += 1
        else:
            self.heard.append(event["reading"]["kwh"])


@pytest.fixture
async def served(servers: Addresses, world: World, tmp_path: Path) -> AsyncIterator[Served]:
    """A process that serves the same database as the API of this one, where readings are stored."""
    command_line = CommandLine.on(servers, world.sources.mongo.name)
    served = Served(
        command_line,
        tmp_path / "serve.log",
        KENSHIN_HEARTBEAT_SECONDS="0.3",
        KENSHIN_DRAIN_SECONDS="1",
    )
    try:
        await asyncio.to_thread(served.wait_until_ready)
        yield served
    finally:
        served.kill()


async def use_javascript(
    application: Application, node: tuple[str, ...], port: int, person: Person
) -> None:
    variables = json.dumps({"ids": person.facility_ids})
    url = f"ws://127.0.0.1:{port}/graphql"
    arguments = (application.name, url, person.token, SUBSCRIPTION, variables)
    async with (
        running(node, "follow.mjs", *arguments) as process,
        aclosing(printed(process)) as lines,
    ):
        async for line in lines:
            if "event" in line:
                application.note(line["event"])
            else:
                application.closed.append(line["closed"])


async def use_gql(application: Application, port: int, person: Person) -> None:
    cursor = None
    while True:
        transport = WebsocketsTransport(
            f"ws://127.0.0.1:{port}/graphql",
            init_payload={"authorization": f"Bearer {person.token}"},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        variables = {"ids": person.facility_ids, "after": cursor}
        request = GraphQLRequest(SUBSCRIPTION, variable_values=variables)
        with suppress(TransportError, OSError):
            async with (
                Client(transport=transport) as session,
                aclosing(session.subscribe(request)) as events,
            ):
                async for event in events:
                    cursor = event["readings"]["cursor"]
                    application.note(event["readings"])
        await asyncio.sleep(_RETRY_SECONDS)


@asynccontextmanager
async def in_use(*uses: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(use) for use in uses]
        yield
        for task in started:
            task.cancel()


@pytest.mark.parametrize(("end", "code"), [(Served.drain, 1012), (Served.kill, 1006)])
async def test_libraries_survive_a_restart_of_the_server_and_miss_nothing(
    end: Callable[[Served], None], code: int, served: Served, node: tuple[str, ...], world: World
) -> None:
    alice, port = world.alice, served.port
    javascript = [Application(name) for name in ("graphql-ws", "apollo", "forgetful")]
    gql = Application("gql")
    applications = [*javascript, gql]
    async with in_use(
        *(use_javascript(each, node, port, alice) for each in javascript),
        use_gql(gql, port, alice),
    ):
        await all_of(applications, lambda each: each.heartbeats > 0)
        await store(world, alice.facility, 1)
        await all_of(applications, lambda each: each.heard == [0.001])

        await asyncio.to_thread(end, served)
        await all_of(javascript, lambda each: each.closed)
        await store(world, alice.facility, 2, 3, half=1)
        beats = {each.name: each.heartbeats for each in applications}
        served.start()
        await all_of(applications, lambda each: each.heartbeats > beats[each.name])
        await store(world, alice.facility, 4, half=3)
        await all_of(applications, lambda each: each.heard[-1] == 0.004)

    assert {each.name: each.heard for each in applications} == {
        "graphql-ws": [0.001, 0.002, 0.003, 0.004],
        "apollo": [0.001, 0.002, 0.003, 0.004],
        "gql": [0.001, 0.002, 0.003, 0.004],
        "forgetful": [0.001, 0.004],
    }
    assert [each.closed[0] for each in javascript] == [code] * 3


async def all_of(applications: list[Application], condition: Any) -> None:
    await eventually(lambda: all(map(condition, applications)), _SECONDS)
