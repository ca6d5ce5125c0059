"""Enumerations of the domain, with a text for clients of each value."""

from enum import Enum
from typing import Any

import strawberry


def described(
    kind: type[Enum], description: str, /, name: str | None = None, **values: str
) -> None:
    """Register an enumeration; raises KeyError for a value without a text."""
    registered: Any = strawberry.enum(kind, name=name, description=description)
    for value in registered.__strawberry_definition__.values:
        value.description = values.pop(value.name)
    if values:
        raise KeyError(*values)
