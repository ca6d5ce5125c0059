"""Events written straight to JSON: the bytes of the stock executor's data, or none."""

import sys
from collections.abc import Callable, Mapping
from inspect import isawaitable
from random import Random
from types import FrameType, SimpleNamespace
from typing import Any

import orjson
import pytest
import strawberry
from graphql import Undefined, get_named_type, parse
from graphql.pyutils import UndefinedType
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.execution.events import Unwritten
from schema.execution.subscriptions import Subscription, subscriptions
from schema.root import Execution, KenshinSchema
from tests.execution.drawn_events import (
    LEAVES,
    NOWHERE_RIGHT,
    PLAIN,
    RIGHT,
    WRONG,
    Colour,
    Later,
    Payloads,
)
from tests.execution.drawn_queries import Subscription as Drawn
from tests.execution.drawn_values import arguments

KENSHIN = KenshinSchema()
CHANCES = st.randoms(use_true_random=True)
WITHOUT_GUARDED = {"billPublished": 0}
VALUES = [
    *(one for one in NOWHERE_RIGHT if not isinstance(one, Later | UndefinedType)),
    *(one for known in (RIGHT, WRONG) for many in known.values() for one in many),
]


def subscription(schema: strawberry.Schema, text: str) -> Subscription:
    """The only subscription of a valid document."""
    (found,) = subscriptions(schema._schema, parse(text)).values()
    return found


def text_of(data: Any) -> bytes | None:
    try:
        return orjson.dumps(data)
    except TypeError:
        return None


async def streamed(
    schema: strawberry.Schema, text: str, payload: Any, variables: Mapping[str, Any]
) -> bytes | None:
    """Data of an event as Strawberry streams it; None if there is an error."""
    stream: Any = await schema.subscribe(text, dict(variables), context_value=[payload])
    if not hasattr(stream, "__aiter__"):
        return None
    (result,) = [one async for one in stream]
    return None if result.errors else text_of(result.data)


class Stock:
    """The stock executor of one subscription; it shows data of events, None with an error."""

    def __init__(self, schema: strawberry.Schema, text: str, variables: Mapping[str, Any]) -> None:
        document = parse(text)
        self._built: Any = Execution.build(schema._schema, document, None, None, dict(variables))

    async def data(self, payload: Any) -> bytes | None:
        if isinstance(self._built, list):
            return None
        result = self.result(payload)
        found = await result if isawaitable(result) else result
        return None if found.errors else text_of(found.data)

    def result(self, payload: Any) -> Any:
        return self._built.build_per_event_executor(payload).execute_operation(False)


def written(asked: Subscription, payload: Any, variables: Mapping[str, Any]) -> bytes | None:
    """Text by the writer; None if there is no writer, or it leaves the event to the executor."""
    call = asked.call(variables)
    writer = call.writer if call else None
    try:
        return writer(payload) if writer else None
    except Unwritten:
        return None


def drawn(chance: Random, schema: strawberry.Schema) -> Drawn:
    return Drawn(chance, schema._schema, arguments(chance, (1,)), WITHOUT_GUARDED)


@settings(max_examples=50)
@given(CHANCES)
async def test_a_selection_of_right_values_is_written_as_strawberry_streams_it(
    chance: Random,
) -> None:
    asked = drawn(chance, PLAIN)
    payload = Payloads(chance).of(asked.kind)
    wanted = await streamed(PLAIN, asked.text, payload, asked.variables)
    found = written(subscription(PLAIN, asked.text), payload, asked.variables)
    assert found == wanted


@settings(max_examples=50)
@given(CHANCES)
async def test_what_is_written_of_any_values_is_what_strawberry_streams(chance: Random) -> None:
    asked = drawn(chance, PLAIN)
    payload = Payloads(chance, wrong=0.05).of(asked.kind)
    found = written(subscription(PLAIN, asked.text), payload, asked.variables)
    if found is not None:
        assert found == await streamed(PLAIN, asked.text, payload, asked.variables)


@settings(max_examples=50)
@given(CHANCES)
async def test_an_event_of_the_portal_is_written_as_the_stock_executor_answers_it(
    chance: Random,
) -> None:
    asked = drawn(chance, KENSHIN)
    payload = Payloads(chance).of(asked.kind)
    stock = Stock(KENSHIN, asked.text, asked.variables)
    found = written(subscription(KENSHIN, asked.text), payload, asked.variables)
    assert found == await stock.data(payload)


def test_a_guarded_object_of_the_portal_is_left_to_the_stock_executor() -> None:
    text = 'subscription {{ billPublished(facilityIds: ["a"]) {{ {} }} }}'
    for selection, has_writer in {"bill { number }": False, "cursor": True}.items():
        call = subscription(KENSHIN, text.format(selection)).call({})
        assert call is not None
        assert (call.writer is not None) == has_writer


@pytest.mark.parametrize("name", LEAVES)
async def test_every_value_in_every_field_is_what_the_stock_executor_makes_of_it(name: str) -> None:
    text = f"subscription {{ plain {{ {name} }} }}"
    asked, stock = subscription(PLAIN, text), Stock(PLAIN, text, {})
    for value in VALUES:
        payload = SimpleNamespace(**{LEAVES[name]: value})
        assert written(asked, payload, {}) == await stock.data(payload)


@pytest.mark.parametrize("value", [Later(), Undefined], ids=["an awaitable", "undefined"])
@pytest.mark.parametrize("name", LEAVES)
def test_what_is_no_value_yet_is_left_to_the_executor(name: str, value: Any) -> None:
    asked = subscription(PLAIN, f"subscription {{ plain {{ {name} }} }}")
    assert written(asked, SimpleNamespace(**{LEAVES[name]: value}), {}) is None


LISTS = {
    "numbers": [[1, None], (2,), [], [None, 2**31], [1.5], iter([1]), {1: 2}, "12", 5, None],
    "colours": [list(Colour), [None], ["g"], ["PURPLE"], None],
    "grid": [[[0.5], [], (1.0, 2.0)], [[float("nan")]], [None], [0.5], None],
    "rest { note }": [[SimpleNamespace(note="a"), None], [object()], [LookupError()], None],
}


@pytest.mark.parametrize("asked_for", LISTS)
async def test_lists_are_what_the_stock_executor_makes_of_them(asked_for: str) -> None:
    text = f"subscription {{ plain {{ {asked_for} }} }}"
    asked, stock = subscription(PLAIN, text), Stock(PLAIN, text, {})
    for value in LISTS[asked_for]:
        payload = SimpleNamespace(**{asked_for.partition(" ")[0]: value})
        found, wanted = written(asked, payload, {}), await stock.data(payload)
        assert found == (wanted if isinstance(value, list | tuple | None) else None)


SELECTIONS = {
    "{ plain { text ...a } } fragment a on Plain { note ...b } fragment b on Plain { text c: whole }": (
        b'{"plain":{"text":"a","note":null,"c":1}}'
    ),
    "{ plain { inner { note text } b: text inner { text n: note __typename } } }": (
        b'{"plain":{"inner":{"note":"b","text":"c","n":"b","__typename":"Plain"},"b":"a"}}'
    ),
    "{ it: plain { text } it: plain { whole text } }": b'{"it":{"text":"a","whole":1}}',
    "{ plain { __typename is: __typename text @skip(if: true) } }": (
        b'{"plain":{"__typename":"Plain","is":"Plain"}}'
    ),
    "{ plain { ... on Plain @include(if: false) { text } ... { whole text } } }": (
        b'{"plain":{"whole":1,"text":"a"}}'
    ),
    "{ plain { text @include(if: false) } }": b'{"plain":{}}',
    "{ plain { nested: inner { inner { text } } } }": b'{"plain":{"nested":{"inner":null}}}',
}


@pytest.mark.parametrize("selection", SELECTIONS)
async def test_keys_come_in_the_order_in_which_they_are_first_selected(selection: str) -> None:
    inner = SimpleNamespace(text="c", note="b", inner=None)
    payload = SimpleNamespace(text="a", note=None, whole=1, inner=inner)
    text = f"subscription {selection}"
    assert written(subscription(PLAIN, text), payload, {}) == SELECTIONS[selection]
    assert await streamed(PLAIN, text, payload, {}) == SELECTIONS[selection]


def test_only_what_is_selected_is_read() -> None:
    class Payload:
        @property
        def text(self) -> str:
            return "read"

        @property
        def note(self) -> str:
            raise AssertionError("nobody asked")

    assert written(subscription(PLAIN, "subscription { plain { text } }"), Payload(), {}) == (
        b'{"plain":{"text":"read"}}'
    )


def calls(work: Callable[[], Any]) -> int:
    """Calls of and from Python code."""
    count = 0

    def note(_frame: FrameType, event: str, _: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


async def test_an_event_takes_two_calls_a_field_and_the_stock_executor_ten_times_as_many() -> None:
    text = f"subscription {{ plain {{ {' '.join(LEAVES)} }} }}"
    payload = SimpleNamespace(
        **{
            python_name: RIGHT[get_named_type(PLAIN.kind.fields[name].type).name][0]
            for name, python_name in LEAVES.items()
        }
    )
    call, stock = subscription(PLAIN, text).call({}), Stock(PLAIN, text, {})
    assert call is not None
    write = call.writer
    assert write is not None
    assert write(payload) == await stock.data(payload)
    most = 2 * len(LEAVES) + 5
    assert calls(lambda: write(payload)) <= most
    assert calls(lambda: stock.result(payload)) > 10 * most
