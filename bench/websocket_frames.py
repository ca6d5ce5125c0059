"""WebSocket as the load speaks it: one handshake, short text frames out, whole frames in."""

from typing import Final, NamedTuple

_TEXT: Final = 0x81
_CLOSE: Final = 0x88
_PONG: Final = 0x8A
_MASKED: Final = 0x80
_NO_MASK: Final = bytes(4)
"Masks with zeros, so that what is sent is what is written here."
_SHORT: Final = 126
_LONG: Final = 127

OPCODE_TEXT: Final = 1
OPCODE_CLOSE: Final = 8
OPCODE_PING: Final = 9


class Frame(NamedTuple):
    opcode: int
    payload: bytes


def upgrade(host: str, port: int, path: str) -> bytes:
    """Request that turns a connection into a WebSocket without extensions."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
    )
    return "\r\n".join((*lines, "", "")).encode()


def text_frame(payload: bytes) -> bytes:
    return _masked(_TEXT, payload)


def pong_frame(payload: bytes) -> bytes:
    return _masked(_PONG, payload)


def close_frame() -> bytes:
    return _masked(_CLOSE, (1000).to_bytes(2, "big"))


def _masked(first: int, payload: bytes) -> bytes:
    """A client's frame; raises OverflowError for a payload of 64 KiB or more."""
    if len(payload) < _SHORT:
        return bytes((first, _MASKED | len(payload))) + _NO_MASK + payload
    length = len(payload).to_bytes(2, "big")
    return bytes((first, _MASKED | _SHORT)) + length + _NO_MASK + payload


def frames(data: bytes) -> tuple[list[Frame], bytes]:
    """A server's whole frames, and what there is of the next one."""
    found: list[Frame] = []
    start = 0
    while len(data) - start >= 2:
        head, length = start + 2, data[start + 1]
        if length == _SHORT:
            head, length = start + 4, int.from_bytes(data[start + 2 : start + 4], "big")
        elif length == _LONG:
            head, length = start + 10, int.from_bytes(data[start + 2 : start + 10], "big")
        if len(data) < head + length:
            break
        found.append(Frame(data[start] & 0x0F, data[head : head + length]))
        start = head + length
    return found, data[start:]
