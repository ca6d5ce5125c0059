"""WebSocket frames of a server, and the close codes that clients act upon."""

from enum import IntEnum
from typing import Final

_SHORT: Final = 126
_MEDIUM: Final = 1 << 16
_REASON_BYTES: Final = 123
"A control frame has 125, two of which are the code."


class Close(IntEnum):
    """Close codes. npm `graphql-ws` tries again after the first two, 4403 and 4408 only."""

    RESTART = 1012
    TRY_AGAIN = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    WRONG_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_IN_USE = 4409
    TOO_MANY_INITS = 4429
    INTERNAL = 4500


def header(size: int) -> bytes:
    """Header of an unfragmented text frame with a payload of so many bytes."""
    if size < _SHORT:
        return bytes((0x81, size))
    if size < _MEDIUM:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


def text_frame(text: bytes) -> bytes:
    return header(len(text)) + text


def close_reason(text: str) -> str:
    """As much of a text as a close frame can hold."""
    return text.encode(errors="replace")[:_REASON_BYTES].decode(errors="ignore")
