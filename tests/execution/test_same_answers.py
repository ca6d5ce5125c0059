"""The fast path answers as Strawberry does, whatever is asked of whatever usage."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.root import KenshinSchema, open_schema
from tests.execution.both_ways import data_of, exact, fast_text, stock_text
from tests.execution.drawn_queries import WEIGHTS, Query
from tests.execution.drawn_values import arguments, usage
from tests.execution.memory_portal import NO_LIMITS, Usage, context

# The stock executor drops coroutines when a value that must not be null has an error.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

SCHEMA = open_schema(settings=NO_LIMITS)
KNOWN_TEXT_BYTES = 100_000
CHANCES = st.randoms(use_true_random=True)
TOKENS = st.sampled_from(["mine", "mine", "mine", "mine", "other", "wrong", None])
SHORT = (*[1, 2, 48, 60, 90] * 6, 0, -1)
LONG = (1000, 3000)
DAYS = (40, 80, 120)
SERIES = {"facility": 99, "usage": 300, "points": 30, "columns": 30}
"Little else than series."


@pytest.fixture(autouse=True, scope="module")
def _dropped_coroutines_end_here() -> Iterator[None]:
    # Not anywhere: warnings cannot be given from within the code of a namedtuple.
    gc.disable()
    yield
    gc.enable()
    gc.collect()


def query(chance: Random, lengths: Sequence[int], weights: Mapping[str, int] = WEIGHTS) -> Query:
    return Query(chance, SCHEMA._schema, arguments(chance, lengths), weights)


async def assert_same(
    query: Query, usage: Usage, token: str | None, *schemas: KenshinSchema
) -> None:
    asked = query.text, query.variables
    stock = await stock_text(SCHEMA, *asked, context(usage, token))
    assert b'"INTERNAL"' not in stock
    for schema in schemas:
        used = context(usage, token)
        fast = await fast_text(schema, *asked, used)
        if fast is not None and exact(fast) != exact(stock):
            # Of several errors under one null the first is told: another one when all was read.
            assert data_of(fast) == data_of(stock)
            assert exact(fast) == exact(await stock_text(SCHEMA, *asked, used))


@settings(max_examples=150)
@given(CHANCES, TOKENS)
async def test_any_query_has_the_same_answer_both_ways(chance: Random, token: str | None) -> None:
    await assert_same(query(chance, SHORT), usage(chance), token, SCHEMA)


@settings(max_examples=8)
@given(CHANCES)
async def test_a_long_series_has_the_same_answer_both_ways(chance: Random) -> None:
    await assert_same(query(chance, LONG), usage(chance), "mine", SCHEMA)


@settings(max_examples=25)
@given(CHANCES)
async def test_known_texts_are_of_the_newest_revision(chance: Random) -> None:
    keeping = SCHEMA.unused(KNOWN_TEXT_BYTES, NO_LIMITS)
    asked, given_usage = query(chance, DAYS, SERIES), usage(chance, keeps=True)
    await assert_same(asked, given_usage, "mine", keeping, keeping)
    given_usage.correct()
    await assert_same(asked, given_usage, "mine", keeping, keeping)


def yen_of(text: bytes) -> list[float | None]:
    """Yen of all facilities."""
    nodes = orjson.loads(text)["data"]["viewer"]["facilities"]["nodes"]
    return [yen for node in nodes for yen in node["usage"]["columns"]["yen"]]


async def test_columns_of_known_days_have_each_its_own_values() -> None:
    columns = "columns { startAt quality kwh yen revision: quality }"
    span = 'from: "2026-10-01T00:00:00+09:00", to: "2026-10-04T00:00:00+09:00"'
    text = (
        f"{{ viewer {{ facilities(first: 2) {{ nodes {{ usage({span}) {{ {columns} }} }} }} }} }}"
    )
    given_usage, keeping = usage(Random(1), keeps=True), SCHEMA.unused(KNOWN_TEXT_BYTES, NO_LIMITS)
    stock = await stock_text(SCHEMA, text, {}, context(given_usage, "mine"))
    wanted = exact(stock)
    assert any(yen_of(stock))
    for _ in range(2):
        found = await fast_text(keeping, text, {}, context(given_usage, "mine"))
        assert found is not None
        assert exact(found) == wanted
    assert keeping._known_texts.size > 0
