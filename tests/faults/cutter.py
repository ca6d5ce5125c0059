"""A stretch of wire that is cut after a number of bytes, wherever in a frame that is."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from datasources.embedded_binaries import free_port

_CHUNK: Final = 65_536
_ENDLESS: Final = 1 << 62
_RESET: Final = struct.pack("ii", 1, 0)
"SO_LINGER of no seconds: closing throws away what is unsent and tells the peer so."


@dataclass(frozen=True, slots=True)
class Cut:
    """How many bytes pass in either direction before the connection is cut, and how."""

    from_server: int = _ENDLESS
    from_client: int = _ENDLESS
    reset: bool = False
    "Cut with RST, as by a machine that has lost the connection; else with FIN."


class Cutter:
    """Stands before a server; connection after connection is cut as planned, and then no more."""

    def __init__(self, server_port: int, cuts: Iterator[Cut]) -> None:
        self.port = free_port()
        self.cuts = 0
        "Connections that were cut so far."
        self._server_port = server_port
        self._plan = cuts
        self._connections: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def in_place(self) -> AsyncIterator["Cutter"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        try:
            yield self
        finally:
            server.close()
            for connection in self._connections:
                connection.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        connection = asyncio.create_task(self._pass_on(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _pass_on(self, from_client: StreamReader, to_client: StreamWriter) -> None:
        cut = next(self._plan, None)
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            to_client.transport.abort()
            return
        limits = cut or Cut()
        ways = [
            asyncio.create_task(_copy(from_server, to_client, limits.from_server)),
            asyncio.create_task(_copy(from_client, to_server, limits.from_client)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for writer in (to_client, to_server):
                await _close(writer, reset=limits.reset)
        self.cuts += cut is not None


async def _copy(reader: StreamReader, writer: StreamWriter, limit: int) -> None:
    """Pass on up to so many bytes; ends with them, or with the reader."""
    with suppress(OSError):
        while limit > 0 and (data := await reader.read(min(limit, _CHUNK))):
            writer.write(data)
            await writer.drain()
            limit -= len(data)


async def _close(writer: StreamWriter, *, reset: bool) -> None:
    if reset:
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
