"""Guarded fields: no answer without their check, neither by a plan nor as rows of text."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest
import strawberry

from schema.execution.columns import constant, decimals
from schema.execution.guards import Guarded
from schema.execution.plans import row_writer
from schema.execution.rows import Rows
from tests.execution.small_schemas import answered, fast, stock


class NotYours(Exception):
    """What the check raises."""


@strawberry.type
class Note:
    number: int
    text: str
    owner: strawberry.Private[str] = "mine"

    @strawberry.field
    def length(self) -> int:
        return len(self.text)


def notes() -> Sequence[Note]:
    return Rows(
        3,
        {
            "number": lambda first, end: decimals(np.arange(first, end)),
            "text": lambda first, end: constant(b'"secret"'),
        },
        lambda index: Note(number=index, text="secret", owner="mine" if index < 2 else "other"),
    )


def note(owner: str = "mine") -> Note | None:
    return Note(number=7, text="secret", owner=owner)


async def later(owner: str = "mine") -> Note | None:
    return note(owner)


@strawberry.type
class Query:
    notes: Sequence[Note] = strawberry.field(resolver=notes)
    note: Note | None = strawberry.field(resolver=note)
    later: Note | None = strawberry.field(resolver=later)


class Guard:
    """A schema whose notes are guarded, and who was checked by it."""

    def __init__(self, *names: str) -> None:
        self.checked: list[tuple[int, str]] = []
        self.schema = strawberry.Schema(Query)
        self.kind = cast(Any, self.schema._schema.type_map["Note"])
        for name in names:
            field = self.kind.fields[name]
            field.resolve = Guarded(field.resolve, self._check)

    def _check(self, source: Note, context: str) -> None:
        self.checked.append((source.number, context))
        if source.owner != context:
            raise NotYours


async def test_every_guarded_field_is_checked_once_with_its_object_and_the_context() -> None:
    guard = Guard("number", "length")
    await fast(guard.schema, "{ note { number length text } later { a: number } }", "mine")
    assert guard.checked == [(7, "mine")] * 3


@pytest.mark.parametrize("guarded", ["number", "text"])
def test_a_selection_with_a_guarded_field_is_no_row_text(guarded: str) -> None:
    kind = Guard(guarded).kind
    assert row_writer(kind, (("number", "number"), ("text", "text"))) is None
    open_field = "text" if guarded == "number" else "number"
    assert row_writer(kind, (("a", open_field), ("b", "__typename"))) is not None


def test_a_selection_with_a_resolver_is_no_row_text() -> None:
    assert row_writer(Guard().kind, (("number", "number"), ("length", "length"))) is None


async def test_rows_of_a_guarded_type_are_checked_one_by_one() -> None:
    guard = Guard("text")
    wanted = await stock(guard.schema, "{ notes { number text } }", "mine")
    assert "'path', ['notes', 2, 'text']" in wanted
    guard.checked.clear()
    assert await answered(guard.schema, "{ notes { number text } }", "mine") == wanted
    assert guard.checked[:3] == [(0, "mine"), (1, "mine"), (2, "mine")]


REFUSED = [
    '{ note(owner: "other") { text } }',
    '{ later(owner: "other") { number __typename } note { number } }',
    "query ($owner: String!) { note(owner: $owner) { a: text b: length } later { text } }",
    '{ a: note(owner: "other") { __typename } b: note(owner: "other") { text } notes { text } }',
]


@pytest.mark.parametrize("query", REFUSED)
async def test_what_is_refused_has_the_stock_error_and_no_data(query: str) -> None:
    guard = Guard("number", "text", "length")
    variables = {"owner": "other"} if "$owner" in query else {}
    wanted = await stock(guard.schema, query, "mine", **variables)
    assert "'path'" in wanted
    assert await answered(guard.schema, query, "mine", **variables) == wanted
