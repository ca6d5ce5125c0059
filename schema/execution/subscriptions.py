"""Subscriptions of checked documents: what they ask for, and how their events are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields
from graphql.execution.values import VariableValues, get_argument_values

from schema.execution.conditions import Outcomes, conditions
from schema.execution.definitions import fragments, operations
from schema.execution.events import Writer, event_writer
from schema.execution.variables import Variables


@dataclass(frozen=True, slots=True)
class Call:
    """The field that a subscription asks for."""

    field: str
    arguments: dict[str, Any]
    writer: Writer | None
    "Shared by all whose variables skip and include the same; None if the selection is not plain."


class Subscription:
    """A subscription of a valid document."""

    def __init__(
        self,
        schema: GraphQLSchema,
        definition: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Sequence[str],
    ) -> None:
        self._schema = schema
        self._definition = definition
        self._fragments = {name: FragmentDetails(one) for name, one in fragments.items()}
        self._variables = Variables(schema, definition)
        self._writers = Outcomes[Writer](conditions)
        self._root = self._only_field().node

    def call(self, variables: Mapping[str, Any]) -> Call | None:
        """What these variables ask for; None where the stock executor must say what is wrong."""
        values = self._variables.values(variables)
        if not isinstance(values, VariableValues):
            return None
        root: Any = self._schema.subscription_type
        name = self._root.name.value
        try:
            arguments = get_argument_values(root.fields[name], self._root, values)
        except GraphQLError:
            return None
        return Call(name, arguments, self._writers.of(values.coerced, lambda: self._writer(values)))

    def _only_field(self) -> FieldDetails:
        """A valid subscription has one field, whatever its variables are."""
        root: Any = self._schema.subscription_type
        found = collect_fields(
            self._schema, self._fragments, VariableValues({}, {}), root, self._definition
        )
        ((details, *_),) = found.grouped_field_set.values()
        return details

    def _writer(self, values: VariableValues) -> Writer | None:
        return event_writer(self._schema, self._fragments, self._definition, values)


def subscriptions(schema: GraphQLSchema, document: DocumentNode) -> dict[str | None, Subscription]:
    """Subscriptions of a valid document by their names."""
    shared, names = fragments(document), conditions(document)
    return {
        name: Subscription(schema, one, shared, names)
        for name, one in operations(document, OperationType.SUBSCRIPTION).items()
    }
