"""Clients that send their request slowly, or never: cut off, and nobody else is kept waiting."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import httpx
import orjson
import pytest

from domain.settings import Settings
from schema.http_protocol import _LEAST_RATE, _LONGEST_HEAD
from tests.api import Api
from tests.test_whole_answers import SHORT, Answering, Timers, Wire, connected

HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
WHOLE = b"GET / HTTP/1.1\r\n\r\n"
QUERY = {"query": "{ __typename }"}
LIMIT = 2000
LARGE = 10_000_000
SLOW = 200
TOO_SLOW = "the request came too slowly"


@pytest.fixture
def seconds() -> float:
    """For a request to come whole."""
    return 0.2


@pytest.fixture
def settings(settings: Settings, seconds: float) -> Settings:
    return replace(settings, slow_request_seconds=seconds, max_request_bytes=LIMIT)


@asynccontextmanager
async def connection(api: Api) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def rest(reader: StreamReader) -> bytes:
    """All that comes until the server closes the connection."""
    async with asyncio.timeout(20):
        return await reader.read()


def refusal(answer: bytes) -> tuple[int, str]:
    """Status and message of an answer that has one error."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nconnection: close" in head
    (error,) = orjson.loads(body)["errors"]
    assert error["extensions"] == {"code": "BAD_INPUT"}
    return int(head.split()[1]), error["message"]


INCOMPLETE = [
    b"",
    b"POST /gra",
    HEAD,
    HEAD + b"content-length: 100\r\n\r\n",
    HEAD + b"content-length: 100\r\n\r\n{",
    HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
    b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /h",
]


async def test_a_request_that_does_not_come_whole_is_cut_off(api: Api) -> None:
    async def cut_off(sent: bytes) -> bytes:
        async with connection(api) as (reader, writer):
            writer.write(sent)
            return await rest(reader)

    nothing, *told, second = await asyncio.gather(*map(cut_off, INCOMPLETE))
    assert nothing == b""
    assert [refusal(answer) for answer in told] == [(408, TOO_SLOW)] * 5
    first, _, second = second.partition(b"ok\n")
    assert first.startswith(b"HTTP/1.1 200 OK")
    assert refusal(second) == (408, TOO_SLOW)


@pytest.mark.parametrize("seconds", [600.0])
async def test_many_slow_clients_keep_nobody_waiting(api: Api) -> None:
    begun = [HEAD, HEAD + b"content-length: 100\r\n\r\n{"]
    opened = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", api.port) for _ in range(2 * SLOW))
    )
    for number, (_, writer) in enumerate(opened):
        writer.write(begun[number % 2])
    answers = await asyncio.gather(*(api.post(QUERY) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(api.server.server_state.connections) >= 2 * SLOW
    for _, writer in opened:
        writer.transport.abort()


async def test_a_body_over_the_limit_is_answered_before_it_has_come(api: Api) -> None:
    async with connection(api) as (reader, writer):
        writer.write(HEAD + b"content-length: %d\r\n\r\n" % LARGE)
        async with asyncio.timeout(20):
            answer = await reader.read()
        assert refusal(answer) == (413, f"the body must be at most {LIMIT} bytes")


async def test_a_client_that_goes_on_sending_can_still_read_why_that_is_no_use(api: Api) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * LIMIT

    answer = await api.client.post(
        "/graphql", content=parts(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert isinstance(await api.post(QUERY), httpx.Response)


async def test_a_head_without_an_end_is_refused_once_it_is_too_long(api: Api) -> None:
    async with connection(api) as (reader, writer):
        writer.write(HEAD)
        for _ in range(_LONGEST_HEAD // 1000 + 1):
            writer.write(b"x-more: " + b"x" * 1000 + b"\r\n")
        answer = await rest(reader)
        expected = f"the head of a request must be at most {_LONGEST_HEAD} bytes"
        assert refusal(answer) == (431, expected)


def timed() -> tuple[Any, Wire, Timers]:
    protocol, wire = connected(Answering(SHORT))
    protocol._end_timers()
    timers = Timers()
    protocol.loop = cast("asyncio.AbstractEventLoop", timers)
    return protocol, wire, timers


async def test_a_whole_request_has_no_timer() -> None:
    protocol, _, timers = timed()
    protocol.data_received(WHOLE)
    assert timers.waiting == []


async def test_a_body_that_comes_fast_enough_has_more_time() -> None:
    protocol, wire, timers = timed()
    protocol.data_received(HEAD + b"content-length: 100000\r\n\r\n")
    timers.now = 1.0
    protocol.data_received(b"x" * 10_000)
    due = protocol._slow_seconds + (len(HEAD) + 26 + 10_000) / _LEAST_RATE
    timers.go_on()
    ((at, _, _),) = timers.waiting
    assert not wire.closed
    assert at == pytest.approx(due)
    timers.go_on()
    assert (wire.closed, wire.text[:12], timers.waiting) == (True, b"HTTP/1.1 408", [])


async def test_drops_of_a_head_win_no_time() -> None:
    protocol, wire, timers = timed()
    protocol.data_received(HEAD)
    timers.now = protocol._slow_seconds - 1
    protocol.data_received(b"x-one: 1\r\n" * 1000)
    timers.go_on()
    assert (wire.closed, timers.waiting) == (True, [])


async def test_a_peer_whose_body_waits_for_us_is_not_cut_off() -> None:
    protocol, wire, timers = timed()
    protocol.data_received(HEAD + b"content-length: 100000\r\n\r\n")
    protocol.flow.pause_reading()
    timers.go_on()
    ((at, _, _),) = timers.waiting
    assert (wire.closed, at > 2 * protocol._slow_seconds) == (False, True)
