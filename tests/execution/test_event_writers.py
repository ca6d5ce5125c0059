"""What subscriptions call, which of them have a writer, and who shares one."""

import functools
from collections.abc import AsyncGenerator, Callable
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
import strawberry
from graphql import parse
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from domain.settings import Settings
from schema.documents import DocumentCache
from schema.execution.events import Unwritten, Writer
from schema.execution.guards import Guarded
from schema.execution.subscriptions import Subscription, subscriptions


class Nobody(BasePermission):
    message = "nobody"

    def has_permission(self, *_: Any, **__: Any) -> bool:
        return False


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Cat(Named):
    lives: int = 9


@strawberry.type
class Stone:
    weight: float

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, Stone)


class Hollow:
    """A scalar of which nothing is ever told."""


@strawberry.type
class Event:
    text: str
    hollow: Hollow | None
    whole: int
    hidden: str = strawberry.field(permission_classes=[Nobody])
    named: Named | None
    either: Annotated[Cat | Stone, strawberry.union("Either")] | None
    cat: Cat | None
    stones: list[Stone] | None
    inner: "Event | None"
    rest: list["Event"]

    @strawberry.field
    def length(self) -> int:
        return len(self.text)

    @strawberry.field
    async def waited(self) -> int:
        return len(self.text)

    @strawberry.field
    def counted(self, number: int = 3) -> int:
        return number


async def events(
    info: strawberry.Info,
    ids: list[strawberry.ID] | None = None,
    first: int | None = None,
    size: int = 3,
) -> AsyncGenerator[Event, None]:
    yield info.context


@strawberry.type
class Query:
    nothing: int | None = None


@strawberry.type
class Happenings:
    events = strawberry.subscription(resolver=events)


def schema() -> strawberry.Schema:
    hollow = strawberry.scalar(name="Hollow", serialize=lambda _: None)
    config = StrawberryConfig(scalar_map={Hollow: hollow})
    return strawberry.Schema(Query, subscription=Happenings, types=[Cat, Stone], config=config)


SCHEMA = schema()
PAYLOAD = SimpleNamespace(text="a", whole=1, inner=None, rest=[])


def subscription(text: str, schema: strawberry.Schema = SCHEMA) -> Subscription:
    """The only subscription of a valid document."""
    (found,) = subscriptions(schema._schema, parse(text)).values()
    return found


def writer_of(asked: Subscription, **variables: Any) -> Writer | None:
    call = asked.call(variables)
    return None if call is None else call.writer


def writer(selection: str, schema: strawberry.Schema = SCHEMA) -> Writer | None:
    return writer_of(subscription(f"subscription {{ events {selection} }}", schema))


@pytest.mark.parametrize(
    "selection",
    [
        "length",
        "waited",
        "counted",
        "counted(number: 1)",
        "hidden",
        "named { name }",
        "either { __typename }",
        "cat { lives }",
        "stones { weight }",
    ],
)
def test_what_is_not_plain_has_no_writer_wherever_it_stands(selection: str) -> None:
    assert writer(f"{{ {selection} }}") is None
    assert (
        writer(f"{{ text inner {{ rest {{ ... on Event {{ a: whole {selection} }} }} }} }}") is None
    )
    assert writer(f"{{ text inner {{ text }} ... @skip(if: true) {{ {selection} }} }}") is not None


@pytest.mark.parametrize("name", ["text", "inner", "rest"])
def test_a_guarded_field_has_no_writer(name: str) -> None:
    guarded = schema()
    field = guarded._schema.type_map["Event"].fields[name]  # type: ignore[attr-defined]
    field.resolve = Guarded(field.resolve, lambda source, context: None)
    selections = {"text": "text", "inner": "inner { whole }", "rest": "rest { whole }"}
    assert writer(f"{{ {selections.pop(name)} }}", guarded) is None
    assert writer(f"{{ whole {' '.join(selections.values())} }}", guarded) is not None


def wrapped(resolve: Any) -> Any:
    @functools.wraps(resolve)
    def around(*given: Any) -> Any:
        return resolve(*given)

    return around


@pytest.mark.parametrize(
    "put_around", [lambda resolve: Guarded(resolve, lambda source, context: None), wrapped]
)
def test_a_check_around_the_subscription_itself_leaves_no_writer(
    put_around: Callable[[Any], Any],
) -> None:
    guarded = schema()
    root: Any = guarded._schema.subscription_type
    assert writer("{ text }", guarded) is not None
    root.fields["events"].resolve = put_around(root.fields["events"].resolve)
    assert writer("{ text }", guarded) is None


def test_wrong_variables_call_nothing() -> None:
    asked = subscription(
        "subscription ($first: Int!, $shown: Boolean = true) "
        "{ events(first: $first) { text @include(if: $shown) } }"
    )
    assert asked.call({"first": 1}) is not None
    for wrong in ({}, {"first": "one"}, {"first": None}, {"first": 1, "shown": "yes"}):
        assert asked.call(wrong) is None


def test_a_null_condition_has_no_writer() -> None:
    text = "subscription ($shown: Boolean = true) { events { text @include(if: $shown) } }"
    assert writer_of(subscription(text)) is not None
    assert writer_of(subscription(text), shown=None) is None


def test_null_for_an_argument_that_takes_none_calls_nothing() -> None:
    asked = subscription("subscription ($size: Int) { events(size: $size) { text } }")
    assert asked.call({"size": None}) is None
    assert asked.call({}) is not None


@pytest.mark.parametrize(
    "text",
    [
        "($ids: [ID!], $first: Int) { events(ids: $ids, first: $first) { text } }",
        "($ids: [ID!], $first: Int) { it: events(ids: $ids, first: $first) { length } }",
        '{ ...a } fragment a on Happenings { it: events(ids: ["b", "c"], first: 2) { text } }',
    ],
)
def test_a_call_tells_the_field_and_its_arguments(text: str) -> None:
    variables = {"ids": ["b", "c"], "first": 2} if "$ids" in text else {}
    call = subscription(f"subscription {text}").call(variables)
    assert call is not None
    assert (call.field, call.arguments) == ("events", {"ids": ["b", "c"], "first": 2, "size": 3})
    assert (call.writer is None) == ("length" in text)


def test_variables_that_skip_and_include_nothing_share_one_writer() -> None:
    asked = subscription(
        "subscription ($ids: [ID!], $shown: Boolean!) "
        "{ events(ids: $ids) { whole text @include(if: $shown) } }"
    )
    first = writer_of(asked, ids=["a"], shown=True)
    assert first is not None
    assert writer_of(asked, ids=["b"], shown=True) is first
    second = writer_of(asked, ids=["a"], shown=False)
    assert second is not None
    assert first(PAYLOAD) == b'{"events":{"whole":1,"text":"a"}}'
    assert second(PAYLOAD) == b'{"events":{"whole":1}}'


def test_only_so_many_ways_of_skipping_have_writers() -> None:
    names = [f"a{place}" for place in range(5)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: text @skip(if: ${name})" for name in names)
    asked = subscription(f"subscription ({declared}) {{ events {{ {fields} }} }}")
    writers = [
        writer_of(asked, **{name: bool(way >> place & 1) for place, name in enumerate(names)})
        for way in range(32)
    ]
    assert [one is not None for one in writers] == [True] * 16 + [False] * 16


@pytest.mark.parametrize(("count", "has_one"), [(1000, True), (1001, False)])
def test_so_many_fields_are_written_and_not_more(count: int, has_one: bool) -> None:
    fields = " ".join(f"a{place}: whole" for place in range(count))
    assert (writer(f"{{ {fields} }}") is not None) == has_one


def test_exponentially_many_fields_by_fragments_have_no_writer() -> None:
    fragments = "".join(
        f" fragment f{level} on Event {{ a: inner {{ ...f{level + 1} }} "
        f"b: inner {{ ...f{level + 1} }} }}"
        for level in range(12)
    )
    text = f"subscription {{ events {{ ...f0 }} }}{fragments} fragment f12 on Event {{ text }}"
    assert writer_of(subscription(text)) is None


def test_a_deep_selection_is_written_as_deep_as_the_payload_is() -> None:
    deep = writer("{ inner " * 150 + "{ text }" + "}" * 150)
    assert deep is not None
    payload = PAYLOAD
    for _ in range(150):
        payload = SimpleNamespace(inner=payload)
    assert deep(payload) == b'{"events":' + b'{"inner":' * 150 + b'{"text":"a"}' + b"}" * 151


def test_a_scalar_that_tells_nothing_is_left_to_the_stock_executor() -> None:
    write = writer("{ hollow }")
    assert write is not None
    assert write(SimpleNamespace(hollow=None)) == b'{"events":{"hollow":null}}'
    with pytest.raises(Unwritten):
        write(SimpleNamespace(hollow=Hollow()))


NAMED = """
subscription one { events { text } }
subscription two { events { whole } }
query three { nothing }
"""


class TestDocuments:
    def test_a_subscription_is_found_by_its_name(self) -> None:
        checked = DocumentCache(SCHEMA, Settings()).checked(NAMED)
        for name, wanted in {"one": b'{"text":"a"}', "two": b'{"whole":1}'}.items():
            found = checked.subscription(name)
            assert found is not None
            write = writer_of(found)
            assert write is not None
            assert write(PAYLOAD) == b'{"events":' + wanted + b"}"
        assert checked.subscription("three") is None
        assert checked.subscription("four") is None
        assert checked.subscription(None) is None

    def test_the_only_subscription_needs_no_name(self) -> None:
        documents = DocumentCache(SCHEMA, Settings())
        assert documents.checked("subscription { events { text } }").subscription(None) is not None
        assert documents.checked("{ nothing }").subscription(None) is None

    def test_a_wrong_document_has_no_subscription(self) -> None:
        wrong = DocumentCache(SCHEMA, Settings()).checked(
            "subscription { events { text } other: events { text } }"
        )
        assert wrong.errors
        assert wrong.subscription(None) is None
