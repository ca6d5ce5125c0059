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
        self._signatures = [one for one in found if not isinstance(one, GraphQLError)]
        self._are_leaves = all(
            is_leaf_type(get_nullable_type(one.type)) for one in self._signatures
        )

    def values(self, given: Mapping[str, Any]) -> VariableValues | Sequence[GraphQLError]:
        """Coerced values, or what is wrong with those given."""
        values = self._leaves(given) if self._are_leaves else None
        if values is None:
            return get_variable_values(self._schema, self._definitions, dict(given))
        return values

    def _leaves(self, given: Mapping[str, Any]) -> VariableValues | None:
        """Values of leaf types; None where a default or an error is called for."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature in self._signatures:
            value = given.get(signature.name, Undefined)
            sources[signature.name] = VariableValueSource(signature, value)
            if value is Undefined and (signature.default or _is_required(signature)):
                return None
            if value is None and _is_required(signature):
                return None
            if value is Undefined:
                continue
            kind: Any = get_nullable_type(signature.type)
            try:
                coerced[signature.name] = None if value is None else kind.coerce_input_value(value)
            except Exception:  # noqa: BLE001 - whatever a scalar raises is told by the stock way
                return None
        return VariableValues(sources, coerced)


def _is_required(signature: GraphQLVariableSignature) -> bool:
    return isinstance(signature.type, GraphQLNonNull)
