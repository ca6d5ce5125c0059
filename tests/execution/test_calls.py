"""Resolvers get the same arguments from the fast path as from Strawberry."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.relay import GlobalID

from schema.execution.guards import Guarded
from tests.execution.small_schemas import answered, fast, stock


@strawberry.enum
class Colour(Enum):
    RED = "r"
    GREEN = "g"


@strawberry.input
class Inner:
    colours: list[Colour] = strawberry.field(default_factory=lambda: [Colour.RED])


@strawberry.input
class Wish:
    number: int = 7
    on: date | None = strawberry.UNSET
    inner: Inner | None = None
    text: str | None = None


@strawberry.type
class Query:
    @strawberry.field
    def told(
        self,
        number: int = 3,
        colour: Colour = Colour.GREEN,
        text: str | None = strawberry.UNSET,
        on_day: date | None = None,
        named: Annotated[str, strawberry.argument(name="from")] = "here",
        id: strawberry.ID | None = None,  # noqa: A002 - as GraphQL names it
    ) -> str:
        return repr((number, colour, text, on_day, named, id))

    @strawberry.field
    def wished(self, wish: Wish, wishes: list[Wish] | None = None) -> str:
        return repr((wish, wishes))

    @strawberry.field
    def listed(self, numbers: list[int], colours: list[Colour | None] | None = None) -> str:
        return repr((numbers, colours))

    @strawberry.field
    def maybe(
        self, number: strawberry.Maybe[int] = None, text: strawberry.Maybe[str | None] = None
    ) -> str:
        return repr((number, text))

    @strawberry.field
    def by_id(self, id: GlobalID) -> str:  # noqa: A002 - as GraphQL names it
        return repr((id.type_name, id.node_id))

    @strawberry.field
    async def required(self, info: strawberry.Info, colour: Colour, on_day: date) -> str:
        return repr((colour, on_day, info.field_name, info.path.key, info.context))

    @strawberry.field
    def renamed_info(self, its_info: strawberry.Info, number: int = 1) -> str:
        return repr((its_info.python_name, its_info.variable_values, number))

    @strawberry.field
    async def all_of_info(self, info: strawberry.Info, number: int = 1) -> str:
        raw = info._raw_info
        found = [repr(getattr(raw, name)) for name in INFO]
        return repr([number, *found, list(raw.fragments), info.selected_fields])

    @strawberry.field
    def of_parent(self, parent: strawberry.Parent[Any], number: int = 1) -> str:
        return repr((parent, number))


SCHEMA = strawberry.Schema(Query)
INFO = (
    "field_name",
    "field_nodes",
    "return_type",
    "parent_type",
    "path",
    "root_value",
    "operation",
    "variable_values",
    "context",
)

LITERALS = [
    "{ told }",
    '{ told(number: 4, colour: RED, text: "t", onDay: "2026-11-22", from: "there", id: 5) }',
    "{ told(text: null, onDay: null, id: null) }",
    "{ a: told(number: 1) b: told(number: 2) }",
    "{ wished(wish: {}) }",
    '{ wished(wish: {number: 1, on: null, inner: {}, text: "t"}, wishes: []) }',
    '{ wished(wish: {on: "2026-11-22", inner: {colours: [GREEN]}}, wishes: [{}, {number: 2}]) }',
    "{ wished(wish: {inner: {colours: RED}}, wishes: {text: null}) }",
    "{ listed(numbers: [1, 2]) }",
    "{ listed(numbers: 1, colours: [RED, null]) }",
    "{ listed(numbers: [], colours: null) }",
    "{ maybe }",
    '{ maybe(number: 1, text: "t") }',
    "{ maybe(text: null) }",
    '{ b: required(colour: GREEN, onDay: "2026-11-22") }',
    '{ byId(id: "QTox") }',
    "{ renamedInfo }",
    "{ ofParent(number: 2) }",
    "{ a: allOfInfo ...f } fragment f on Query { a: allOfInfo b: allOfInfo(number: 2) }",
]
ALL = "$number: Int! = 5, $colour: Colour! = RED, $text: String, $day: Date, $id: ID = 7"
TOLD = (
    f"query ({ALL}) {{ told(number: $number, colour: $colour, text: $text, onDay: $day, id: $id) }}"
)
WISHED = "query ($wish: Wish! = {number: 9}, $number: Int! = 8, $colours: [Colour!]! = [GREEN]) {"
WISHED += " wished(wish: $wish, wishes: [{number: $number, inner: {colours: $colours}}]) }"
LISTED = "query ($one: Int!, $many: [Int!]!, $colours: [Colour] = [RED]) {"
LISTED += " a: listed(numbers: [$one, 2]) b: listed(numbers: $many, colours: $colours) }"
MAYBE = "query ($number: Int, $text: String) { maybe(number: $number, text: $text) }"
NULLABLE = "query ($number: Int, $colour: Colour) { told(number: $number, colour: $colour) }"
REQUIRED = "query ($colour: Colour!, $day: Date!) { required(colour: $colour, onDay: $day) }"

VARIABLES: list[tuple[str, dict[str, Any]]] = [
    (TOLD, {}),
    (TOLD, {"number": 1, "colour": "GREEN", "text": "t", "day": "2026-11-22", "id": 4, "other": 1}),
    (TOLD, {"text": None, "day": None, "id": None}),
    (WISHED, {}),
    (WISHED, {"wish": {"inner": {"colours": ["RED"]}, "on": None}, "number": 3, "colours": "RED"}),
    (LISTED, {"one": 1, "many": [3, 4]}),
    (LISTED, {"one": 1, "many": 3, "colours": None}),
    (MAYBE, {}),
    (MAYBE, {"number": 1, "text": "t"}),
    (MAYBE, {"text": None}),
    (NULLABLE, {}),
    (NULLABLE, {"number": 2, "colour": "RED"}),
    (REQUIRED, {"colour": "RED", "day": "2026-11-22"}),
    ("query n($number: Int! = 3) { allOfInfo(number: $number) }", {}),
]


@pytest.mark.parametrize("query", LITERALS)
async def test_literals_and_defaults_come_as_strawberry_gives_them(query: str) -> None:
    assert await fast(SCHEMA, query) == await stock(SCHEMA, query)


@pytest.mark.parametrize(("query", "variables"), VARIABLES)
async def test_variables_come_as_strawberry_gives_them(
    query: str, variables: dict[str, Any]
) -> None:
    assert await fast(SCHEMA, query, **variables) == await stock(SCHEMA, query, **variables)


@pytest.mark.parametrize("variables", [{"number": None}, {"colour": None}])
async def test_a_null_variable_for_what_must_not_be_null_is_the_stock_error(
    variables: dict[str, Any],
) -> None:
    wanted = await stock(SCHEMA, NULLABLE, **variables)
    assert "not to be None" in wanted
    assert await answered(SCHEMA, NULLABLE, **variables) == wanted


async def test_what_a_resolver_does_to_its_arguments_does_not_reach_the_next_call() -> None:
    query = "{ wished(wish: {inner: {colours: [RED]}}) listed(numbers: [1]) }"
    first = await fast(SCHEMA, query)
    assert await fast(SCHEMA, query) == first == await stock(SCHEMA, query)


class Refused(BasePermission):
    message = "refused"

    def has_permission(self, *_: Any, **__: Any) -> bool:
        return False


class RefusedLater(Refused):
    async def has_permission(self, *_: Any, **__: Any) -> bool:  # type: ignore[override]
        return False


class Loud(FieldExtension):
    def resolve(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        return str(next_(source, info, **kwargs)).upper()


class LoudLater(FieldExtension):
    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        return str(await next_(source, info, **kwargs)).upper()


@strawberry.type
class Kept:
    secret: str | None = strawberry.field(permission_classes=[Refused], default="s")
    open: str = "open"
    said: str = strawberry.field(extensions=[Loud()], default="said")


def never() -> str | None:
    raise AssertionError


async def never_later() -> str | None:
    raise AssertionError


def said(text: str = "a") -> str:
    return text


async def said_later(text: str = "b") -> str:
    return text


@strawberry.type
class GuardedQuery:
    at_once: str | None = strawberry.field(resolver=never, permission_classes=[Refused])
    later: str | None = strawberry.field(resolver=never_later, permission_classes=[RefusedLater])
    loud: str = strawberry.field(resolver=said, extensions=[Loud()])
    loud_later: str = strawberry.field(resolver=said_later, extensions=[LoudLater()])

    @strawberry.field
    def kept(self) -> list[Kept]:
        return [Kept(), Kept()]


GUARDED = strawberry.Schema(GuardedQuery)


@pytest.mark.parametrize("query", ["{ atOnce }", "{ later }", "{ kept { open secret } }"])
async def test_permissions_refuse_as_they_do_in_strawberry(query: str) -> None:
    wanted = await stock(GUARDED, query)
    assert "'refused'" in wanted
    assert await answered(GUARDED, query) == wanted


@pytest.mark.parametrize(
    "query", ["{ loud }", '{ loud(text: "x") loudLater }', "{ kept { said } }"]
)
async def test_field_extensions_are_called(query: str) -> None:
    assert await fast(GUARDED, query) == await stock(GUARDED, query)


async def test_a_check_goes_before_a_plain_attribute_and_a_resolver() -> None:
    asked: list[tuple[Any, Any]] = []
    schema = strawberry.Schema(GuardedQuery)
    for kind, names in (("GuardedQuery", ["kept"]), ("Kept", ["open", "said"])):
        guarded: Any = schema._schema.type_map[kind]
        for name in names:
            field = guarded.fields[name]
            field.resolve = Guarded(field.resolve, lambda *given: asked.append(given))
    assert "'open'" in await fast(schema, "{ kept { open said } }", context="c")
    assert [(type(source), context) for source, context in asked] == [
        (type(None), "c"),
        *[(Kept, "c")] * 4,
    ]
