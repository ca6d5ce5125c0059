"""Relay pages over rows in a fixed order: arguments checked, cursors opaque, pages cut."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from domain.errors import BadInput, RangeTooLarge

MAX_PAGE: Final = 100

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Up to `limit` rows past `key` (None: from the end of the order), `backward` from the last."""

    limit: int
    key: str | None
    backward: bool


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: tuple[Row, ...]
    has_next: bool
    has_previous: bool


def page_request(
    kind: str, first: int | None, after: str | None, last: int | None, before: str | None
) -> PageRequest:
    """Checked Relay arguments; raises BadInput, or RangeTooLarge over MAX_PAGE.

    `kind` is what the rows are: a cursor of another kind of row is refused.
    """
    if (first is None) == (last is None):
        raise BadInput(f"give either first or last, 1 to {MAX_PAGE}")
    name, limit = ("first", first) if first is not None else ("last", last)
    if limit is None or limit < 1:
        raise BadInput(f"{name} must be 1 to {MAX_PAGE}, found {limit}")
    if limit > MAX_PAGE:
        raise RangeTooLarge(f"{name} must be 1 to {MAX_PAGE}, found {limit}")
    backward = last is not None
    stray = ("after", after) if backward else ("before", before)
    if stray[1] is not None:
        raise BadInput(f"{stray[0]} does not go with {name}")
    cursor = before if backward else after
    return PageRequest(limit, None if cursor is None else row_key(kind, cursor), backward)


def cut_page(rows: Sequence[Row], request: PageRequest) -> Page[Row]:
    """Page of rows that were read in the request's direction, one more than its limit."""
    more = len(rows) > request.limit
    kept = tuple(rows[: request.limit])
    came_from_key = request.key is not None
    if request.backward:
        return Page(kept[::-1], has_next=came_from_key, has_previous=more)
    return Page(kept, has_next=more, has_previous=came_from_key)


def row_cursor(kind: str, key: str) -> str:
    """Opaque cursor of a row."""
    return opaque(f"{kind}>{key}")


def row_key(kind: str, cursor: str) -> str:
    """Key in a cursor; raises BadInput for what is not a cursor of such a row."""
    found, mark, key = (clear(cursor) or "").partition(">")
    if found != kind or not mark:
        raise BadInput(f"cursor {cursor[:40]!r} is unknown here")
    return key


def opaque(text: str) -> str:
    """Text as URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def clear(text: str) -> str | None:
    """Inverse of `opaque`; None for a text that it did not make."""
    try:
        decoded = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
    except (UnicodeError, binascii.Error, ValueError):
        return None
    return decoded if opaque(decoded) == text else None
