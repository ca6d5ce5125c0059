"""Headers of every answer, pages and files too, against what a browser might do with it."""

from collections.abc import Sequence
from typing import Final

_OF_ALL: Final = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    # Pages have a second policy of their own, and browsers keep to both.
    ("content-security-policy", "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"),
    # With no-referrer, forms of our own pages would come from the origin `null`.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
)
_ONLY_HTTPS: Final = ("strict-transport-security", "max-age=31536000")


def security_headers(public_url: str) -> Sequence[tuple[str, str]]:
    """Of all answers of a server that is reached under this address; empty: it is not known."""
    return [*_OF_ALL, _ONLY_HTTPS] if public_url.startswith("https:") else _OF_ALL
