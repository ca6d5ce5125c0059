"""Whole operations compiled: what they answer, what they leave to the stock executor."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar, cast

import numpy as np
import pytest
import strawberry
from strawberry.scalars import JSON

from schema.execution.columns import Column, constant, decimals
from schema.execution.rows import VALUE, Rows
from tests.execution.small_schemas import FellBack, answered, fast, stock

Item = TypeVar("Item")


@strawberry.interface
class Named:
    name: str

    @strawberry.field
    def greeting(self, word: str = "hello") -> str:
        return f"{word} {self.name}"


@strawberry.type
class Cat(Named):
    lives: int = 9
    friends: list[Named] = strawberry.field(default_factory=list)


@strawberry.type
class Dog(Named):
    loud: bool = True

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, Dog) and value.name != "stray"


class Puppy(Dog):
    """Not known to the schema."""


@strawberry.type
class Box(Generic[Item]):
    item: Item


@strawberry.type
class Point:
    x: int
    y: float | None


def points(*y: Any) -> Rows[Point]:
    """Rows whose x counts up; one by one they have these y, as columns there is none."""
    return Rows(
        len(y),
        {"x": _counted, "y": lambda first, end: constant(b"null")},
        lambda index: Point(x=index, y=y[index]),
    )


def _counted(first: int, end: int) -> Column:
    return decimals(np.arange(first, end))


PETS: Sequence[Any] = [
    Cat(name="Mia", friends=[Dog(name="Rex"), Cat(name="Tom")]),
    Dog(name="Rex"),
]


def failure() -> Any:
    return LookupError("returned, not raised")


@strawberry.type
class Query:
    @strawberry.field
    def pets(self) -> list[Named]:
        return list(PETS)

    @strawberry.field
    async def pet(self, place: int) -> Named | None:
        return PETS[place] if place < len(PETS) else None

    @strawberry.field
    def puppy(self) -> Named | None:
        return Puppy(name="Pip")

    @strawberry.field
    def stray(self) -> Dog | None:
        return Dog(name="stray")

    @strawberry.field
    def boxed(self) -> list[Annotated[Box[int] | Box[str], strawberry.union("Boxed")]]:
        return [Box(item=1), Box(item="one")]

    @strawberry.field
    def grid(self) -> list[list[int | None]]:
        return [[1, None], [], [3]]

    @strawberry.field
    async def point_grid(self) -> list[list[Point]]:
        return [[Point(x=1, y=None)], [], [Point(x=2, y=0.5)]]

    @strawberry.field
    def some(self) -> list[Named | None]:
        found: list[Any] = [PETS[0], LookupError("no pet"), None]
        return found

    @strawberry.field
    def numbers(self) -> list[int | None]:
        found: list[Any] = [1, LookupError("no number")]
        return found

    anything: JSON | None = strawberry.field(resolver=failure)
    cat_failure: Cat | None = strawberry.field(resolver=failure)
    point_failure: Point | None = strawberry.field(resolver=failure)

    @strawberry.field
    def generated(self) -> list[int]:
        found: Any = (number for number in (1, 2))
        return cast(list[int], found)

    @strawberry.field
    def points(self) -> Sequence[Point]:
        return points(None, None)

    @strawberry.field
    def no_points(self) -> Sequence[Point]:
        return points()

    @strawberry.field
    def shortened(self) -> Sequence[int]:
        return Rows(2, {VALUE: _counted}, lambda index: index)

    @strawberry.field
    def holed(self) -> Sequence[int]:
        values: Any = [0, None]
        return Rows(2, {VALUE: lambda first, end: constant(b"null")}, lambda index: values[index])


SCHEMA = strawberry.Schema(Query, types=[Cat, Dog])

PLANNED = [
    "{ __typename type: __typename }",
    "{ pets { name ... on Cat { lives } ... on Dog { loud } __typename } }",
    '{ pets { greeting(word: "hi") a: greeting name ... on Named { name } } }',
    "{ pets { ... on Cat { friends { name ... on Dog { loud } } } } }",
    "{ a: pet(place: 0) { __typename } pets { name } b: pet(place: 7) { name } }",
    "{ a: pet(place: 1) { ...f __typename } } fragment f on Dog { loud name }",
    "{ grid }",
    "{ pointGrid { y x } }",
    "{ points { x y } points { __typename a: x } }",
    "{ points { b: x y ... on Point { __typename x } x } }",
    "{ noPoints { x y __typename } }",
    "{ shortened }",
]
LEFT = [
    "{ puppy { name } }",
    "{ stray { name } }",
    "{ some { name } }",
    "{ some { __typename } pets { name } }",
    "{ numbers }",
    "{ anything }",
    "{ catFailure { name } }",
    "{ pointFailure { x } }",
    "{ pointFailure { __typename } }",
    "{ generated }",
    "{ holed }",
    "{ points { x } holed pets { name } }",
]


@pytest.mark.parametrize("query", PLANNED)
async def test_a_plan_answers_as_strawberry_does(query: str) -> None:
    assert await fast(SCHEMA, query) == await stock(SCHEMA, query)


@pytest.mark.parametrize("query", LEFT)
async def test_what_a_plan_cannot_complete_has_the_stock_answer_and_errors(query: str) -> None:
    assert await answered(SCHEMA, query) == await stock(SCHEMA, query)


async def assert_no_plan(query: str) -> None:
    with pytest.raises(FellBack) as found:
        await fast(SCHEMA, query)
    assert found.value.__context__ is None


async def test_a_union_of_one_generic_type_names_each_specialisation() -> None:
    query = "{ boxed { __typename ... on IntBox { a: item } ... on StrBox { b: item } } }"
    wanted = await stock(SCHEMA, query)
    assert "'IntBox'" in wanted
    assert "'StrBox'" in wanted
    assert await answered(SCHEMA, query) == wanted


async def test_a_null_in_a_row_that_must_not_be_is_the_stock_error_with_its_index() -> None:
    wanted = await stock(SCHEMA, "{ holed }")
    assert "Cannot return null for non-nullable field Query.holed." in wanted
    assert "('path', ['holed', 1])" in wanted
    assert await answered(SCHEMA, "{ holed }") == wanted


@pytest.mark.parametrize(
    "query",
    ["{ __schema { queryType { name } } }", '{ __type(name: "Cat") { name } pets { name } }'],
)
async def test_introspection_has_no_plan_and_the_stock_answer(query: str) -> None:
    await assert_no_plan(query)
    assert await answered(SCHEMA, query) == await stock(SCHEMA, query)


def fields(count: int) -> str:
    """A query of so many fields by fragments that are spread again and again."""
    spreads = " ".join(f"p{place}: pet(place: 0) {{ ...f }}" for place in range(count // 50))
    inner = " ".join(f"a{place}: name" for place in range(49))
    return f"{{ {spreads} }} fragment f on Cat {{ {inner} }}"


async def test_a_thousand_fields_have_a_plan_and_more_the_stock_answer() -> None:
    assert await fast(SCHEMA, fields(1000)) == await stock(SCHEMA, fields(1000))
    await assert_no_plan(fields(1050))
    assert await answered(SCHEMA, fields(1050)) == await stock(SCHEMA, fields(1050))


async def test_exponentially_many_fields_by_fragments_are_not_planned() -> None:
    levels = 12
    query = "{ pets { ...f0 } }" + "".join(
        f" fragment f{level} on Cat {{ a: friends {{ ...f{level + 1} }} b: friends "
        f"{{ ...f{level + 1} }} }}"
        for level in range(levels)
    )
    query += f" fragment f{levels} on Cat {{ name }}"
    await assert_no_plan(query)
    assert await answered(SCHEMA, query) == await stock(SCHEMA, query)


CONDITIONS = """query ($a: Boolean!, $b: Boolean = true, $c: Boolean! = false) {
  pets @skip(if: $c) { name @include(if: $a) ... on Cat @skip(if: $b) { lives } __typename }
  points @include(if: $b) { x y @skip(if: $a) }
}"""


@pytest.mark.parametrize("a", [True, False])
@pytest.mark.parametrize("b", [{}, {"b": True}, {"b": False}])
@pytest.mark.parametrize("c", [{}, {"c": True}])
async def test_conditions_come_out_as_the_variables_say(
    a: bool, b: dict[str, bool], c: dict[str, bool]
) -> None:
    given: Any = {"a": a} | b | c
    assert await fast(SCHEMA, CONDITIONS, **given) == await stock(SCHEMA, CONDITIONS, **given)


NULL_CONDITIONS = ["{ pets { name @include(if: $b) } }", "{ noPoints { x @skip(if: $b) } }"]


@pytest.mark.parametrize("query", NULL_CONDITIONS)
async def test_a_null_condition_is_the_stock_answer(query: str) -> None:
    text = f"query ($b: Boolean = true) {query}"
    given: Any = {"b": None}
    assert await answered(SCHEMA, text, **given) == await stock(SCHEMA, text, **given)
