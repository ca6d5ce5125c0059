"""The graphql-transport-ws protocol: its messages, its close codes, and what errors look like."""

import asyncio
from contextlib import suppress
from datetime import date
from typing import Any

import orjson
import pytest
from pymongo.errors import AutoReconnect
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from datasources.sessions import SessionStore
from schema import connection as connections
from schema.scalars import tokyo_text
from tests.api import Api, Clock, Socket, eventually
from tests.stream import READINGS, live, store
from tests.world import PASSWORD, World

VIEWER = "{ viewer { loginId } }"
LOG_IN = """
mutation ($input: LogInInput!) { logIn(input: $input) { session { member { loginId } } } }
"""
PORTAL = '{ portal(key: "hepco") { name } }'
SERIES = """
query ($id: ID!) {
  facility(id: $id) {
    usage(from: "2040-03-01T00:00:00+09:00", to: "2040-06-09T00:00:00+09:00") {
      points { startAt kwh quality }
    }
  }
}
"""
INIT = '{"type": "connection_init"}'


async def closing_of(connection: ClientConnection) -> tuple[int, str]:
    """Code and reason with which the server closes, whatever it says before."""
    async with asyncio.timeout(20):
        with suppress(ConnectionClosed):
            async for _ in connection:
                pass
    assert connection.close_code is not None
    assert connection.close_reason is not None
    return connection.close_code, connection.close_reason


async def answer(socket: Socket, query: str, operation: str = "1", **variables: Any) -> Any:
    """Payload of an operation that gives one result and is complete; it says its cost."""
    await socket.subscribe(operation, query, **variables)
    message = await socket.receive()
    assert (message["id"], message["type"]) == (operation, "next"), message
    assert await socket.receive() == {"id": operation, "type": "complete"}
    assert message["payload"].pop("extensions")["cost"] > 0
    return message["payload"]


async def test_the_acknowledgement_says_when_the_session_ends_and_how_to_come_back(
    api: Api, world: World, clock: Clock
) -> None:
    opened = await api.sources.sessions.open(world.alice.member, "denki-jtb", clock.now)
    ends_at = tokyo_text(opened.session.ends_at)

    async with api.socket(opened.access_token) as socket:
        assert socket.acknowledgement == {
            "type": "connection_ack",
            "payload": {
                "sessionEndsAt": ends_at,
                "reconnect": {"minSeconds": 1, "maxSeconds": 10},
            },
        }


async def test_a_connection_needs_no_session_for_what_is_public(api: Api) -> None:
    async with api.socket() as socket:
        assert socket.acknowledgement["payload"]["sessionEndsAt"] is None
        assert await answer(socket, PORTAL) == {"data": {"portal": {"name": "Web請求サービス"}}}
        assert await answer(socket, VIEWER) == {"data": {"viewer": None}}


@pytest.mark.parametrize("authorization", ["Bearer wrong", "Bearer", "", "Basic YTpi", 5])
async def test_a_session_that_is_not_valid_closes_with_4403(
    api: Api, authorization: str | int
) -> None:
    async with api.raw_socket() as connection:
        payload = {"authorization": authorization}
        await connection.send(
            orjson.dumps({"type": "connection_init", "payload": payload}).decode()
        )

        assert await closing_of(connection) == (4403, "Forbidden")


async def test_a_session_that_has_ended_closes_with_4403(
    api: Api, world: World, clock: Clock
) -> None:
    clock.advance(minutes=60)
    async with api.raw_socket() as connection:
        payload = {"authorization": f"Bearer {world.alice.token}"}
        await connection.send(
            orjson.dumps({"type": "connection_init", "payload": payload}).decode()
        )

        assert await closing_of(connection) == (4403, "Forbidden")


SUBSCRIBE = '{"id": "1", "type": "subscribe", "payload": {"query": "{ viewer { loginId } }"}}'


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        pytest.param([SUBSCRIBE], 4401, id="subscribe before connection_init"),
        pytest.param([INIT, INIT], 4429, id="connection_init twice"),
        pytest.param(["{"], 4400, id="no JSON"),
        pytest.param([b"{}"], 4400, id="binary"),
        pytest.param(["{}"], 4400, id="no type"),
        pytest.param(['{"type": "start"}'], 4400, id="unknown type"),
        pytest.param(['{"type": ["ping"]}'], 4400, id="type that is no string"),
        pytest.param(["[]"], 4400, id="list"),
        pytest.param(["1"], 4400, id="number"),
        pytest.param(["null"], 4400, id="null"),
        pytest.param(['{"type": "connection_init", "payload": 1}'], 4400, id="wrong init payload"),
        pytest.param([INIT, '{"type": "complete"}'], 4400, id="complete without id"),
        pytest.param([INIT, '{"type": "complete", "id": ["1"]}'], 4400, id="complete with list id"),
        pytest.param([INIT, SUBSCRIBE.replace('"id": "1", ', "")], 4400, id="subscribe without id"),
        pytest.param([INIT, SUBSCRIBE.replace('"1"', "[]")], 4400, id="subscribe with list id"),
        pytest.param([INIT, SUBSCRIBE.replace("query", "text")], 4400, id="subscribe sans query"),
        pytest.param(
            [INIT, '{"id": "1", "type": "subscribe", "payload": "x"}'], 4400, id="text payload"
        ),
        pytest.param(
            [INIT, '{"id": "1", "type": "subscribe", "payload": {"query": 5}}'],
            4400,
            id="query that is a number",
        ),
        pytest.param(
            [INIT, '{"id": "1", "type": "subscribe", "payload": {"query": "{x}", "variables": 5}}'],
            4400,
            id="variables that are a number",
        ),
    ],
)
async def test_what_is_against_the_protocol_closes_the_connection(
    api: Api, messages: list[str | bytes], code: int
) -> None:
    async with api.raw_socket() as connection:
        for message in messages:
            await connection.send(message)

        assert (await closing_of(connection))[0] == code


async def test_a_connection_that_does_not_begin_in_time_closes_with_4408(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_INIT_SECONDS", 0.05)
    async with api.raw_socket() as connection:
        socket = Socket(connection)
        await socket.send(type="ping")

        assert await closing_of(connection) == (4408, "Connection initialisation timeout")


async def test_a_connection_that_began_in_time_lasts(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    late = loop.time() + 0.1
    monkeypatch.setattr(connections, "_INIT_SECONDS", 0.05)
    async with api.socket() as nobody, api.socket(world.alice.token) as alice:
        await eventually(lambda: loop.time() > late)

        assert (await answer(nobody, PORTAL))["data"]["portal"] is not None
        assert (await answer(alice, VIEWER))["data"]["viewer"] is not None


async def test_a_session_that_cannot_be_looked_up_closes_with_1013(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise AutoReconnect

    monkeypatch.setattr(SessionStore, "by_access_tokens", away)
    async with api.raw_socket() as connection:
        payload = {"authorization": f"Bearer {world.alice.token}"}
        await Socket(connection).send(type="connection_init", payload=payload)

        assert await closing_of(connection) == (
            1013,
            "a database does not answer at the moment; try again",
        )


async def test_another_sub_protocol_closes_with_4406(api: Api) -> None:
    async with api.raw_socket("graphql-ws") as connection:
        assert connection.subprotocol is None
        assert await closing_of(connection) == (4406, "Subprotocol not acceptable")


async def test_an_id_that_is_in_use_closes_with_4409(api: Api, world: World) -> None:
    async with live(api, world.alice) as socket:
        await socket.subscribe("1", VIEWER)

        assert await closing_of(socket.connection) == (4409, "Subscriber for 1 already exists")


async def test_an_id_can_be_used_again_once_its_operation_is_complete(
    api: Api, world: World
) -> None:
    async with api.socket(world.alice.token) as socket:
        for _ in range(2):
            assert await answer(socket, VIEWER) == {
                "data": {"viewer": {"loginId": "alice@example.jp"}}
            }


async def test_a_ping_is_answered_with_a_pong(api: Api) -> None:
    async with api.raw_socket() as connection:
        socket = Socket(connection)
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}
        await socket.send(type="connection_init")
        assert (await socket.receive())["type"] == "connection_ack"
        await socket.send(type="pong")
        await socket.send(type="ping", payload={"at": 1})
        assert await socket.receive() == {"type": "pong"}


async def test_a_mutation_over_the_socket_logs_its_connection_in(api: Api, world: World) -> None:
    given = {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": PASSWORD}
    async with api.socket() as socket:
        assert await answer(socket, LOG_IN, input=given) == {
            "data": {"logIn": {"session": {"member": {"loginId": "alice@example.jp"}}}}
        }
        assert (await answer(socket, VIEWER))["data"] == {"viewer": {"loginId": "alice@example.jp"}}


async def test_operations_run_side_by_side(api: Api, world: World) -> None:
    async with live(api, world.alice) as socket:
        assert (await answer(socket, VIEWER, "2"))["data"]["viewer"] is not None
        await store(world, world.alice.facility, 1)

        message = await socket.receive()

        assert (message["id"], message["type"]) == ("1", "next")


async def test_complete_stops_an_operation_and_nothing_else(api: Api, world: World) -> None:
    async with live(api, world.alice) as socket:
        await socket.subscribe("2", READINGS, ids=[world.alice.facility_id])
        while (await socket.receive())["id"] != "2":
            pass
        await socket.send(id="1", type="complete")
        assert (await answer(socket, PORTAL, "3"))["data"]["portal"] is not None
        await store(world, world.alice.facility, 1, 2)

        heard = [await socket.receive(), await socket.receive()]

        assert {message["id"] for message in heard} == {"2"}
        await socket.send(id="2", type="complete")
        await socket.send(id="no such", type="complete")
        await eventually(lambda: api.sources.hub.channels == 0)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ nothing }", "Cannot query field 'nothing' on type 'Query'."),
        ("query ($x: Int!) { viewer { loginId } }", "Variable '$x' is never used."),
    ],
)
async def test_a_document_that_is_not_valid_is_answered_with_an_error(
    api: Api, query: str, message: str
) -> None:
    async with api.socket() as socket:
        await socket.subscribe("1", query)
        error = await socket.receive()

        assert (error["id"], error["type"]) == ("1", "error")
        assert error["payload"][0]["message"] == message
        assert error["payload"][0]["extensions"] == {"code": "BAD_INPUT"}
        assert (await answer(socket, PORTAL))["data"]["portal"] is not None


async def test_a_document_that_is_no_graphql_closes_with_4400(api: Api) -> None:
    async with api.socket() as socket:
        await socket.subscribe("1", "{ viewer ")

        assert await closing_of(socket.connection) == (
            4400,
            "Syntax Error: Expected Name, found <EOF>.",
        )


async def test_an_operation_that_a_document_does_not_have_is_answered_with_an_error(
    api: Api,
) -> None:
    async with api.socket() as socket:
        payload = {"query": "query A { viewer { loginId } }", "operationName": "B"}
        await socket.send(id="1", type="subscribe", payload=payload)
        error = await socket.receive()

        assert (error["id"], error["type"]) == ("1", "error")
        assert error["payload"] == [
            {"message": "Unknown operation named 'B'.", "extensions": {"code": "BAD_INPUT"}}
        ]


async def test_variables_that_do_not_fit_are_answered_with_an_error(api: Api) -> None:
    async with api.socket() as socket:
        await socket.subscribe("1", "query ($key: String!) { portal(key: $key) { name } }", key=5)
        error = await socket.receive()

        assert (error["id"], error["type"]) == ("1", "error")
        assert error["payload"][0]["extensions"] == {"code": "BAD_INPUT"}


async def test_an_operation_that_is_completed_while_it_runs_is_not_answered(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def never(*_: object) -> None:
        asked.set()
        await asyncio.get_running_loop().create_future()

    async with api.socket(world.alice.token) as socket:
        with monkeypatch.context() as patched:
            patched.setattr(SessionStore, "by_ids", never)
            await socket.subscribe("1", VIEWER)
            async with asyncio.timeout(20):
                await asked.wait()
        await socket.send(id="1", type="complete")

        assert (await answer(socket, PORTAL))["data"]["portal"] is not None


async def test_a_long_answer_is_one_message_with_what_is_answered_over_http(
    api: Api, world: World
) -> None:
    await world.use(world.alice.facility, date(2040, 3, 1), 100)
    given = {"id": world.alice.facility_id}
    expected = await api.ask(SERIES, world.alice.token, **given)
    assert len(expected["data"]["facility"]["usage"]["points"]) == 100 * 48
    assert expected.pop("extensions")["cost"] > 100 * 48

    async with api.socket(world.alice.token) as socket:
        assert await answer(socket, SERIES, **given) == expected


async def test_every_operation_asks_anew_whether_the_session_lasts(
    api: Api, world: World, clock: Clock
) -> None:
    async with api.socket(world.alice.token) as socket:
        clock.advance(minutes=60)
        payload = await answer(socket, VIEWER)

        assert payload["data"] == {"viewer": None}
        assert payload["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


async def test_more_operations_than_a_connection_may_have_are_refused(
    api: Api, world: World
) -> None:
    limit = api.sources.settings.max_operations_per_socket
    async with api.socket(world.alice.token) as socket:
        for operation in range(limit + 1):
            await socket.subscribe(str(operation), READINGS, ids=[world.alice.facility_id])
        while (message := await socket.receive())["type"] == "next":
            pass

        assert (message["id"], message["type"]) == (str(limit), "error")
        (error,) = message["payload"]
        assert error["extensions"] == {"code": "LIMIT_EXCEEDED"}
        assert error["message"] == "at most 100 operations can run at once on a connection"


async def test_operations_that_are_too_long_together_are_refused(api: Api, world: World) -> None:
    given = {"ids": [world.alice.facility_id]}
    padded = {"query": READINGS, "variables": given, "extensions": {"any": "x" * 600_000}}
    async with api.socket(world.alice.token) as socket:
        for operation in ("1", "2"):
            await socket.send(id=operation, type="subscribe", payload=padded)
        messages = {message["id"]: message for message in [await socket.receive() for _ in "12"]}

        assert messages["1"]["type"] == "next"
        (error,) = messages["2"]["payload"]
        assert error["extensions"] == {"code": "LIMIT_EXCEEDED"}
        await socket.send(id="1", type="complete")
        await socket.send(id="2", type="subscribe", payload=padded)
        assert (await socket.receive())["type"] == "next"
