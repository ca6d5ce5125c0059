"""The server's side of HTTP connections: answers by one system call, an end for slow peers."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import orjson
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request

from domain.errors import BadInput
from schema.wire import SocketProtocol

WHOLE: Final = "kenshin.whole"
"""Under this name the extensions of a scope have what answers a request of HTTP at once: called with a
status, headers and the parts of a body, which uvicorn would send by a system call each."""

Part = bytes | memoryview

_SHORT_BYTES: Final = 65_536
"Bytes of a body that is joined with its head: the copy costs less than to write two parts."

_LONGEST_HEAD: Final = 65_536
"Bytes of a head that comes in several pieces, which nothing else bounds. Browsers stop at 8 to 64 kB."

_LEAST_RATE: Final = 500
"Bytes of a body in a second, over its whole time: who sends less holds a connection for nothing."

_SLOW_SECONDS: Final = 20.0
_LINGER_SECONDS: Final = 2.0
"""After an answer that did not wait for the whole body: what still comes is dropped for so long. A
connection that is closed while something comes takes the answer with it."""


class HttpProtocol(HttpToolsProtocol):
    """Offers applications to write a whole answer by one system call, under WHOLE.

    An idle connection is closed as uvicorn does it, by a timer that stays through many requests.
    A request must have come whole in `slow_seconds`, and a second more for each 500 bytes of its
    body. A request that comes in one piece, as nearly all do, has no timer for that.

    Who offers another protocol than WebSocket is answered in this one. Of trailers nothing is kept:
    they would pass for headers, at which a proxy has looked.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        slow_seconds: float = _SLOW_SECONDS,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._slow_seconds = slow_seconds
        self._idle_since: float | None = None
        "Time of the loop; None while a request is under way, and before the first."
        self._slow: asyncio.TimerHandle | None = None
        "Ends the connection unless the rest of a request comes."
        self._awaited: object = None
        "Scope of the request whose rest is awaited; None before the first."
        self._awaited_since = 0.0
        self._received = 0
        "Bytes of that request."
        self._deaf = False
        "Whether what comes is dropped, or goes elsewhere."
        self._head_ended = False
        self._answering: RequestResponseCycle | None = None
        "What the application was asked last; requests that came with it wait for their turn."

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._awaited_since = self.loop.time()
        self._look_for_rest(self._slow_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_timers()
        super().connection_lost(exc)
        if self._answering is not None:  # of which uvicorn knows only if it came last
            self._answering.disconnected = True
            self._answering.message_event.set()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._read(data)
        cycle = self.cycle
        if cycle is None or cycle.more_body or cycle.scope is not self.scope:
            self._await_rest(len(data))
        elif self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.cycle.more_body:
            self._linger()
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        if self.scope is not self.cycle.scope:
            return  # the next request has begun to come
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wait_for_requests(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if it has been idle for so long, else look again when it may have."""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return  # the end of the request that is under way sets the timer again
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._wait_for_requests(left)
        else:
            super().timeout_keep_alive_handler()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over with the request, which is not to be read again."""
        headers = Headers()
        for name, value in self.scope["headers"]:
            headers[name.decode("latin-1")] = value.decode("latin-1")
        request = Request(self.url.decode("latin-1"), headers, self.scope["method"])
        self.connections.discard(self)
        self._end_timers()
        self._deaf = True
        door = SocketProtocol(self.config, self.server_state, self.app_state, self.loop)
        door.take_over(self, request)
        self.transport.set_protocol(door)
        # It holds this object as this object holds it: thousands would wait for the collector.
        del self.parser

    def _unset_keepalive_if_required(self) -> None:
        """What comes need not be a request: that it is one, `on_message_begin` says."""

    def _wait_for_requests(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def _end_timers(self) -> None:
        for timer in (self.timeout_keep_alive_task, self._slow):
            if timer is not None:
                timer.cancel()
        self.timeout_keep_alive_task = self._slow = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        extensions: dict[str, Any] = {WHOLE: partial(_answer, cycle)}
        cycle.scope["extensions"] = extensions
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    # Requests as they are read

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._idle_since = None
        self._head_ended = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_ended:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_ended = True
        if not self._offers_other_protocol():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._offers_other_protocol():
            super().on_message_complete()

    def _read(self, data: bytes) -> None:
        try:
            offered = self._fed(memoryview(data))
            while offered is not None and not self._should_upgrade():
                self._begin_without_offer()
                offered = self._fed(offered)
        except (HttpParserError, HttpParserUpgrade):  # the latter again: it is CONNECT
            message = "Invalid HTTP request received."
            self.logger.warning(message)
            self.send_400_response(message)
        else:
            if offered is not None:
                self.handle_websocket_upgrade()

    def _fed(self, data: memoryview) -> memoryview | None:
        """Let the parser read; gives what it leaves to another protocol, None if there is no offer."""
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as offer:
            return data[offer.args[0] :]
        return None

    def _offers_other_protocol(self) -> bool:
        """Whether the parser takes what follows a head for a protocol that is not spoken here."""
        return self.parser.should_upgrade() and not self._should_upgrade()

    def _begin_without_offer(self) -> None:
        """Begin the request with a new parser: to the one that saw the offer its body is no body."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = _lines((name, value) for name, value in self.headers if name != b"upgrade")
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.parser.feed_data(
            b"%b %b HTTP/%b\r\n%b\r\n" % (method, self.url, version, b"".join(lines))
        )

    # Requests that come in pieces

    def _await_rest(self, size: int) -> None:
        """Look after a request of which so many bytes came, and not the last."""
        if self._deaf or self.transport.is_closing():
            return
        if self._awaited is not self.scope:
            self._awaited, self._awaited_since, self._received = self.scope, self.loop.time(), 0
        self._received += size
        if self._received > _LONGEST_HEAD and not self._in_body:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"the head of a request must be at most {_LONGEST_HEAD} bytes",
            )
        elif self._slow is None:
            self._look_for_rest(self._slow_seconds)

    @property
    def _in_body(self) -> bool:
        return self.cycle is not None and self.cycle.scope is self.scope

    def _look_for_rest(self, seconds: float) -> None:
        self._slow = self.loop.call_later(seconds, self._may_be_too_slow)

    def _may_be_too_slow(self) -> None:
        self._slow = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:  # what the peer sends waits for us
            self._awaited_since = self.loop.time()
        due = self._awaited_since + self._slow_seconds
        if self._in_body:
            due += self._received / _LEAST_RATE
        left = due - self.loop.time()
        if left > 0:
            self._look_for_rest(left)
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "the request came too slowly")

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """End the connection; with an answer, unless there was one or nothing was asked."""
        if self.scope is not None and not (self._in_body and self.cycle.response_started):
            error = {"message": message, "extensions": BadInput().extensions}
            body = orjson.dumps({"errors": [error]})
            lines = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
            every = _of_all_answers(self.server_state.default_headers)
            end = (b"connection: close\r\n\r\n", body)
            self.transport.write(b"".join((STATUS_LINE[status], every, *_lines(lines), *end)))
        self.transport.close()

    def _linger(self) -> None:
        """Close the connection once the peer has had time to read the answer."""
        self._deaf = True
        self._end_timers()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._slow = self.loop.call_later(_LINGER_SECONDS, self.transport.abort)


async def _answer(
    cycle: RequestResponseCycle,
    status: int,
    headers: Iterable[tuple[bytes, bytes]],
    parts: Sequence[Part],
) -> None:
    """Write a whole answer; `headers` must be sound and have the length of the body."""
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    goes_on = cycle.keep_alive and not cycle.more_body
    end = b"\r\n" if goes_on else b"connection: close\r\n\r\n"
    every = _of_all_answers(cycle.default_headers)
    head = b"".join((STATUS_LINE[status], every, *_lines(headers), end))
    body = () if cycle.scope["method"] == "HEAD" else parts
    if sum(map(len, body)) <= _SHORT_BYTES:
        cycle.transport.write(b"".join((head, *body)))
    else:
        cycle.transport.writelines((head, *body))
    cycle.message_event.set()
    if not (cycle.keep_alive or cycle.more_body):
        cycle.transport.close()
    cycle.on_response()


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    return [name + b": " + value + b"\r\n" for name, value in headers]


class _LinesOfAll:
    """Lines of the headers of all answers, which uvicorn makes anew once a second."""

    def __init__(self) -> None:
        self._headers: object = None
        self._lines = b""

    def __call__(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        if headers is not self._headers:
            self._headers, self._lines = headers, b"".join(_lines(headers))
        return self._lines


_of_all_answers: Final = _LinesOfAll()
