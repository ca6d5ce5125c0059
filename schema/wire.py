"""The server's side of WebSocket connections."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any, Final, Protocol

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol

from schema.frames import close_reason

DOOR: Final = "kenshin.door"
"Under this name the extensions of a scope have the `SocketProtocol` itself."

_FULL_BYTES: Final = 16_384
_DRAINED_BYTES: Final = 4_096
"A socket is not writable from the one to the other: so much waits here for its peer."
_KERNEL_BYTES: Final = 65_536
"And so much in the kernel, which else takes megabytes for a peer that does not read."

_SILENT_SECONDS: Final = 30
"""A peer that leaves what was sent unanswered for so long is cut off. An idle one is asked three times
in the second half of it: a single question or answer may be lost."""

_CLOSING_SECONDS: Final = 5.0
"A peer that does not answer a close frame is cut off."


def set_options(listener: socket.socket) -> None:
    """Let TCP cut peers that do not answer any more, and send at once what is written.

    Of all connections that a listener takes; the second uvloop does by itself.
    """
    wanted = [
        (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE", _SILENT_SECONDS // 2),
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL", _SILENT_SECONDS // 6),
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", _SILENT_SECONDS * 1000),
    ]
    for level, name, value in wanted:
        if hasattr(socket, name):  # not every system knows all of them
            listener.setsockopt(level, getattr(socket, name), value)


class Receiver(Protocol):
    """Who is behind a door. Nothing is called after `lost`."""

    def received(self, text: str) -> None:
        """A text message came."""

    def received_bytes(self) -> None:
        """A binary message came."""

    def paused(self) -> None:
        """The socket is not writable."""

    def resumed(self) -> None:
        """The socket is writable again."""

    def drain(self) -> None:
        """The server ends: close, at once or when what is under way is done."""

    def lost(self) -> None:
        """The connection is closed or about to be; nothing can be written."""


class _NoQueue(asyncio.Queue[Any]):
    """For an application that does not ask."""

    def put_nowait(self, item: Any) -> None:
        """Keep nothing."""


_NO_QUEUE: Final = _NoQueue()
_NO_EVENT: Final = asyncio.Event()
"Nobody waits for it."


class SocketProtocol(WebSocketsSansIOProtocol):
    """The door: a WebSocket connection that is heard and written to without a task or a queue.

    The ASGI application opens it, and comes back at once: from then on everything is done as it comes.
    A peer that does not read takes bounded memory: `write` keeps nothing while the socket is not
    writable, and nothing that the peer sends is read meanwhile.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.paused = False
        "Whether the socket is not writable."
        self.close_code: int | None = None
        "Code of the close frame that ended the connection; None where there was none."
        self._opened = False
        self._receiver: Receiver | None = None

    def open(self, receiver: Receiver, subprotocol: str | None) -> bool:
        """Accept the connection; False if the peer is gone already."""
        if self.transport.is_closing():
            self.handshake_complete = True  # there is nobody any more to complete it with
            return False
        if subprotocol is not None:
            self.response.headers["Sec-WebSocket-Protocol"] = subprotocol
        self.conn.send_response(self.response)
        self.handshake_complete = self._opened = True
        self._receiver = receiver
        self._flush()
        # A connection lasts for days, and the garbage collector looks at all that is left of it.
        del self.request, self.response, self.scope
        self.queue = _NO_QUEUE
        self.writable = _NO_EVENT
        return True

    def write(self, frame: bytes) -> bool:
        """Write a frame; False if the socket is not writable, or lost: nothing was kept then."""
        if self.paused or self._receiver is None:
            return False
        self.transport.write(frame)
        return True

    def push(self, frame: Sequence[bytes | memoryview]) -> None:
        """Write the parts of a frame even if they must wait: for what nobody could write again."""
        if self._receiver is not None:
            self.transport.writelines(frame)

    def close(self, code: int, reason: str, seconds: float = _CLOSING_SECONDS) -> None:
        """Close; a peer that does not answer in that time is cut off."""
        if self._receiver is None:
            return
        self.conn.send_close(code, close_reason(reason))
        self.close_sent = True
        if self.paused:
            self.transport.resume_reading()
        self._flush()
        self._end(code, seconds)

    # What the transport and uvicorn's server call

    async def run_asgi(self) -> None:
        try:
            await self.app(self.scope, self.receive, self.send)
        except Exception:
            self.logger.exception("Exception in ASGI application\n")
        if not self._opened:
            self.send_500_response()
            self.transport.close()

    def take_over(self, http: HttpToolsProtocol, request: Request) -> None:
        """Go on with a connection after a request for WebSocket."""
        self.transport = http.transport
        self.server, self.client = http.server, http.client
        self.scheme = "wss" if http.scheme == "https" else "ws"
        self.connections.add(self)
        self.transport.set_write_buffer_limits(high=_FULL_BYTES, low=_DRAINED_BYTES)
        connected: socket.socket = self.transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)
        # What comes next are frames: past the request, which `websockets` would read by itself.
        self.conn.parser = super(ServerProtocol, self.conn).parse()
        next(self.conn.parser)
        self.handle_connect(request)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.paused = True
        if self._receiver is not None:
            self.transport.pause_reading()
            self._receiver.paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.paused = False
        if self._receiver is not None:
            self.transport.resume_reading()
            self._receiver.resumed()

    def shutdown(self) -> None:
        if self._receiver is not None:
            self._receiver.drain()
        elif not self._opened:
            super().shutdown()

    # What came from the peer

    def data_received(self, data: bytes) -> None:
        if self.conn.parser_exc is None:
            super().data_received(data)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: dict[str, Any] = self.scope["extensions"] or {}
            extensions[DOOR] = self

    def send_receive_event_to_app(self) -> None:
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self._receiver is None:
            return
        if self.curr_msg_data_type == "bytes":
            self._receiver.received_bytes()
            return
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError:
            self.close(CloseCode.INVALID_DATA, "text must be UTF-8")
        else:
            self._receiver.received(text)

    def handle_close(self, event: Frame) -> None:
        if not self.close_sent and self.conn.close_rcvd is not None:
            self._end(self.conn.close_rcvd.code)
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        """Tell the peer what is wrong, and read no further; what it sends is dropped until it goes."""
        self.close_sent = True
        self._flush()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._end(self.conn.close_sent.code if self.conn.close_sent else None, _CLOSING_SECONDS)

    def _flush(self) -> None:
        self.transport.writelines(self.conn.data_to_send())

    def _end(self, code: int | None = None, seconds: float | None = None) -> None:
        """The connection is of no more use; it is cut off after so many seconds."""
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return
        self.close_code = code
        if seconds is not None:
            self.close_timer = self.loop.call_later(seconds, self.transport.abort)
        receiver.lost()
