"""The door: messages in without a queue, frames out without a task, and peers that do not behave."""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from schema.frames import text_frame
from schema.http_protocol import HttpProtocol
from schema.wire import DOOR, SocketProtocol
from tests.api import PromptServer, eventually
from tests.raw_socket import _HANDSHAKE as HANDSHAKE
from tests.raw_socket import CLOSE, CONTINUATION, PING, TEXT, RawSocket, frame

PART = text_frame(b"x" * 10_000)
SMALL_BUFFER = 4096


class Behind:
    """Who is behind the only door of a test, and remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.door: SocketProtocol
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.door = scope["extensions"][DOOR]
        if self.door.open(self, "graphql-transport-ws"):
            await self.closed

    def received(self, text: str) -> None:
        self.heard.append(text)

    def received_bytes(self) -> None:
        self.heard.append("bytes")

    def paused(self) -> None:
        self.heard.append("paused")

    def resumed(self) -> None:
        self.heard.append("resumed")

    def drain(self) -> None:
        self.heard.append("drain")
        self.door.close(1012, "")

    def lost(self) -> None:
        self.heard.append("lost")
        self.closed.set_result(None)

    def fill(self) -> int:
        """Write until the socket is not writable; tells how many frames that took."""
        count = 0
        while self.door.write(PART):
            count += 1
        return count


@pytest.fixture
async def behind() -> Behind:
    return Behind()


@pytest.fixture
async def port(behind: Behind) -> AsyncIterator[int]:
    config = uvicorn.Config(
        behind,
        http=HttpProtocol,
        ws=SocketProtocol,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=5,
    )
    server = PromptServer(config)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    serving = asyncio.create_task(server._serve([listener]))
    await eventually(lambda: server.started)
    yield listener.getsockname()[1]
    server.told_to_exit.set()
    await serving


@asynccontextmanager
async def connected(port: int, receive_buffer: int | None = None) -> AsyncIterator[RawSocket]:
    peer = await RawSocket.opened(port, receive_buffer)
    try:
        yield peer
    finally:
        peer.abort()


async def text_of(peer: RawSocket) -> bytes:
    async with asyncio.timeout(20):
        return await peer._frame(TEXT)


async def test_messages_are_heard_in_order_whole_or_in_parts(behind: Behind, port: int) -> None:
    async with connected(port) as peer:
        parts = frame(b"tw", fin=False) + frame(b"", PING) + frame(b"o", CONTINUATION)
        peer._writer.write(frame(b"one") + parts + frame(b"\x00", 2) + frame("三".encode()))

        await eventually(lambda: len(behind.heard) == 4)

        assert behind.heard == ["one", "two", "bytes", "三"]
        peer.abort()
        await eventually(lambda: behind.heard[-1] == "lost")


async def test_a_frame_is_written_as_it_is(behind: Behind, port: int) -> None:
    async with connected(port) as peer:
        assert behind.door.write(text_frame(b"one"))
        behind.door.push([text_frame(b"t" * 300)[:4], b"t" * 300])

        assert [await text_of(peer), await text_of(peer)] == [b"one", b"t" * 300]


async def test_a_peer_that_does_not_read_is_neither_written_to_nor_read(
    behind: Behind, port: int
) -> None:
    async with connected(port, SMALL_BUFFER) as peer:
        written = behind.fill()

        assert behind.heard == ["paused"]
        assert behind.door.transport.get_write_buffer_size() <= 16_384 + len(PART)
        peer._writer.write(frame(b"late"))
        assert {await text_of(peer) for _ in range(written)} == {PART[4:]}
        await eventually(lambda: len(behind.heard) == 3)
        assert behind.heard == ["paused", "resumed", "late"]
        assert behind.door.write(text_frame(b"again"))
        assert await text_of(peer) == b"again"


async def test_what_nobody_could_write_again_is_written_in_any_case(
    behind: Behind, port: int
) -> None:
    async with connected(port, SMALL_BUFFER) as peer:
        written = behind.fill()

        behind.door.push([text_frame(b"last")])

        assert [await text_of(peer) for _ in range(written + 1)][-1] == b"last"


async def test_a_peer_that_answers_a_close_frame_is_let_go(behind: Behind, port: int) -> None:
    async with connected(port) as peer:
        behind.door.close(4400, "x" * 200)

        assert behind.heard == ["lost"]
        assert await peer._frame(CLOSE) == (4400).to_bytes(2, "big") + b"x" * 123
        await peer.close()
        await eventually(lambda: behind.door.disconnected)
        assert (behind.heard, behind.door.close_code) == (["lost"], 4400)
        behind.door.push([PART])
        assert not behind.door.write(PART)


async def test_a_peer_that_leaves_a_close_frame_unanswered_is_cut_off(
    behind: Behind, port: int
) -> None:
    async with connected(port) as peer:
        behind.door.close(1013, "", 0.01)

        assert await peer.close_code() == 1013
        await eventually(lambda: behind.door.disconnected)


async def test_a_peer_that_a_close_frame_does_not_reach_is_cut_off(
    behind: Behind, port: int
) -> None:
    async with connected(port, SMALL_BUFFER):
        behind.fill()

        behind.door.close(1013, "", 0.01)

        assert behind.heard == ["paused", "lost"]
        await eventually(lambda: behind.door.disconnected)


async def test_nothing_is_heard_after_the_end(behind: Behind, port: int) -> None:
    async with connected(port) as peer:
        peer._writer.write(frame(b"one") + frame(b"\x03\xe8", CLOSE) + frame(b"two"))

        await eventually(lambda: behind.door.disconnected)

        assert behind.heard == ["one", "lost"]
        assert behind.door.close_code == 1000
        behind.door.close(1012, "")


async def test_a_peer_that_is_gone_cannot_be_let_in(
    behind: Behind, port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opened = SocketProtocol.open
    answers = []

    def late(door: SocketProtocol, receiver: Behind, subprotocol: str) -> bool:
        door.transport.close()
        answers.append(opened(door, receiver, subprotocol))
        return answers[-1]

    monkeypatch.setattr(SocketProtocol, "open", late)
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(HANDSHAKE)
        with pytest.raises(anyio.EndOfStream):
            await stream.receive()

    assert (answers, behind.heard) == ([False], [])
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_bad_frame_is_told_even_to_a_peer_that_goes_on_sending(
    behind: Behind, port: int
) -> None:
    async with connected(port) as peer:
        peer._writer.write(frame(b"", 3) + frame(b"x" * 100_000) * 10)

        assert await peer.close_code() == 1002
        peer._writer.write(frame(b"more"))
        peer.abort()
        await eventually(lambda: behind.door.disconnected)
        assert behind.heard == ["lost"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other options")
async def test_the_kernel_keeps_little_for_a_peer_and_cuts_dead_ones(
    behind: Behind, port: int
) -> None:
    async with connected(port):
        ours = behind.door.transport.get_extra_info("socket")

        def option(level: int, name: int) -> int:
            return int(ours.getsockopt(level, name))

        assert option(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000
        assert option(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert option(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15
        assert option(socket.SOL_SOCKET, socket.SO_SNDBUF) == 2 * 65_536


async def test_a_handshake_may_have_many_and_long_headers(behind: Behind, port: int) -> None:
    many = "".join(f"x-header-{number}: {number}\r\n" for number in range(200))
    request = HANDSHAKE[:-2] + f"cookie: {'x' * 20_000}\r\n{many}\r\n".encode()
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(request)

        with anyio.fail_after(5):
            assert (await stream.receive()).startswith(b"HTTP/1.1 101 ")
