"""Cost of an operation: how many objects and list items its answer can have, before it is executed.

Every object counts, and every item of a list, also of numbers; what takes longer than its answer
tells counts more. A list multiplies what is below it by its size, which the arguments say (`sizes`);
fields of one response key count once, what is skipped does not. So no answer has more than it costs.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    ListValueNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues, coerce_argument

from schema.execution.conditions import Outcomes, conditions
from schema.execution.definitions import fragments, operations
from schema.execution.variables import Variables
from schema.limits.amounts import Amount, amount_of, largest, product, told, total
from schema.limits.introspection_cost import IntrospectionCost
from schema.limits.sizes import Within, size_of, within_field, work_of

SETTING: Final = "max_cost"
LEAST: Final = 1
WRONG: Final = 10
"Of what is refused before its cost is known: it was read for that."


class OperationCost:
    """Cost of an operation of a valid document, worked out as far as its variables let it be."""

    def __init__(
        self,
        schema: GraphQLSchema,
        definition: OperationDefinitionNode,
        document: DocumentNode,
        introspection: IntrospectionCost,
    ) -> None:
        self._schema = schema
        self._definition = definition
        self._fragments = {name: FragmentDetails(one) for name, one in fragments(document).items()}
        self._introspection = introspection
        self._variables = Variables(schema, definition)
        self._amounts = Outcomes[Amount](conditions(document))

    def of(self, variables: Mapping[str, Any]) -> tuple[int, dict[str, Any] | None]:
        """Cost with these variables, and they themselves coerced where all of them are leaves."""
        coerced = self._variables.leaves(variables)
        if coerced is None:
            found = self._variables.values(variables)
            if not isinstance(found, VariableValues):
                return WRONG, None
            return self._of(found.coerced, lambda: found), None
        known = coerced
        return self._of(known, lambda: self._variables.with_sources(variables, known)), known

    def _of(self, coerced: dict[str, Any], values: Callable[[], VariableValues]) -> int:
        amount = self._amounts.of(coerced, lambda: self._amount(values()))
        if amount is None:
            amount = self._amount(values())
        return max(LEAST, amount_of(amount, coerced))

    def _amount(self, values: VariableValues) -> Amount:
        compiler = _Compiler(
            self._schema, self._definition, self._fragments, values, self._introspection
        )
        try:
            return compiler.operation()
        except GraphQLError:  # a condition that is null: execution says so
            return WRONG


def costs(
    schema: GraphQLSchema, document: DocumentNode, introspection: IntrospectionCost
) -> dict[str | None, OperationCost]:
    """Costs of the operations of a valid document by their names."""
    return {
        name: OperationCost(schema, one, document, introspection)
        for kind in OperationType
        for name, one in operations(document, kind).items()
    }


class _Compiler:
    """Turns an operation into what works out its cost."""

    def __init__(
        self,
        schema: GraphQLSchema,
        definition: OperationDefinitionNode,
        fragments: dict[str, FragmentDetails],
        values: VariableValues,
        introspection: IntrospectionCost,
    ) -> None:
        self._schema = schema
        self._definition = definition
        self._fragments = fragments
        self._values = values
        self._introspection = introspection

    def operation(self) -> Amount:
        root: Any = self._schema.get_root_type(self._definition.operation)
        collected = collect_fields(
            self._schema, self._fragments, self._values, root, self._definition
        )
        return self._fields(root, collected.grouped_field_set, Within())

    def _fields(
        self, parent: GraphQLObjectType, fields: dict[str, list[FieldDetails]], within: Within
    ) -> Amount:
        return total(self._field(parent, details, within) for details in fields.values())

    def _field(
        self, parent: GraphQLObjectType, details: list[FieldDetails], within: Within
    ) -> Amount:
        node = details[0].node
        name = node.name.value
        field = parent.fields.get(name)
        if field is None:
            return self._introspection.of(name, details, self._below)

        def given(compute: Callable[..., int], *names: str) -> Amount:
            return _computed(field, node, compute, names)

        below = within_field(parent.name, name, field.args, given, within)
        kind = get_named_type(field.type)
        each = 0 if is_leaf_type(kind) else self._object(kind, details, below)
        if is_list_type(get_nullable_type(field.type)):
            size = size_of(parent.name, name)
            many = size if isinstance(size, int) else size(given, below)
            counted = product(many, total((1, each)))
        else:
            counted = total((0 if is_leaf_type(kind) else 1, each))
        return total((work_of(parent.name, name, given), counted))

    def _object(self, kind: Any, details: list[FieldDetails], within: Within) -> Amount:
        possible = self._schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
        return largest(self._fields(one, self._below(one, details), within) for one in possible)

    def _below(
        self, kind: GraphQLObjectType, details: list[FieldDetails]
    ) -> dict[str, list[FieldDetails]]:
        collected = collect_subfields(
            self._schema, self._fragments, self._values, self._definition, kind, details
        )
        return collected.grouped_field_set


def _computed(
    field: GraphQLField, node: FieldNode, compute: Callable[..., int], names: Sequence[str]
) -> Amount:
    """What is computed from arguments, at once if no variable is among them."""
    nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
    constants = [_constant(field, node, name, nodes.get(name)) for name in names]
    variables = [
        value.name.value if isinstance(value := nodes.get(name), VariableNode) else None
        for name in names
    ]
    if not any(variables):
        return compute(*constants)
    first, second, *others = (*variables, None, None)
    if first and second and not any(others):  # a span
        rest = constants[2:]
        return told(lambda coerced: compute(coerced.get(first), coerced.get(second), *rest))
    wanted = list(zip(variables, constants, strict=True))
    return told(
        lambda coerced: compute(
            *[
                constant if name is None else coerced.get(name, constant)
                for name, constant in wanted
            ]
        )
    )


def _constant(field: GraphQLField, node: FieldNode, name: str, value: ValueNode | None) -> Any:
    """Value of an argument that is no variable; its default, or None, for one that is."""
    argument = field.args[name]
    if isinstance(value, ListValueNode):
        return [None] * len(value.values)
    if isinstance(value, VariableNode):
        if is_required_argument(argument):
            return None
        value = None
    given = None if value is None else ArgumentNode(name=NameNode(value=name), value=value)
    found: dict[str, Any] = {}
    coerce_argument(found, node, name, argument, given, None, None)
    return next(iter(found.values()), None)
