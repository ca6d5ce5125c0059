"""Cost of asking for the schema, whose size is known.

All types together have so many fields, those so many arguments: below `__schema { types }` these totals
count. Elsewhere, as below the type of a field, any type may be meant, and the largest counts.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    introspection_types,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetails

Below = Callable[[GraphQLObjectType, list[FieldDetails]], dict[str, list[FieldDetails]]]


@lru_cache(8)
def introspection_cost(schema: GraphQLSchema) -> "IntrospectionCost":
    """Counted once for a schema."""
    return IntrospectionCost(schema)


class IntrospectionCost:
    """Costs of the introspection fields of a schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        kinds = list(schema.type_map.values())
        fields = [
            list(one.fields.values())
            for one in kinds
            if is_object_type(one) or is_interface_type(one)
        ]
        sizes: Mapping[str, Iterable[int]] = {
            "__Schema.types": [len(kinds)],
            "__Schema.directives": [len(schema.directives)],
            "__Type.fields": map(len, fields),
            "__Type.interfaces": (len(one.interfaces) for one in kinds if is_object_type(one)),
            "__Type.possibleTypes": (
                len(schema.get_possible_types(one)) for one in kinds if is_interface_type(one)
            ),
            "__Type.enumValues": (len(one.values) for one in kinds if is_enum_type(one)),
            "__Type.inputFields": (len(one.fields) for one in kinds if is_input_object_type(one)),
            "__Field.args": (len(field.args) for each in fields for field in each),
            "__Directive.args": (len(one.args) for one in schema.directives),
            "__Directive.locations": (len(one.locations) for one in schema.directives),
        }
        found = {name: list(numbers) for name, numbers in sizes.items()}
        self._totals = {name: sum(numbers) for name, numbers in found.items()}
        self._largest = {name: max(numbers, default=0) for name, numbers in found.items()}

    def of(self, name: str, details: list[FieldDetails], below: Below) -> int:
        """Cost of `__schema`, `__type` or `__typename`."""
        kind = {"__schema": "__Schema", "__type": "__Type"}.get(name)
        if kind is None:
            return 0
        return 1 + self._object(introspection_types[kind], details, below, 1, whole=False)

    def _object(
        self, kind: Any, details: list[FieldDetails], below: Below, many: int, *, whole: bool
    ) -> int:
        """Cost of what is below so many objects; they are the `whole` of their kind in the schema."""
        return sum(
            self._field(kind, each, below, many, whole=whole)
            for each in below(kind, details).values()
        )

    def _field(
        self, parent: Any, details: list[FieldDetails], below: Below, many: int, *, whole: bool
    ) -> int:
        field = parent.fields.get(details[0].node.name.value)
        if field is None:  # __typename
            return 0
        kind = get_named_type(field.type)
        is_list = is_list_type(get_nullable_type(field.type))
        if not is_list and is_leaf_type(kind):
            return 0
        name = f"{parent.name}.{details[0].node.name.value}"
        is_whole = name in self._totals and (whole or parent.name == "__Schema")
        if is_whole:
            count = self._totals[name]
        else:
            count = many * (self._largest.get(name, 0) if is_list else 1)
        if is_leaf_type(kind):
            return count
        return count + self._object(kind, details, below, count, whole=is_whole)
