"""Bad input over the socket: a close code of the protocol or an error with a code, and nothing left.

After every test no task is left running on either side, and nothing was logged as an error.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from domain.stream_cursor import encode_positions
from tests import raw_socket
from tests.api import Api, Socket, eventually
from tests.raw_socket import BINARY, CLOSE, CONTINUATION, frame
from tests.stream import READINGS, live, store, subscribed
from tests.world import Person, World

INIT = b'{"type": "connection_init"}'
PING = b'{"type": "ping"}'
VIEWER = "{ viewer { loginId } }"
MIB = 1 << 20


@pytest.fixture(autouse=True)
async def nothing_left(
    api: Api, world: World, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[None]:
    """No task that was not there before, and no log of an error."""
    async with live(api, world.alice):
        pass  # what the first subscription starts for all
    await eventually(lambda: api.sources.hub.channels == 0)
    before = others()
    with capture_logs() as logs:
        yield
        await eventually(lambda: others() <= before and api.sources.hub.channels == 0)
    assert [log for log in logs if "exc_info" in log or log["log_level"] == "error"] == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


async def close_code(connection: ClientConnection) -> int:
    """With which the server closes, whatever it says before."""
    async with asyncio.timeout(20):
        with suppress(ConnectionClosed):
            async for _ in connection:
                pass
    assert connection.protocol.close_rcvd is not None
    return connection.protocol.close_rcvd.code


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(frame(b"\xff\xfe"), 1007, id="invalid UTF-8"),
        pytest.param(
            frame(b"\xe3\x81", fin=False) + frame(b"x", CONTINUATION), 1007, id="UTF-8 cut short"
        ),
        pytest.param(frame(INIT, mask=False), 1002, id="not masked"),
        pytest.param(frame(INIT, CONTINUATION), 1002, id="continuation of nothing"),
        pytest.param(frame(INIT, fin=False) * 2, 1002, id="a message within another"),
        pytest.param(frame(INIT, reserved=4), 1002, id="reserved bit"),
        pytest.param(frame(INIT, 3), 1002, id="unknown opcode"),
        pytest.param(frame(bytes(126), raw_socket.PING), 1002, id="long control frame"),
        pytest.param(frame(b"", raw_socket.PING, fin=False), 1002, id="ping in parts"),
        pytest.param(frame(b"\x03", CLOSE), 1002, id="close with half a code"),
        pytest.param(frame(b"\x00\x01", CLOSE), 1002, id="close with code 1"),
        pytest.param(frame(b"\x03\xe8\xff", CLOSE), 1007, id="close with invalid UTF-8"),
        pytest.param(frame(b" " * (MIB + 1)), 1009, id="over 1 MiB"),
        pytest.param(
            frame(b" " * MIB, fin=False) + frame(b" ", CONTINUATION), 1009, id="1 MiB in parts"
        ),
        pytest.param(frame(bytes(10), BINARY), 4400, id="binary"),
        pytest.param(frame(INIT, BINARY), 4400, id="binary message"),
        pytest.param(
            frame(INIT[:5], BINARY, fin=False) + frame(INIT[5:], CONTINUATION),
            4400,
            id="binary in parts",
        ),
    ],
)
async def test_a_frame_that_is_none_closes_the_connection(api: Api, sent: bytes, code: int) -> None:
    async with api.raw_socket() as connection:
        connection.transport.write(sent)

        assert await close_code(connection) == code


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00",
        b"{}{}",
        b"[" * 100_000,
        b'{"type":' * 100_000,
        b'{"type": "ping"',
        b"{'type': 'ping'}",
        b'{"type": NaN}',
        b'{"type": "PING"}',
        b'{"type": "connection_ack"}',
        b'{"type": "next", "id": "1", "payload": {}}',
        b'{"type": "error", "id": "1", "payload": []}',
        b'{"type": "\\ud800"}',
        b'{"type": "connection_init", "payload": []}',
        b'{"type": "connection_init", "payload": "Bearer"}',
    ],
)
@pytest.mark.parametrize("acknowledged", [False, True])
async def test_a_message_that_is_none_of_the_protocol_closes_with_4400(
    api: Api, message: bytes, acknowledged: bool
) -> None:
    async with api.raw_socket() as connection:
        if acknowledged:
            await connection.send(INIT, text=True)
            await connection.recv()
        await connection.send(message, text=True)

        assert await close_code(connection) == 4400


@pytest.mark.parametrize("size", [1, 7])
async def test_a_message_may_come_in_parts(api: Api, size: int) -> None:
    async with api.raw_socket() as connection:
        parts = [INIT[at : at + size].decode() for at in range(0, len(INIT), size)]
        await connection.send(parts)

        assert orjson.loads(await connection.recv())["type"] == "connection_ack"


async def test_a_message_may_have_a_mebibyte(api: Api) -> None:
    async with api.raw_socket() as connection:
        await connection.send(PING + b" " * (MIB - len(PING)), text=True)

        assert orjson.loads(await connection.recv())["type"] == "pong"


@pytest.mark.parametrize("offered", ["graphql-ws", "graphql-transport-ws-2", "soap"])
async def test_a_sub_protocol_that_is_not_spoken_closes_with_4406(api: Api, offered: str) -> None:
    async with api.raw_socket(offered) as connection:
        assert await close_code(connection) == 4406


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        pytest.param([INIT, INIT], 4429, id="at once"),
        pytest.param([INIT, PING, INIT], 4429, id="one after the other"),
    ],
)
async def test_connection_init_twice_closes_with_4429(
    api: Api, messages: Sequence[bytes], code: int
) -> None:
    async with api.raw_socket() as connection:
        for message in messages:
            await connection.send(message, text=True)

        assert await close_code(connection) == code


@pytest.mark.parametrize("before", [[], [PING]])
async def test_subscribing_before_connection_init_closes_with_4401(
    api: Api, before: Sequence[bytes]
) -> None:
    async with api.raw_socket() as connection:
        for message in before:
            await connection.send(message, text=True)
        await Socket(connection).subscribe("1", VIEWER)

        assert await close_code(connection) == 4401


async def test_an_id_that_is_in_use_closes_with_4409_and_ends_all_operations(
    api: Api, world: World
) -> None:
    async with live(api, world.alice) as socket:
        for operation in ("2", "3", "2"):
            await socket.subscribe(operation, READINGS, ids=world.alice.facility_ids)

        assert await close_code(socket.connection) == 4409


@pytest.mark.parametrize("name", ["\x00", "é\U0001f600", "x" * 256, '"\\', "1\n2"])
async def test_an_id_is_any_text_and_comes_back_as_it_was(api: Api, name: str) -> None:
    async with api.socket() as socket:
        await socket.subscribe(name, VIEWER)

        assert (await socket.receive())["id"] == name
        assert await socket.receive() == {"id": name, "type": "complete"}


@pytest.mark.parametrize("name", [b"\\ud800", b"x" * 257, b""])
async def test_an_id_that_no_operation_can_have_closes_with_4400(api: Api, name: bytes) -> None:
    async with api.socket() as socket:
        payload = b'{"query": "{ viewer { loginId } }"}'
        message = b'{"type": "subscribe", "id": "' + name + b'", "payload": ' + payload + b"}"
        await socket.connection.send(message, text=True)

        assert await close_code(socket.connection) == 4400


async def test_of_a_thousand_subscriptions_on_one_socket_those_over_the_limit_are_refused(
    api: Api, world: World
) -> None:
    limit = api.sources.settings.max_operations_per_socket
    async with api.socket(world.alice.token) as socket:
        for operation in range(1000):
            await socket.subscribe(str(operation), READINGS, ids=world.alice.facility_ids)
        began, refused = await answers_of(socket, 1000)

        assert (began, refused) == (limit, {"LIMIT_EXCEEDED": 1000 - limit})
        await store(world, world.alice.facility, 1)
        heard = {(await socket.receive())["id"] for _ in range(limit)}
        assert len(heard) == limit


async def answers_of(socket: Socket, count: int) -> tuple[int, dict[str, int]]:
    """How many operations began with a heartbeat, and the codes with which others ended."""
    began = 0
    refused: dict[str, int] = {}
    for _ in range(count):
        message = await socket.receive(20)
        if message["type"] == "error":
            code = message["payload"][0]["extensions"]["code"]
            refused[code] = refused.get(code, 0) + 1
        else:
            assert message["payload"]["data"]["readings"]["reading"] is None
            began += 1
    return began, refused


async def test_a_thousand_queries_on_one_socket_are_answered(api: Api, world: World) -> None:
    limit = api.sources.settings.max_operations_per_socket
    async with api.socket(world.alice.token) as socket:
        for first in range(0, 1000, limit):
            operations = {str(operation) for operation in range(first, first + limit)}
            for operation in operations:
                await socket.subscribe(operation, VIEWER)
            messages = [await socket.receive(20) for _ in range(2 * limit)]
            answered = [message for message in messages if message["type"] == "next"]
            viewers = [message["payload"]["data"]["viewer"] for message in answered]
            assert {message["id"] for message in answered} == operations
            assert viewers == [{"loginId": "alice@example.jp"}] * limit


def other_place(world: World) -> dict[str, Any]:
    return {"ids": world.bob.facility_ids}


def cursor(positions: Callable[[Person, World], dict[int, int]]) -> Callable[[World], Any]:
    return lambda world: {
        "ids": world.alice.facility_ids,
        "after": encode_positions(positions(world.alice, world)),
    }


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        pytest.param(other_place, "NOT_FOUND", id="a foreign facility"),
        pytest.param(lambda world: {"ids": ["x"]}, "BAD_INPUT", id="no id"),
        pytest.param(lambda world: {"ids": [world.alice.member_id]}, "BAD_INPUT", id="a member"),
        pytest.param(lambda world: {"ids": [None]}, "BAD_INPUT", id="null in ids"),
        pytest.param(lambda world: {}, "BAD_INPUT", id="no ids"),
        pytest.param(
            lambda world: {"ids": world.alice.facility_ids, "after": 5}, "BAD_INPUT", id="number"
        ),
        pytest.param(
            lambda world: {"ids": world.alice.facility_ids, "after": "x" * 100_000},
            "BAD_INPUT",
            id="long cursor",
        ),
        pytest.param(
            cursor(lambda alice, world: {world.bob.facility.number: 0}),
            "BAD_INPUT",
            id="cursor of another facility",
        ),
        pytest.param(
            cursor(lambda alice, world: {alice.facility.number: 1}),
            "BAD_INPUT",
            id="cursor of the future",
        ),
        pytest.param(
            cursor(lambda alice, world: {alice.facility.number: 2**63 - 1}),
            "BAD_INPUT",
            id="cursor of a far future",
        ),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused_with_a_code_and_the_socket_goes_on(
    api: Api, world: World, variables: Callable[[World], dict[str, Any]], code: str
) -> None:
    async with api.socket(world.alice.token) as socket:
        await socket.subscribe("1", READINGS, **variables(world))
        assert await socket.error_code() == code

        await socket.subscribe("2", READINGS, ids=world.alice.facility_ids)
        message = await next_of(socket, "2")
        assert message["payload"]["data"]["readings"]["state"] == "STALE"


async def next_of(socket: Socket, operation: str) -> dict[str, Any]:
    """Next message of an operation; others are passed over."""
    while (message := await socket.receive())["id"] != operation:
        pass
    return message


@pytest.mark.parametrize(
    "payload",
    [
        {"query": "subscription { nothing }"},
        {"query": "subscription { __typename }"},
        {"query": VIEWER, "operationName": "Other"},
        {"query": "query A { viewer { id } } query B { viewer { id } }"},
        {"query": "fragment F on Query { viewer { id } }"},
        {"query": "subscription ($ids: [ID!]!) { readings(facilityIds: $ids) { state } }"},
        {
            "query": READINGS.replace("cursor", "cursor nothing"),
            "variables": {"ids": ["RmFjaWxpdHk6MQ"]},
        },
    ],
)
async def test_a_document_that_cannot_be_run_is_answered_with_bad_input(
    api: Api, world: World, payload: dict[str, Any]
) -> None:
    async with api.socket(world.alice.token) as socket:
        await socket.send(id="1", type="subscribe", payload=payload)

        assert await socket.error_code() == "BAD_INPUT"


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([], id="after the handshake"),
        pytest.param([INIT], id="after connection_init"),
        pytest.param([INIT, PING], id="after a ping"),
    ],
)
async def test_a_connection_that_is_cut_leaves_nothing(api: Api, messages: Sequence[bytes]) -> None:
    async with api.raw_socket() as connection:
        for message in messages:
            await connection.send(message, text=True)
        connection.transport.abort()


@pytest.mark.parametrize("waits", [False, True])
async def test_a_subscription_whose_connection_is_cut_leaves_nothing(
    api: Api, world: World, waits: bool
) -> None:
    async with subscribed(api, world.alice) as socket:
        if waits:
            await socket.event()
        socket.connection.transport.abort()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-websocket-version": "12"}, 400),
        ({"sec-websocket-key": "x"}, 400),
        ({"sec-websocket-key": ""}, 400),
    ],
)
async def test_a_handshake_that_is_none_is_refused(
    api: Api, headers: dict[str, str], status: int
) -> None:
    given = {
        "connection": "upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-protocol": "graphql-transport-ws",
    }

    response = await api.client.get("/graphql", headers=given | headers)

    assert response.status_code == status


async def test_a_socket_elsewhere_is_refused(api: Api) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{api.port}/ingest/readings"):
            pass
    assert refused.value.response.status_code in {403, 404}
