"""The server's side of an HTTP connection."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_ROOM_BYTES: Final = 1 << 26
"More than any answer: 24 months of half hours are 4 MB."


class HttpProtocol(HttpToolsProtocol):
    """Takes all parts of an answer at once, so that the loop writes them by one system call.

    They are in memory anyway; to wait after each of them for room in the buffer would save none.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_ROOM_BYTES)

    def handle_websocket_upgrade(self) -> None:
        self.transport.set_write_buffer_limits()  # a socket's messages are not all there at once
        super().handle_websocket_upgrade()
