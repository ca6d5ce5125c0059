"""Events of subscriptions as JSON: a selection of plain fields compiled to one expression an object.

A selection that is not plain has no writer: the stock executor answers, as it does for an event with
which anything is wrong, so that errors are always its own.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.schema import schema_converter

from schema.execution.leaves import Convert, items, leaf, present
from schema.execution.plans import MOST_FIELDS, plain_attribute
from schema.execution.steps import Unplanned

Writer = Callable[[Any], bytes]
"From what a subscription's field yields to the text of the whole data; raises Unwritten."


class Unwritten(Exception):
    """The stock executor must answer this event."""


def event_writer(
    schema: GraphQLSchema,
    fragments: dict[str, FragmentDetails],
    operation: OperationDefinitionNode,
    values: VariableValues,
) -> Writer | None:
    """Writes events of a valid subscription as its variables skip and include; None if it cannot."""
    try:
        return _Compiler(schema, fragments, operation, values).writer()
    except (Unplanned, GraphQLError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class _Member:
    """A field of an object: the attribute it shows, and how its value is converted."""

    attribute: str
    convert: Convert


class _Compiler:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDetails],
        operation: OperationDefinitionNode,
        values: VariableValues,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._operation = operation
        self._values = values
        self._fields = 0

    def writer(self) -> Writer:
        root: Any = self._schema.subscription_type
        collected = collect_fields(
            self._schema, self._fragments, self._values, root, self._operation
        )
        ((key, details),) = collected.grouped_field_set.items()  # as the document is valid
        field = root.fields[details[0].node.name.value]
        if not _hands_on(field):
            raise Unplanned
        convert, dumps = self._value(field.type, details), orjson.dumps

        def write(payload: Any) -> bytes:
            try:
                return dumps({key: convert(payload)})
            except Exception as error:  # the stock executor says it as it should be said
                raise Unwritten from error

        return write

    def _value(self, kind: Any, details: list[FieldDetails]) -> Convert:
        nullable = not isinstance(kind, GraphQLNonNull)
        base = kind if nullable else kind.of_type
        if is_leaf_type(base):
            return leaf(base, nullable)
        if is_list_type(base):
            return present(items(self._value(base.of_type, details)), nullable)
        if is_object_type(base) and base.is_type_of is None:
            return present(self._object(base, details), nullable)
        raise Unplanned

    def _object(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Convert:
        collected = collect_subfields(
            self._schema, self._fragments, self._values, self._operation, kind, details
        )
        return _dictionary(
            {key: self._member(kind, one) for key, one in collected.grouped_field_set.items()}
        )

    def _member(self, parent: GraphQLObjectType, details: list[FieldDetails]) -> _Member | str:
        """A field, or the name of the type."""
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise Unplanned
        name = details[0].node.name.value
        if name == "__typename":
            return parent.name
        field = parent.fields[name]
        attribute = plain_attribute(field, field.resolve)
        if attribute is None:
            raise Unplanned
        return _Member(attribute, self._value(field.type, details))


def _hands_on(field: GraphQLField) -> bool:
    """Whether the value of a subscription's field is what it yielded."""
    # Only Strawberry's own function is known: a check that was put around it must not be left out.
    return getattr(field.resolve, "__globals__", None) is vars(schema_converter)


def _dictionary(members: Mapping[str, _Member | str]) -> Convert:
    """Function of an object, `lambda value: {"key": convert(value.attribute), ...}`.

    It takes half the time of a loop over the members.
    """
    converts: dict[str, Any] = {}
    value = ast.Name("value", ast.Load())
    shown: list[ast.expr] = []
    for member in members.values():
        if isinstance(member, str):
            shown.append(ast.Constant(member))
            continue
        name = f"convert{len(converts)}"
        converts[name] = member.convert
        attribute = ast.Attribute(value, member.attribute, ast.Load())
        shown.append(ast.Call(ast.Name(name, ast.Load()), [attribute], []))
    keys: list[ast.expr | None] = [ast.Constant(key) for key in members]
    arguments = ast.arguments([], [ast.arg("value")], None, [], [], None, [])
    function = ast.Expression(ast.Lambda(arguments, ast.Dict(keys, shown)))
    code = compile(ast.fix_missing_locations(function), "<selection>", "eval")
    convert: Convert = eval(code, converts)  # noqa: S307 - a tree, in which no text is read as code
    return convert
