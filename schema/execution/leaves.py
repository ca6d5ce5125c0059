"""Conversions of values that have no fields of their own, as their types convert them.

What a type would leave as it is, is left without asking the type.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping
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
    in_general = present(kind.coerce_output_value, nullable)
    if is_enum_type(kind):
        return lru_cache(_MOST_ENUM_VALUES)(in_general)  # equal values have the same name
    shortened = _SHORTENED.get(kind)
    return shortened(in_general) if shortened else in_general


def present(convert: Convert, nullable: bool) -> Convert:
    """Converts values that are there, and null to null where it may be."""

    def converted(value: Any) -> Any:
        if value is None and nullable:
            return None
        if not _is_value(value.__class__):
            raise Unconverted
        found = convert(value)
        if found is None or found is Undefined:
            raise Unconverted
        return found

    return converted


@lru_cache(_MOST_TYPES)
def _is_value(kind: type) -> bool:
    return not issubclass(kind, (NoneType, UndefinedType, Exception, Awaitable))


def items(convert: Convert) -> Convert:
    """Converts lists, item by item."""

    def converted(values: Any) -> list[Any]:
        if not isinstance(values, list | tuple):
            raise Unconverted
        return [convert(value) for value in values]

    return converted


def _unless_exactly(python: type) -> Callable[[Convert], Convert]:
    def shortened(in_general: Convert) -> Convert:
        return lambda value: value if type(value) is python else in_general(value)

    return shortened


def _unless_within(python: type[float], low: float, high: float) -> Callable[[Convert], Convert]:
    def shortened(in_general: Convert) -> Convert:
        return lambda value: (
            value if type(value) is python and low <= value <= high else in_general(value)
        )

    return shortened


_SHORTENED: Final[Mapping[GraphQLNamedType, Callable[[Convert], Convert]]] = {
    GraphQLString: _unless_exactly(str),
    GraphQLID: _unless_exactly(str),
    GraphQLBoolean: _unless_exactly(bool),
    GraphQLInt: _unless_within(int, GRAPHQL_MIN_INT, GRAPHQL_MAX_INT),
    GraphQLFloat: _unless_within(float, -sys.float_info.max, sys.float_info.max),
}
