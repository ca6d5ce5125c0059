"""Descriptions tell apps what opens a field to them, as `schema.scopes` has it."""

from collections.abc import Mapping
from typing import Any, Final

import strawberry

from schema.scopes import NEVER_TYPES, SCOPES, Opening, Rule, in_order

_OWNED: Final = ("Query", "Subscription", "Member", "Facility", "Bill")


def tell_scopes(schema: strawberry.Schema) -> None:
    """Add to what is said of types and fields; of a type, where all its fields need the same."""
    types: Mapping[str, Any] = schema._schema.type_map  # noqa: SLF001 - of the wrapped schema
    for name in NEVER_TYPES:
        _add(types[name], Rule.NEVER)
    for name in _OWNED:
        fields = types[name].fields
        openings = {key: SCOPES.get((name, key), Rule.NEVER) for key in fields}
        if len(set(openings.values())) == 1:
            _add(types[name], next(iter(openings.values())))
            continue
        for key, field in fields.items():
            _add(field, openings[key])


def _add(described: Any, opening: Opening) -> None:
    if described.description and (told := _told(opening)):
        described.description += f" {told}"


def _told(opening: Opening) -> str:
    if isinstance(opening, Rule):
        return "Open to no app." if opening is Rule.NEVER else ""
    scopes = " or ".join(f"`{scope.value}`" for scope in in_order(opening))
    return f"Apps need {scopes}."
