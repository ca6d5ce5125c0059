"""Entity tags of answers, and whether a client already holds one.

What is tagged, and the 304 itself, are the view's.
"""

import re
from collections.abc import Iterable
from typing import Final

from xxhash import xxh3_128

_OPAQUE: Final = rb'"[\x21\x23-\x7e\x80-\xff]*+"'
_OPAQUE_TAG: Final = re.compile(_OPAQUE)
_TAGS: Final = re.compile(
    rb"[ \t,]*+(?:(?:W/)?" + _OPAQUE + rb"[ \t]*+(?:,[ \t,]*+|\Z))*+",
)


def etag_of(parts: Iterable[bytes | memoryview]) -> bytes:
    """Weak entity tag of the body that the parts make, before any content coding.

    Weak, since one tag then stands for the body in every coding (RFC 9110 §8.8.1) and is known before
    anything is compressed; only ranges and If-Match, which we don't serve, would want strong ones.
    """
    digest = xxh3_128()
    for part in parts:
        digest.update(part)
    return b'W/"%b"' % digest.hexdigest().encode()


def matches(if_none_match: bytes | None, tag: bytes) -> bool:
    """Whether If-None-Match names the tag, compared weakly (RFC 9110 §13.1.2); never if malformed."""
    if if_none_match is None:
        return False
    if if_none_match.strip(b" \t") == b"*":
        return True
    if not _TAGS.fullmatch(if_none_match):
        return False
    return tag.removeprefix(b"W/") in _OPAQUE_TAG.findall(if_none_match)
