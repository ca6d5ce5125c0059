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
        values = self._of_leaves(given) if self._are_leaves else None
        if values is None:
            return get_variable_values(self._schema, self._definitions, dict(given))
        return values

    def _of_leaves(self, given: Mapping[str, Any]) -> VariableValues | None:
        """Values of leaf types; None where a default or an error is called for."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, name, kind, is_required in self._leaves:
            value = given.get(name, Undefined)
            sources[name] = VariableValueSource(signature, value)
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
        return VariableValues(sources, coerced)
