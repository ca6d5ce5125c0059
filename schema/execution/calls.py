"""Calls of resolvers, prepared before the request as far as possible."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLObjectType,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import coerce_argument, get_argument_values
from graphql.pyutils import Path
from strawberry.relay import GlobalID
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.info import Info

from schema.execution.steps import Run

_DEFINITION = "strawberry-definition"

Arguments = Callable[[Any], dict[str, Any]]
"Argument values for an executor."


def call(
    parent: GraphQLObjectType, field: GraphQLField, details: Sequence[FieldDetails], resolve: Any
) -> Run:
    """Calls a field's resolver: `resolve`, or straight what stands behind it."""
    nodes = [one.node for one in details]
    given = _argument_values(field, details[0])
    if not _is_direct(field, resolve):

        def run(value: Any, executor: Any, path: Path | None) -> Any:
            info = executor.build_resolve_info(field, nodes, parent, path)
            return resolve(value, info, **given(executor))

        return run

    definition = field.extensions[_DEFINITION]
    method: Callable[..., Any] = definition.base_resolver.wrapped_func
    names = {name: one.extensions[_DEFINITION].python_name for name, one in field.args.items()}
    wants_self = definition.base_resolver.self_parameter is not None
    wants_info = definition.base_resolver.info_parameter is not None

    def run_directly(value: Any, executor: Any, path: Path | None) -> Any:
        arguments = {names[name]: found for name, found in given(executor).items()}
        if wants_info:
            info = executor.build_resolve_info(field, nodes, parent, path)
            arguments["info"] = Info(_raw_info=info, _field=definition)
        return method(value, **arguments) if wants_self else method(**arguments)

    return run_directly


def _is_direct(field: GraphQLField, resolve: Any) -> bool:
    """Whether Strawberry's wrapper would only rename arguments and make an `Info`.

    It does more for extensions and permissions, and for arguments that are input objects or lists.
    Only Strawberry's own wrapper has the mark: one that was put around it must not be left out.
    """
    definition = field.extensions[_DEFINITION]
    method = definition.base_resolver
    return (
        hasattr(resolve, "_is_default")
        and not definition.extensions
        and method.parent_parameter is None
        and method.root_parameter is None
        and (method.info_parameter is None or method.info_parameter.name == "info")
        and all(_is_passed_on(one) for one in field.args.values())
    )


def _is_passed_on(argument: GraphQLArgument) -> bool:
    """Whether Strawberry hands the coerced value on as it is."""
    kind = argument.extensions[_DEFINITION].type
    if isinstance(kind, StrawberryMaybe):
        return False
    kind = kind.of_type if isinstance(kind, StrawberryOptional) else kind
    return is_leaf_type(get_nullable_type(argument.type)) and kind is not GlobalID


def _argument_values(field: GraphQLField, details: FieldDetails) -> Arguments:
    """Argument values: what is no variable is always the same, and variables are coerced already."""
    node = details.node
    nodes = {argument.name.value: argument for argument in node.arguments or ()}
    constants: dict[str, Any] = {}
    variables: dict[str, str] = {}

    def in_general(executor: Any) -> dict[str, Any]:
        return get_argument_values(
            field, node, executor.variable_values, details.fragment_variable_values
        )

    for name, argument in field.args.items():
        given = nodes.get(name)
        if given is not None and isinstance(given.value, VariableNode):
            variables[argument.out_name or name] = given.value.name.value
        elif given is not None and _mentions_variable(given.value):
            return in_general
        else:
            coerce_argument(constants, node, name, argument, given, None, None)

    def values(executor: Any) -> dict[str, Any]:
        coerced = executor.variable_values.coerced
        found = dict(constants)
        for name, variable in variables.items():
            value = coerced.get(variable)
            if value is None:  # a default, or an error, is called for
                return in_general(executor)
            found[name] = value
        return found

    return values


def _mentions_variable(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_mentions_variable, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_mentions_variable(field.value) for field in value.fields)
    return isinstance(value, VariableNode)
