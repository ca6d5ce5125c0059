"""Events of subscriptions as JSON: a selection of plain fields compiled to one expression an object.

A selection that is not plain has no writer: the stock executor answers, as it does for an event with
which anything is wrong, so that errors are always its own.
"""

import ast
from collections.abc import Callable
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

from schema.execution.leaves import as_list, is_value, leaf, null_if, unchanged_type
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
        self._variables = 0
        self._names: dict[str, Any] = {}

    def writer(self) -> Writer:
        root: Any = self._schema.subscription_type
        collected = collect_fields(
            self._schema, self._fragments, self._values, root, self._operation
        )
        ((key, details),) = collected.grouped_field_set.items()  # as the document is valid
        field = root.fields[details[0].node.name.value]
        if not _hands_on(field):
            raise Unplanned
        shown = self._value(field.type, details, ast.Name("payload", ast.Load()))
        dumped = ast.Call(self._name(orjson.dumps), [ast.Dict([ast.Constant(key)], [shown])], [])
        dump: Writer = _function("payload", dumped, self._names)

        def write(payload: Any) -> bytes:
            try:
                return dump(payload)
            except Exception as error:  # the stock executor says it as it should be said
                raise Unwritten from error

        return write

    def _value(self, kind: Any, details: list[FieldDetails], value: ast.expr) -> ast.expr:
        """A value of a type, converted."""
        nullable = not isinstance(kind, GraphQLNonNull)
        base = kind if nullable else kind.of_type
        if is_leaf_type(base):
            return self._leaf(base, nullable, value)
        if not is_list_type(base) and (not is_object_type(base) or base.is_type_of is not None):
            raise Unplanned
        once, again = self._once(value)
        there = ast.Call(self._name(is_value), [ast.Attribute(once, "__class__", ast.Load())], [])
        shown = self._items if is_list_type(base) else self._object
        absent = ast.Call(self._name(null_if(nullable)), [again], [])
        return ast.IfExp(there, shown(base, details, again), absent)

    def _leaf(self, kind: Any, nullable: bool, value: ast.expr) -> ast.expr:
        convert, python = self._name(leaf(kind, nullable)), unchanged_type(kind)
        if python is None:
            return ast.Call(convert, [value], [])
        once, again = self._once(value)
        plain = ast.Compare(
            ast.Call(self._name(type), [once], []), [ast.Is()], [self._name(python)]
        )
        return ast.IfExp(plain, again, ast.Call(convert, [again], []))

    def _items(self, kind: Any, details: list[FieldDetails], values: ast.expr) -> ast.expr:
        checked = ast.Call(self._name(as_list), [values], [])
        name = self._new_variable()
        shown = self._value(kind.of_type, details, ast.Name(name, ast.Load()))
        item = ast.Name(name, ast.Store())
        return ast.ListComp(shown, [ast.comprehension(item, checked, [], 0)])

    def _object(self, kind: Any, details: list[FieldDetails], value: ast.expr) -> ast.expr:
        collected = collect_subfields(
            self._schema, self._fragments, self._values, self._operation, kind, details
        )
        fields = collected.grouped_field_set
        return ast.Dict(
            [ast.Constant(key) for key in fields],
            [self._field(kind, one, value) for one in fields.values()],
        )

    def _field(
        self, parent: GraphQLObjectType, details: list[FieldDetails], value: ast.expr
    ) -> ast.expr:
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise Unplanned
        name = details[0].node.name.value
        if name == "__typename":
            return ast.Constant(parent.name)
        field = parent.fields[name]
        attribute = plain_attribute(field, field.resolve)
        if attribute is None:
            raise Unplanned
        return self._value(field.type, details, ast.Attribute(value, attribute, ast.Load()))

    def _once(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """An expression as it is worked out, and as its value is had again afterwards."""
        name = self._new_variable()
        return ast.NamedExpr(ast.Name(name, ast.Store()), value), ast.Name(name, ast.Load())

    def _new_variable(self) -> str:
        self._variables += 1
        return f"value{self._variables}"

    def _name(self, thing: Any) -> ast.expr:
        """A name for something that is known here."""
        name = f"known{len(self._names)}"
        self._names[name] = thing
        return ast.Name(name, ast.Load())


def _hands_on(field: GraphQLField) -> bool:
    """Whether the value of a subscription's field is what it yielded."""
    # Only Strawberry's own function is known: a check that was put around it must not be left out.
    return getattr(field.resolve, "__globals__", None) is vars(schema_converter)


def _function(parameter: str, body: ast.expr, names: dict[str, Any]) -> Any:
    """`lambda parameter: body`; one expression takes a third of the time of calls for each value."""
    arguments = ast.arguments([], [ast.arg(parameter)], None, [], [], None, [])
    function = ast.Expression(ast.Lambda(arguments, body))
    code = compile(ast.fix_missing_locations(function), "<selection>", "eval")
    return eval(code, names)  # noqa: S307 - a tree, in which no text is read as code
