"""Scalars: instants with an offset, answered in Tokyo time; days of Tokyo."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import strawberry
from graphql import GraphQLError
from strawberry.schema.types.base_scalars import DateDefinition
from strawberry.types.scalar import ScalarDefinition

from domain.readings import shown
from domain.slots import TOKYO
from schema.kept import kept

_KEPT: Final = 4096
"Readings of one moment share their texts, and clients ask for the same spans."
_LONGEST_KEPT: Final = 40


def tokyo_text(instant: datetime) -> str:
    """ISO 8601 at +09:00."""
    # In a zone with summer time two instants can be equal, and an hour apart in Tokyo.
    return _kept_text(instant) if instant.tzinfo is UTC else _text(instant)


def _text(instant: datetime) -> str:
    return instant.astimezone(TOKYO).isoformat()


_kept_text = lru_cache(_KEPT)(_text)


def parse_instant(text: object) -> datetime:
    """Instant of an ISO 8601 text with an offset; raises GraphQLError without one."""
    if not isinstance(text, str):
        raise _no_instant(text)
    return _instant(text)


@kept(_KEPT, _LONGEST_KEPT)
def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _no_instant(text) from None
    if instant.tzinfo is None:
        raise GraphQLError(f"DateTime {text!r} has no offset: write e.g. {text}+09:00")
    return instant


def _no_instant(text: object) -> GraphQLError:
    return GraphQLError(
        f"{shown(text)} is not an ISO 8601 date and time such as 2026-11-22T10:00:00+09:00"
    )


DATE_TIME: Final[ScalarDefinition] = strawberry.scalar(
    name="DateTime",
    description="ISO 8601 with an offset; answered at +09:00. Without an offset it is refused.",
    serialize=tokyo_text,
    parse_value=parse_instant,
)

DATE: Final[ScalarDefinition] = replace(
    DateDefinition,
    description="ISO 8601, like 2026-11-22: a day in Tokyo, from midnight to midnight.",
)
