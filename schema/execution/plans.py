"""Selections compiled to plain calls.

A plan does for one operation what the stock executor does, with all that is known before the request
done once: which fields, under which names, of which types. Resolvers are called as the schema has
them, owner checks included. What a plan cannot do raises `Unplanned` when it is made; when anything
goes wrong while it runs, the stock executor answers instead, so that errors are always its own.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson
from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails, collect_fields

from schema.execution import steps
from schema.execution.calls import call
from schema.execution.encoding import spliced
from schema.execution.guards import Guarded
from schema.execution.rows import VALUE, Field, Rows, RowWriter
from schema.execution.steps import Step, Trail, Unplanned

Details = Sequence[FieldDetails]
Selection = tuple[tuple[str, str], ...]
"Response keys and field names."

MOST_FIELDS: Final = 1000
"Fragments can stand for exponentially many fields; so many are not worth a plan."


def plan(executor: Executor[Any]) -> Step:
    """The whole operation of an executor, as its variables skip and include; raises Unplanned."""
    root = executor.schema.get_root_type(executor.operation.operation)
    if root is None:
        raise Unplanned
    collected = collect_fields(
        executor.schema, executor.fragments, executor.variable_values, root, executor.operation
    )
    return _Planner(executor).object(root, collected.grouped_field_set)


def writer_of(executor: Executor[Any], kind: Any, details: Details) -> RowWriter | None:
    """Writes the rows of a list with this item type, as they are selected; None if it cannot."""
    base = get_nullable_type(kind)
    if is_leaf_type(base):
        return RowWriter([Field(b"", VALUE, nullable=base is kind)], b"")
    if not is_object_type(base):
        return None
    grouped = executor.collect_subfields(base, details).grouped_field_set  # type: ignore[arg-type]
    return row_writer(base, tuple((key, one[0].node.name.value) for key, one in grouped.items()))


@lru_cache(1000)
def row_writer(kind: Any, selection: Selection) -> RowWriter | None:
    """Writes rows of a type, as selected; None if a field of the selection is not a plain one."""
    fields: list[Field] = []
    before = b"{"
    for key, name in selection:
        before += orjson.dumps(key) + b":"
        if name == "__typename":
            before += orjson.dumps(kind.name) + b","
            continue
        field = kind.fields.get(name)
        attribute = field and plain_attribute(field, field.resolve)
        if not attribute or not is_leaf_type(get_nullable_type(field.type)):
            return None
        fields.append(Field(before, attribute, not isinstance(field.type, GraphQLNonNull)))
        before = b","
    return RowWriter(fields, before.removesuffix(b",") + b"}")


def plain_attribute(field: GraphQLField, resolve: Any) -> str | None:
    """Python attribute that a field without a resolver of its own shows; None for any other."""
    definition = field.extensions.get("strawberry-definition")
    if definition is None or field.args or not definition.is_basic_field:
        return None
    # Only Strawberry's own has the mark: a check that was put around it must not be left out.
    return definition.python_name if getattr(resolve, "_is_default", False) else None


class _Planner:
    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._fields = 0

    def object(self, kind: GraphQLObjectType, fields: Mapping[str, Details]) -> Step:
        return steps.fields(
            {key: self._field(key, kind, details) for key, details in fields.items()},
            _is_of(kind),
        )

    def _field(self, key: str, parent: GraphQLObjectType, details: Details) -> Step:
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise Unplanned
        name = details[0].node.name.value
        if name == "__typename":
            return steps.constant(parent.name)
        field = parent.fields.get(name)
        if field is None or "strawberry-definition" not in field.extensions:
            raise Unplanned  # introspection
        fetch, waits = self._fetch(parent, field, details)
        complete = self._value(field.type, details)
        return steps.fetched(key, parent.name, fetch, waits, complete)

    def _fetch(
        self, parent: GraphQLObjectType, field: GraphQLField, details: Details
    ) -> tuple[steps.Run, bool]:
        """How the value of a field is had, and whether that gives an awaitable."""
        resolve: Any = field.resolve
        check = None
        if isinstance(resolve, Guarded):
            resolve, check = resolve.resolve, resolve.check
        attribute = plain_attribute(field, resolve)
        if attribute is not None:
            return steps.checked(check, _attribute(attribute)), False
        waits = bool(field.extensions["strawberry-definition"].is_async)
        fragments = self._executor.fragment_definitions
        return steps.checked(check, call(parent, field, details, resolve, fragments)), waits

    def _value(self, kind: Any, details: Details) -> Step:
        if isinstance(kind, GraphQLNonNull):
            return steps.required(self._present(kind.of_type, details))
        return steps.optional(self._present(kind, details))

    def _present(self, kind: Any, details: Details) -> Step:
        if is_leaf_type(kind):
            return steps.leaf(kind)
        if isinstance(kind, GraphQLList):
            return self._list(kind.of_type, details)
        if is_abstract_type(kind):
            possible = self._executor.schema.get_possible_types(kind)
            return steps.one_of({_class(one): self._object(one, details) for one in possible})
        return self._object(kind, details)

    def _object(self, kind: GraphQLObjectType, details: Details) -> Step:
        collected = self._executor.collect_subfields(kind, details)  # type: ignore[arg-type]
        return self.object(kind, collected.grouped_field_set)

    def _list(self, kind: Any, details: Details) -> Step:
        one_by_one = steps.items(self._value(kind, details))
        writer = writer_of(self._executor, kind, details)
        if writer is None:
            return one_by_one

        def run(values: Any, executor: Any, path: Trail | None) -> Any:
            if isinstance(values, Rows):
                return spliced(writer.texts(values, executor.known_texts))
            return one_by_one.run(values, executor, path)

        return Step(run)


def _attribute(name: str) -> steps.Run:
    return lambda value, _executor, _path: getattr(value, name)


def _class(kind: GraphQLObjectType) -> type:
    """Python class of a type's objects."""
    origin: type = kind.extensions["strawberry-definition"].origin
    return origin


def _is_of(kind: GraphQLObjectType) -> Callable[[Any], bool]:
    is_type_of: Any = kind.is_type_of
    if is_type_of is None:
        return lambda _value: True
    return lambda value: bool(is_type_of(value, None))
