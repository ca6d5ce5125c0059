"""Variables of an operation, coerced with all that is known of them before the request."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values


class Variables:
    """What an operation declares; the operation must be valid."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        found = [get_variable_signature(schema, one) for one in self._definitions]
        signatures = [one for one in found if not isinstance(one, GraphQLError)]
        self._leaves: list[tuple[GraphQLVariableSignature, str, Any, bool]] = [
            (one, one.name, get_nullable_type(one.type), isinstance(one.type, GraphQLNonNull))
            for one in signatures
        ]
        self._are_leaves = all(is_leaf_type(kind) for _, _, kind, _ in self._leaves)

    def values(self, given: Mapping[str, Any]) -> VariableValues | Sequence[GraphQLError]:
        """Coerced values, or what is wrong with those given."""
        coerced = self.leaves(given)
        if coerced is None:
            return get_variable_values(self._schema, self._definitions, dict(given))
        return self.with_sources(given, coerced)

    def with_sources(self, given: Mapping[str, Any], coerced: dict[str, Any]) -> VariableValues:
        """Coerced values as graphql-core wants them, which plans do without."""
        sources = {
            name: VariableValueSource(signature, given.get(name, Undefined))
            for signature, name, _, _ in self._leaves
        }
        return VariableValues(sources, coerced)

    def leaves(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Values of leaf types, coerced; None if others are declared, or a default or error is due."""
        if not self._are_leaves:
            return None
        coerced: dict[str, Any] = {}
        for signature, name, kind, is_required in self._leaves:
            value = given.get(name, Undefined)
            if value is None or value is Undefined:
                if is_required or (value is Undefined and signature.default):
                    return None
                if value is None:
                    coerced[name] = None
                continue
            try:
                coerced[name] = kind.coerce_input_value(value)
            except Exception:  # noqa: BLE001 - whatever a scalar raises is told by the stock way
                return None
        return coerced
