"""Conversions of values that have no fields of their own, as their types convert them.

What a type would leave as it is, is left without asking the type.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from types import NoneType
from typing import Any, Final

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLNamedType,
    GraphQLString,
    Undefined,
    is_enum_type,
)
from graphql.pyutils import UndefinedType

Convert = Callable[[Any], Any]
"From a value to one that orjson writes; raises Unconverted, or whatever its type raises."

_MOST_ENUM_VALUES: Final = 256
_MOST_TYPES: Final = 1024


class Unconverted(Exception):
    """No value of its type, or null where none may be."""


@lru_cache
def leaf(kind: GraphQLLeafType, nullable: bool) -> Convert:
    """Converts values of a scalar or an enum."""
    in_general = _checked(kind.coerce_output_value, nullable)
    if is_enum_type(kind):
        return lru_cache(_MOST_ENUM_VALUES)(in_general)  # equal values have the same name
    shortened = _SHORTENED.get(kind)
    return shortened(in_general) if shortened else in_general


def _checked(convert: Convert, nullable: bool) -> Convert:
    """Converts values that are there, and null to null where it may be."""
    absent = null_if(nullable)

    def converted(value: Any) -> Any:
        if not is_value(value.__class__):
            return absent(value)
        found = convert(value)
        if found is None or found is Undefined:
            raise Unconverted
        return found

    return converted


def null_if(nullable: bool) -> Convert:
    """What becomes of no value: null if it may be."""

    def converted(value: Any) -> None:
        if value is not None or not nullable:
            raise Unconverted

    return converted


@lru_cache(_MOST_TYPES)
def is_value(kind: type) -> bool:
    """Whether that is the type of a value, not of none, of an error or of something to wait for."""
    return not issubclass(kind, (NoneType, UndefinedType, Exception, Awaitable))


def as_list(values: Any) -> Sequence[Any]:
    """The items of what must be a list."""
    if not isinstance(values, list | tuple):
        raise Unconverted
    return values


def unchanged_type(kind: GraphQLLeafType) -> type | None:
    """Values of exactly this Python type are left as they are, all of them; None if there is none."""
    return _UNCHANGED.get(kind)


def _unless_within(python: type[float], low: float, high: float) -> Callable[[Convert], Convert]:
    def shortened(in_general: Convert) -> Convert:
        return lambda value: (
            value if type(value) is python and low <= value <= high else in_general(value)
        )

    return shortened


_UNCHANGED: Final[Mapping[GraphQLNamedType, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}
_SHORTENED: Final[Mapping[GraphQLNamedType, Callable[[Convert], Convert]]] = {
    GraphQLInt: _unless_within(int, GRAPHQL_MIN_INT, GRAPHQL_MAX_INT),
    GraphQLFloat: _unless_within(float, -sys.float_info.max, sys.float_info.max),
}
