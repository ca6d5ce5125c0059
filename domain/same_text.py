"""Comparing texts in a time that does not tell how far they agree."""

from hashlib import sha256
from hmac import compare_digest


def same_text(given: str, expected: str) -> bool:
    """Whether two texts are the same, as fast as they are not; a lone surrogate counts as a ?."""
    return compare_digest(_digest(given), _digest(expected))


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="replace")).digest()
