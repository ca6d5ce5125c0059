"""A WebSocket client of few lines: frames as RFC 6455 lays them out, right or wrong, read or not."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from typing import Any, Final

import orjson

CONTINUATION: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9

_HANDSHAKE: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
_LENGTH_BYTES: Final = {126: 2, 127: 8}


def frame(
    data: bytes, opcode: int = TEXT, *, fin: bool = True, mask: bool = True, reserved: int = 0
) -> bytes:
    """A frame with a mask of zeros; nothing is checked."""
    size = len(data)
    if size < 126:
        length = bytes([mask << 7 | size])
    elif size < 1 << 16:
        length = bytes([mask << 7 | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([mask << 7 | 127]) + size.to_bytes(8, "big")
    return bytes([fin << 7 | reserved << 4 | opcode]) + length + bytes(4 * mask) + data


class RawSocket:
    """A connection on which nothing is read that is not asked for."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.received = 0
        "Bytes of the frames read so far."
        self._reader = reader
        self._writer = writer

    @classmethod
    async def opened(cls, port: int, receive_buffer: int | None = None) -> "RawSocket":
        """Open a connection, with a kernel buffer of so many bytes for what is not read."""
        connection = socket.socket()
        connection.setblocking(False)
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
        limit = receive_buffer or 1 << 16
        reader, writer = await asyncio.open_connection(sock=connection, limit=limit)
        opened = cls(reader, writer)
        writer.write(_HANDSHAKE)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        return opened

    def send(self, **message: Any) -> None:
        self._writer.write(frame(orjson.dumps(message)))

    async def receive(self) -> dict[str, Any]:
        """Next message; IncompleteReadError when the connection was cut."""
        message: dict[str, Any] = orjson.loads(await self._frame(TEXT))
        return message

    async def close_code(self) -> int:
        """Code of the close frame, if that comes next."""
        return int.from_bytes((await self._frame(CLOSE))[:2], "big")

    async def close(self) -> None:
        """Close as the protocol has it; whatever the server says before it closes is passed over."""
        self._writer.write(frame(b"\x03\xe8", CLOSE))
        while await self._reader.read(1 << 16):
            pass
        self._writer.close()

    def abort(self) -> None:
        self._writer.transport.abort()

    async def _frame(self, opcode: int) -> bytes:
        head, length = await self._reader.readexactly(2)
        assert head == 0x80 | opcode, head
        if length in _LENGTH_BYTES:
            size = await self._reader.readexactly(_LENGTH_BYTES[length])
            length = int.from_bytes(size, "big")
        self.received += length
        return await self._reader.readexactly(length)
