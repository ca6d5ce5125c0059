"""What may come over a connection beside requests, and must neither add to them nor hold it open."""

import asyncio
from typing import cast

import orjson
import pytest

from tests.api import Api
from tests.test_whole_answers import SHORT, Answering, Timers, connected

BODY = b'{"query":"{ viewer { id } }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
LENGTH = b"content-length: %d\r\n" % len(BODY)
CHUNKED = b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n" % (len(BODY), BODY)
LAST = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
NOBODY = {"viewer": None}


async def answers(api: Api, sent: bytes) -> list[bytes]:
    """Bodies of the answers to requests, the last of which ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(sent)
    async with asyncio.timeout(20):
        came = await reader.read()
    writer.close()
    return [each.partition(b"\r\n\r\n")[2] for each in came.split(b"HTTP/1.1 ")[1:]]


OFFERS = [
    b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
    b"connection: upgrade\r\nupgrade: TLS/1.2\r\n",
]
"As the HTTP clients of Java and of Apache make with every request by http."


@pytest.mark.parametrize("offer", OFFERS)
async def test_who_offers_another_protocol_is_answered_in_this_one(api: Api, offer: bytes) -> None:
    for begun in (offer + LENGTH + b"\r\n" + BODY, offer + CHUNKED + b"\r\n"):
        first, second = await answers(api, HEAD + begun + LAST)
        assert (orjson.loads(first)["data"], second) == (NOBODY, b"ok\n")


async def test_a_body_is_no_request_whatever_was_offered_before_it() -> None:
    app = Answering(SHORT)
    protocol, wire = connected(app)
    hidden = b"GET / HTTP/1.1\r\n\r\n"
    protocol.data_received(HEAD + OFFERS[1] + b"content-length: %d\r\n\r\n" % len(hidden))
    protocol.data_received(hidden)
    async with asyncio.timeout(20):
        await asyncio.gather(*protocol.tasks)
    assert (app.ended, len(wire.writes)) == (1, 1)


async def test_nobody_is_connected_through_here() -> None:
    for target in (b"x:443", b"/graphql", b"http://x/"):
        protocol, wire = connected(Answering(SHORT))
        protocol.data_received(b"CONNECT %b HTTP/1.1\r\nhost: x\r\n\r\n" % target)
        assert (wire.text[:12], wire.closed, protocol.tasks) == (b"HTTP/1.1 400", True, set())


async def test_what_follows_a_body_is_no_header_of_its_request(api: Api) -> None:
    trailer = b"authorization: nonsense\r\ncontent-encoding: gzip\r\n\r\n"
    first, last = await answers(api, HEAD + CHUNKED + trailer + LAST)
    assert (orjson.loads(first)["data"], last) == (NOBODY, b"ok\n")


async def test_what_follows_a_body_is_not_kept() -> None:
    protocol, _ = connected(Answering(SHORT))
    protocol.data_received(HEAD + CHUNKED)
    headers = list(protocol.headers)
    protocol.data_received(b"a: b\r\n" * 1000)
    assert protocol.headers == headers


async def test_empty_lines_do_not_hold_a_connection_open() -> None:
    app, timers = Answering(SHORT), Timers()
    protocol, wire = connected(app)
    protocol.loop = cast("asyncio.AbstractEventLoop", timers)
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    async with asyncio.timeout(20):
        await asyncio.gather(*protocol.tasks)
    protocol.data_received(b"\r\n")
    timers.go_on()
    assert (wire.closed, timers.waiting) == (True, [])


async def test_of_several_requests_none_is_answered_to_a_peer_that_is_gone() -> None:
    app = Answering(SHORT)
    protocol, wire = connected(app)
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n" * 3)
    protocol.connection_lost(None)
    async with asyncio.timeout(20):
        await asyncio.gather(*protocol.tasks)
    assert (app.ended, wire.writes) == (1, [])
