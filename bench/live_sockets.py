"""The clients of a live server: thousands of WebSockets, looked after by one loop without tasks.

Nothing here knows GraphQL: sockets send texts, wait for answers that hold a mark, and note when what
they are waiting for arrives.
"""

import gc
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from threading import Thread
from time import perf_counter, process_time
from typing import Final, NamedTuple

from bench.websocket_frames import (
    OPCODE_CLOSE,
    OPCODE_PING,
    Frame,
    close_frame,
    frames,
    pong_frame,
    text_frame,
    upgrade,
)

_HOST: Final = "127.0.0.1"
_OPENING_AT_ONCE: Final = 200
_READ_BYTES: Final = 65_536
_POLL_SECONDS: Final = 0.05
_GOODBYE_SECONDS: Final = 5.0
_AT_ONCE: Final = struct.pack("ii", 1, 0)
"SO_LINGER that leaves nothing behind: ten thousand ports are needed again soon."
_SWITCHED: Final = b"HTTP/1.1 101 "
_HEAD_END: Final = b"\r\n\r\n"


class SocketsError(RuntimeError):
    """A server did not do what its clients wait for; the message says what it did."""


class Step(NamedTuple):
    """A text to send, and what its answer must hold; empty if there is none."""

    text: bytes
    mark: bytes


class Arrival(NamedTuple):
    """When what a socket was waiting for came."""

    seconds: float
    place: int
    text: bytes


class Heard(NamedTuple):
    """What came in a burst, and the processor seconds of this process until the last of it."""

    arrivals: Sequence[Arrival]
    cpu_seconds: float


@dataclass(slots=True)
class _Client:
    place: int
    connection: socket.socket
    steps: deque[Step]
    switched: bool = False
    rest: bytes = b""

    @property
    def is_open(self) -> bool:
        return self.switched and not self.steps

    def received(self) -> bytes:
        data = self.connection.recv(_READ_BYTES)
        if not data:
            raise SocketsError("cut a socket")
        return data

    def frames(self, data: bytes) -> list[Frame]:
        """Whole frames; pings among them are answered, a close frame is an error."""
        found, self.rest = frames(self.rest + data)
        for opcode, payload in found:
            if opcode == OPCODE_PING:
                self.connection.send(pong_frame(payload))
            elif opcode == OPCODE_CLOSE:
                code, reason = int.from_bytes(payload[:2], "big"), payload[2:].decode()
                raise SocketsError(f"closed a socket with {code} {reason}")
        return found


@dataclass(slots=True)
class Sockets:
    """Open sockets by place."""

    _clients: list[_Client] = field(default_factory=list)
    _selector: DefaultSelector = field(default_factory=DefaultSelector)

    @property
    def count(self) -> int:
        return len(self._clients)

    def open(self, port: int, path: str, entries: Sequence[Sequence[Step]], seconds: float) -> None:
        """Open a socket for each entry, and take its steps; raises SocketsError."""
        request = upgrade(_HOST, port, path)
        waiting = deque(enumerate(entries))
        opening = 0
        deadline = perf_counter() + seconds
        while waiting or opening:
            while waiting and opening < _OPENING_AT_ONCE:
                place, steps = waiting.popleft()
                self._connect(place, port, steps)
                opening += 1
            for client, event in self._events(deadline, f"let {opening} sockets wait"):
                if event & EVENT_WRITE:
                    self._selector.modify(client.connection, EVENT_READ, client)
                    client.connection.send(request)
                else:
                    opening -= self._step(client)

    def burst(self, publish: Callable[[], None], mark: bytes, seconds: float) -> Heard:
        """Publish from a thread; gives what came with the mark, one thing for each socket.

        Ends when all have theirs or the time is up.
        """
        self._drain()
        chunks: list[tuple[float, _Client, bytes]] = []
        publisher = Thread(target=publish)
        with _no_collection():
            used = process_time()
            started = perf_counter()
            publisher.start()
            # Frames are looked into afterwards: here every microsecond is one of the measured server.
            missing = len(self._clients)
            while missing > 0 and perf_counter() - started < seconds:
                for key, _ in self._selector.select(_POLL_SECONDS):
                    data = key.data.received()
                    chunks.append((perf_counter() - started, key.data, data))
                    missing -= mark in data
            used = process_time() - used
        publisher.join()
        arrivals = [
            Arrival(at, client.place, text)
            for at, client, data in chunks
            for _, text in client.frames(data)
            if mark in text
        ]
        return Heard(arrivals, used)

    def close(self) -> None:
        """Say goodbye, and wait a while for the server to do so too."""
        for client in self._clients:
            with suppress(OSError):  # the server may have cut it
                client.connection.send(close_frame())
        deadline = perf_counter() + _GOODBYE_SECONDS
        while self._selector.get_map() and perf_counter() < deadline:
            for key, _ in self._selector.select(_POLL_SECONDS):
                if not _received(key.data.connection):
                    self._selector.unregister(key.fileobj)
        for client in self._clients:
            client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            client.connection.close()
        self._clients.clear()
        self._selector.close()
        self._selector = DefaultSelector()

    def _connect(self, place: int, port: int, steps: Sequence[Step]) -> None:
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = _Client(place, connection, deque(steps))
        self._clients.append(client)
        self._selector.register(connection, EVENT_WRITE, client)
        connection.connect_ex((_HOST, port))

    def _events(self, deadline: float, failure: str) -> Iterator[tuple[_Client, int]]:
        if perf_counter() > deadline:
            raise SocketsError(failure)
        for key, event in self._selector.select(_POLL_SECONDS):
            yield key.data, event

    def _step(self, client: _Client) -> bool:
        """Take what came and what follows from it; whether the last step is done by that."""
        was_open = client.is_open
        data = client.received()
        if not client.switched:
            client.rest += data
            head, end, rest = client.rest.partition(_HEAD_END)
            if not end:
                return False
            if not head.startswith(_SWITCHED):
                raise SocketsError(f"refused a socket: {head[:200].decode(errors='replace')}")
            client.switched, client.rest = True, b""
            self._send(client)
            data = rest
        for _, text in client.frames(data):
            if not client.steps:
                break
            if client.steps[0].mark not in text:
                raise SocketsError(f"answered {text[:400].decode(errors='replace')}")
            client.steps.popleft()
            self._send(client)
        return client.is_open and not was_open

    def _send(self, client: _Client) -> None:
        """Send texts up to the next one that has an answer."""
        while client.steps:
            client.connection.send(text_frame(client.steps[0].text))
            if client.steps[0].mark:
                return
            client.steps.popleft()

    def _drain(self) -> None:
        """Pass over what came before."""
        while found := self._selector.select(0):
            for key, _ in found:
                client: _Client = key.data
                client.frames(client.received())


def _received(connection: socket.socket) -> bytes:
    """What came; empty at the end."""
    try:
        return connection.recv(_READ_BYTES)
    except ConnectionResetError:
        return b""


@contextmanager
def _no_collection() -> Iterator[None]:
    """The load's own garbage collection is not what is measured."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
