"""Where a subscriber stands: the last place it has seen in the order of each of its facilities.

The text is opaque to clients: base64 of varints (facility and place by turns) behind a checksum, so
that a cut or altered cursor is refused, not misread.
"""

import base64
import binascii
import zlib
from collections.abc import Iterator, Mapping

from domain.errors import BadInput

_CHECKSUM_BYTES = 4
_MAX_VALUE = 2**63
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_BYTES = [bytes((value,)) for value in range(0x100)]


def encode_positions(positions: Mapping[int, int]) -> str:
    """Cursor of places by facility number."""
    body = b"".join(
        [_varint(facility) + _varint(place) for facility, place in sorted(positions.items())]
    )
    data = binascii.b2a_base64(_checksum(body) + body, newline=False)
    return data.translate(_URL_SAFE, b"=").decode()


def decode_positions(cursor: str) -> dict[int, int]:
    """Places by facility number; raises BadInput for a text that is no such cursor."""
    try:
        data = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        checksum, body = data[:_CHECKSUM_BYTES], data[_CHECKSUM_BYTES:]
        values = list(_values(body))
    except (UnicodeError, binascii.Error, ValueError):
        raise _unknown(cursor) from None
    if checksum != _checksum(body) or len(values) % 2:
        raise _unknown(cursor)
    return dict(zip(values[::2], values[1::2], strict=True))


def _unknown(cursor: str) -> BadInput:
    return BadInput(f"after: cursor {cursor[:40]!r} is unknown")


def _checksum(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "big")


def _varint(value: int) -> bytes:
    if value <= 0x7F:  # noqa: PLR2004 - seven bits a byte
        return _BYTES[value]
    return _BYTES[value & 0x7F | 0x80] + _varint(value >> 7)


def _values(body: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in body:
        value |= (byte & 0x7F) << shift
        if value >= _MAX_VALUE:
            raise ValueError(value)
        if byte & 0x80:
            shift += 7
            continue
        yield value
        value = shift = 0
    if shift:
        raise ValueError(body)
