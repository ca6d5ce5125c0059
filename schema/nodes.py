"""Node ids: opaque to clients, a type name and a key inside."""

from functools import lru_cache
from typing import Final

import strawberry

from domain.errors import BadInput
from domain.paging import clear, opaque
from resolvers.facilities import number_of
from schema.kept import kept

_KEPT: Final = 10_000
_LONGEST_KEPT: Final = 64
"Our own ids have 20 to 40 characters; a longer text is not kept."


@strawberry.interface(description="An object with an id of its own, found again by `node`.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque; the same for ever. `node` finds it again."
    )


@lru_cache(_KEPT)
def node_id(kind: str, key: int | str) -> strawberry.ID:
    return strawberry.ID(opaque(f"{kind}:{key}"))


def parse_node_id(text: str) -> tuple[str, str]:
    """Type name and key of an id; raises BadInput for a text that is none."""
    kind, colon, key = (clear(text) or "").partition(":")
    if not colon:
        raise BadInput(f"id {text[:40]!r} is malformed")
    return kind, key


def key_of(kind: str, text: str) -> str:
    """Key of an id of one type; empty for any other text."""
    found, _, key = (clear(text) or "").partition(":")
    return key if found == kind else ""


@kept(_KEPT, _LONGEST_KEPT)
def facility_number(text: str) -> int:
    """Number of a facility id; raises BadInput."""
    kind, key = parse_node_id(text)
    number = number_of(key) if kind == "Facility" else None
    if number is None:
        raise BadInput(f"id {text[:40]!r} is not a facility's")
    return number
