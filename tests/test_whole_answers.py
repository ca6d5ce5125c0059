"""Whole answers over HTTP: one write each, with the same bytes as through ASGI's messages."""

import asyncio
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, cast

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from schema.http_protocol import WHOLE, HttpProtocol
from schema.replies import Reply, send_reply
from schema.wire import SocketProtocol
from tests.api import eventually

SHORT: list[Any] = [b"[1,", memoryview(b"2]")]
LONG: list[Any] = [b"[", b"1," * 50_000, memoryview(b"2]")]
HEADERS = [(b"content-type", b"application/json"), (b"vary", b"accept")]


class Wire(asyncio.Transport):
    """The peer's end: remembers every write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[list[bytes]] = []
        self.closed = False

    @property
    def text(self) -> bytes:
        return b"".join(part for parts in self.writes for part in parts)

    def write(self, data: Any) -> None:
        self.writes.append([bytes(data)])

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.writes.append(list(map(bytes, list_of_data)))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        """Nothing is read here."""

    def resume_reading(self) -> None:
        """Nothing is read here."""


class Answering:
    """Answers every request with the same parts: whole, or by messages."""

    def __init__(self, parts: list[Any], *, whole: bool = True) -> None:
        self.parts = parts
        self.whole = whole
        self.ended = 0

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [*HEADERS, (b"content-length", b"%d" % sum(map(len, self.parts)))]
        if self.whole:
            await scope["extensions"][WHOLE](200, headers, self.parts)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"".join(self.parts)})
        self.ended += 1


class Timers:
    """What a protocol asks of its loop; time stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waiting: list[tuple[float, Callable[[], None], Timers.Handle]] = []
        self.create_task = asyncio.get_running_loop().create_task

    class Handle:
        cancelled = False

        def cancel(self) -> None:
            self.cancelled = True

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Handle:
        handle = self.Handle()
        self.waiting.append((self.now + seconds, callback, handle))
        return handle

    def go_on(self) -> None:
        """To the end of the only timer."""
        ((self.now, callback, handle),) = self.waiting
        assert not handle.cancelled
        self.waiting.clear()
        callback()


def connected(app: Answering) -> tuple[HttpProtocol, Wire]:
    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    state.default_headers = [(b"server", b"test")]
    protocol, wire = HttpProtocol(config, state, {}, asyncio.get_running_loop()), Wire()
    protocol.connection_made(wire)
    return protocol, wire


async def exchanged(app: Answering, request: bytes, answers: int = 1) -> Wire:
    protocol, wire = connected(app)
    protocol.data_received(request)
    await eventually(lambda: app.ended == answers)
    protocol.connection_lost(None)
    return wire


@pytest.mark.parametrize("parts", [SHORT, LONG, [b""]], ids=["short", "long", "empty"])
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", id="kept"),
        pytest.param(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n", id="closed"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="old"),
        pytest.param(b"HEAD / HTTP/1.1\r\n\r\n", id="head"),
        pytest.param(b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", id="body"),
    ],
)
async def test_it_is_written_at_once_and_reads_as_messages_do(
    parts: list[Any], request_: bytes
) -> None:
    whole = await exchanged(Answering(parts), request_)
    by_messages = await exchanged(Answering(parts, whole=False), request_)
    assert whole.text == by_messages.text
    assert whole.closed == by_messages.closed
    assert len(whole.writes) == 1


async def test_long_parts_are_not_joined() -> None:
    wire = await exchanged(Answering(LONG), b"GET / HTTP/1.1\r\n\r\n")
    assert wire.writes[0][1:] == LONG


async def test_requests_that_came_together_are_answered_in_turn() -> None:
    request = b"GET / HTTP/1.1\r\n\r\n"
    wire = await exchanged(Answering(SHORT), request * 3, answers=3)
    assert [text[0].count(b"HTTP/1.1 200 OK") for text in wire.writes] == [1, 1, 1]


async def test_nothing_is_written_while_the_peer_does_not_read() -> None:
    app = Answering(SHORT)
    protocol, wire = connected(app)
    protocol.pause_writing()
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    await eventually(lambda: protocol.tasks and not app.ended)
    for _ in range(3):
        await asyncio.sleep(0)
    assert (wire.writes, app.ended) == ([], 0)
    protocol.resume_writing()
    await eventually(lambda: app.ended == 1)
    assert len(wire.writes) == 1


async def test_a_peer_that_is_gone_is_not_written_to() -> None:
    app = Answering(SHORT)
    protocol, wire = connected(app)
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    protocol.connection_lost(None)
    await eventually(lambda: app.ended == 1)
    assert wire.writes == []


async def test_a_reply_is_handed_on_whole_where_the_server_offers_it() -> None:
    taken: list[Any] = []
    sent: list[Any] = []

    async def whole(*answer: Any) -> None:
        taken.append(answer)

    async def send(message: Any) -> None:
        sent.append(message)

    reply = Reply(HTTPStatus.OK, "application/json", LONG)
    scope: dict[str, Any] = {"extensions": {WHOLE: whole}, "state": {"request_id": "id"}}
    await send_reply(reply, scope, send)
    await send_reply(reply, {"state": {}}, send)

    ((status, headers, parts),) = taken
    start, body = sent
    # Where it is sent in parts, whoever gave the request its id adds that.
    assert (status, headers) == (start["status"], [*start["headers"], (b"x-request-id", b"id")])
    assert dict(headers)[b"content-length"] == b"%d" % len(body["body"])
    assert parts is LONG
    assert body["body"] == b"".join(LONG)
    assert scope["state"] == {"request_id": "id", "status": 200}


REQUEST = b"GET / HTTP/1.1\r\n\r\n"


async def asked_at(times: list[float]) -> tuple[HttpProtocol, Wire, Timers]:
    """A connection over which requests came at these times."""
    app, timers = Answering(SHORT), Timers()
    protocol, wire = connected(app)
    protocol.loop = cast("asyncio.AbstractEventLoop", timers)
    for number, timers.now in enumerate(times, 1):
        protocol.data_received(REQUEST)
        await eventually(lambda number=number: app.ended == number)
    return protocol, wire, timers


async def test_one_timer_lasts_for_many_requests_and_ends_a_connection_that_is_idle() -> None:
    protocol, wire, timers = await asked_at([0, 2, 4])
    seconds = protocol.timeout_keep_alive
    assert [at for at, _, _ in timers.waiting] == [seconds]
    timers.go_on()
    assert (wire.closed, [at for at, _, _ in timers.waiting]) == (False, [4 + seconds])
    timers.go_on()
    assert (wire.closed, timers.waiting) == (True, [])


async def test_a_connection_is_not_ended_as_idle_while_a_request_comes_in() -> None:
    protocol, wire, timers = await asked_at([0])
    idle = timers.waiting.pop()
    protocol.data_received(REQUEST[:5])
    ((_, _, slow),) = timers.waiting
    timers.waiting[:] = [idle]
    timers.go_on()
    assert (wire.closed, timers.waiting) == (False, [])
    protocol.data_received(REQUEST[5:])
    assert slow.cancelled
    await eventually(lambda: bool(timers.waiting))
    assert [at - timers.now for at, _, _ in timers.waiting] == [protocol.timeout_keep_alive]


async def test_the_timer_ends_with_the_connection() -> None:
    protocol, _, timers = await asked_at([0])
    ((_, _, handle),) = timers.waiting
    protocol.connection_lost(ConnectionResetError())
    assert handle.cancelled


async def test_a_connection_that_becomes_a_socket_has_no_timer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Wire, "set_protocol", lambda *_: None)
    monkeypatch.setattr(SocketProtocol, "take_over", lambda *_: None)
    protocol, _, timers = await asked_at([0])
    ((_, _, handle),) = timers.waiting
    protocol.data_received(b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
    assert handle.cancelled


async def test_the_headers_of_all_answers_are_those_of_the_moment() -> None:
    app = Answering(SHORT)
    protocol, wire = connected(app)
    for number in range(1, 4):
        if number > 1:
            protocol.server_state.default_headers = [(b"date", b"%d" % number)]
        protocol.data_received(REQUEST)
        await eventually(lambda number=number: app.ended == number)
    protocol.connection_lost(None)
    told = [text[0].split(b"\r\n")[1] for text in wire.writes]
    assert told == [b"server: test", b"date: 2", b"date: 3"]
