"""No answer has more objects and list items than its operation costs."""

import gc
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import orjson
import pytest
from graphql import execute_sync, get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.settings import Settings
from schema.root import open_schema
from tests.execution.both_ways import fast_text
from tests.execution.drawn_queries import WEIGHTS, Query
from tests.execution.drawn_values import arguments, usage
from tests.execution.memory_portal import NO_LIMITS, context
from tests.limits.counting import objects

# The stock executor drops coroutines when a value that must not be null has an error.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

SCHEMA = open_schema(settings=NO_LIMITS)
LENGTHS = (*[1, 2, 48, 60, 90, 400] * 3, 1000)
SERIES = WEIGHTS | {"usage": 90, "comparedWith": 20, "coverage": 20, "usageProfile": 20}
SPAN = 'from: "2026-10-01T00:00:00+09:00", to: "2026-10-02T00:00:00+09:00"'


@pytest.fixture(autouse=True, scope="module")
def _dropped_coroutines_end_here() -> Iterator[None]:
    # Not anywhere: warnings cannot be given from within the code of a namedtuple.
    gc.disable()
    yield
    gc.enable()
    gc.collect()


def cost(text: str, variables: Mapping[str, Any] | None = None) -> int:
    found = SCHEMA.checked(text)
    assert not found.errors, found.errors
    return found.ready[None].cost.of(variables or {})[0]


@settings(max_examples=60)
@given(st.randoms(use_true_random=True), st.sampled_from([WEIGHTS, SERIES]))
async def test_an_answer_never_comes_to_more_than_its_cost(
    chance: Random, weights: Mapping[str, int]
) -> None:
    query = Query(chance, SCHEMA._schema, arguments(chance, LENGTHS), weights)
    answer = await fast_text(
        SCHEMA,
        query.text,
        query.variables,
        context(usage(chance), chance.choice(["mine", "other"])),
    )
    if answer is not None:
        assert objects(orjson.loads(answer).get("data")) <= cost(query.text, query.variables)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("{ __typename }", 1),
        ("{ viewer { id profile { name } } }", 2),
        ("{ viewer { facilities(first: 7) { totalCount nodes { id } } } }", 9),
        ("{ viewer { facilities(last: 7) { edges { cursor node { id } } nodes { id } } } }", 23),
        ("{ viewer { facilities(first: 9, search: null) { totalCount } } }", 2),
        ("{ viewer { facilities(first: 3) { nodes { bills(first: 4) { nodes { id } } } } } }", 20),
        ('{ nodes(ids: ["a", "b"]) { id } }', 2),
        ('{ nodes(ids: "a") { id ... on Facility { contracts { number } } } }', 101),
        (f'{{ facility(id: "a") {{ usage({SPAN}) {{ totalKwh }} }} }}', 3),
        (f'{{ facility(id: "a") {{ usage({SPAN}) {{ points {{ kwh }} }} }} }}', 51),
        (f'{{ facility(id: "a") {{ usage({SPAN}) {{ columns {{ kwh yen }} }} }} }}', 100),
        (f'{{ facility(id: "a") {{ usage({SPAN}, resolution: DAY) {{ points {{ kwh }} }} }} }}', 6),
    ],
)
def test_an_operation_costs_an_object_each_and_a_point_more_for_a_week_of_usage(
    text: str, points: int
) -> None:
    assert cost(text) == points


def test_variables_and_their_defaults_say_how_much() -> None:
    text = "query ($n: Int = 5) { viewer { facilities(first: $n) { nodes { id } } } }"
    assert [cost(text, given) for given in ({}, {"n": 50}, {"n": 500})] == [7, 52, 102]


def test_what_is_skipped_costs_nothing_and_what_is_asked_twice_counts_once() -> None:
    text = """query ($with: Boolean!) {
      viewer { ...f profile { name } profile { kana } more: profile @include(if: $with) { name } }
    }
    fragment f on Member { profile { email } facilities(first: 10) @skip(if: $with) { totalCount } }
    """
    assert (cost(text, {"with": True}), cost(text, {"with": False})) == (3, 3)


def test_mutations_and_comparisons_of_plans_cost_what_they_take() -> None:
    assert cost("mutation { logOut { userErrors { code } } }") == 14
    span = 'facilityId: "a", from: "2026-01-01", to: "2026-02-01"'
    assert cost(f"{{ simulatePlans({span}) {{ kwh }} }}") > 2000


def test_the_schema_costs_what_it_has() -> None:
    text = get_introspection_query()
    found = execute_sync(SCHEMA._schema, parse(text)).data
    assert objects(found) <= cost(text) < 5 * objects(found)
    around = "{ __schema { types { fields { type { fields { args { name } } } } } } }"
    assert cost(around) > Settings().max_cost
