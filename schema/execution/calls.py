"""Calls of resolvers, prepared before the request as far as possible."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import coerce_argument, get_argument_values
from strawberry.relay import GlobalID
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.info import Info

from schema.execution.selected import names_below
from schema.execution.steps import Run, Trail, path_of

_DEFINITION = "strawberry-definition"

Arguments = Callable[[Any], dict[str, Any]]
"Argument values for an executor."


class PlannedInfo(Info[Any, Any]):
    """Strawberry's `info` of a planned call; what stands behind it is made when it is asked for."""

    def __init__(  # the fields of Info are worked out below
        self, planned: "_Planned", executor: Any, path: Trail | None
    ) -> None:
        self._planned = planned
        self._executor = executor
        self._path = path

    @property
    def context(self) -> Any:
        return self._executor.context_value

    @property
    def names_below(self) -> frozenset[str]:
        """Names of the fields that are selected below the field, whatever their conditions."""
        return self._planned.names_below

    @property
    def _field(self) -> Any:  # type: ignore[override]
        return self._planned.field.extensions[_DEFINITION]

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]
        return self._planned.raw_info(self._executor, self._path)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A field of an operation."""

    parent: GraphQLObjectType
    field: GraphQLField
    nodes: list[FieldNode]
    names_below: frozenset[str]

    def raw_info(self, executor: Any, path: Trail | None) -> GraphQLResolveInfo[Any]:
        info: GraphQLResolveInfo[Any] = executor.build_resolve_info(
            self.field, self.nodes, self.parent, path_of(path)
        )
        return info


def call(
    parent: GraphQLObjectType,
    field: GraphQLField,
    details: Sequence[FieldDetails],
    resolve: Any,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> Run:
    """Calls a field's resolver: `resolve`, or straight what stands behind it."""
    nodes = [one.node for one in details]
    planned = _Planned(parent, field, nodes, names_below(nodes, fragments))
    if not _is_direct(field, resolve):
        given = _argument_values(field, details[0], {})

        def run(value: Any, executor: Any, path: Trail | None) -> Any:
            return resolve(value, planned.raw_info(executor, path), **given(executor))

        return run

    definition = field.extensions[_DEFINITION]
    method: Callable[..., Any] = definition.base_resolver.wrapped_func
    names = {
        argument.out_name or name: argument.extensions[_DEFINITION].python_name
        for name, argument in field.args.items()
    }
    given = _argument_values(field, details[0], names)
    wants_self = definition.base_resolver.self_parameter is not None
    wants_info = definition.base_resolver.info_parameter is not None

    def run_directly(value: Any, executor: Any, path: Trail | None) -> Any:
        arguments = given(executor)
        if wants_info:
            arguments["info"] = PlannedInfo(planned, executor, path)
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


def _argument_values(
    field: GraphQLField, details: FieldDetails, names: Mapping[str, str]
) -> Arguments:
    """Argument values by `names`: what is no variable is always the same, and variables are coerced."""
    node = details.node
    nodes = {argument.name.value: argument for argument in node.arguments or ()}
    constants: dict[str, Any] = {}
    variables: list[tuple[str, str]] = []

    def in_general(executor: Any) -> dict[str, Any]:
        found = get_argument_values(
            field, node, executor.variable_values, details.fragment_variable_values
        )
        return {names.get(name, name): value for name, value in found.items()}

    for name, argument in field.args.items():
        given = nodes.get(name)
        if given is not None and isinstance(given.value, VariableNode):
            out_name = argument.out_name or name
            variables.append((names.get(out_name, out_name), given.value.name.value))
        elif given is not None and _mentions_variable(given.value):
            return in_general
        else:
            coerce_argument(constants, node, name, argument, given, None, None)
    constants = {names.get(name, name): value for name, value in constants.items()}

    def values(executor: Any) -> dict[str, Any]:
        coerced = executor.coerced
        found = constants.copy()
        for name, variable in variables:
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
