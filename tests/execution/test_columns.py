"""Columns of values as JSON text."""

import json
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.execution.columns import (
    FEW,
    NULL,
    Column,
    Shared,
    constant,
    decimals,
    looked_up,
    signed_decimals,
)

WHOLE = (
    st.sampled_from((0, 9, 10, 999, 1000, 99_999, 100_000, 2**31 - 1, 2**53 + 1, 2**63 - 1))
    | st.integers(0, 2**63 - 1)
    | st.integers(0, 120_000)
)
PLACES = st.integers(0, 6)
TIMES = st.sampled_from((1, FEW + 1))
"How often values are repeated: few rows are written in another way than many."


def texts(column: Column, rows: int) -> list[bytes]:
    """Text of each row's value."""
    pieces = [piece.make() if isinstance(piece, Shared) else piece for piece in column.pieces]
    return [
        b"".join(piece if isinstance(piece, bytes) else bytes(piece[row]) for piece in pieces)
        for row in range(rows)
    ]


def whole(values: Sequence[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(values, np.int64)


@given(st.lists(WHOLE.map(lambda value: value % 2**53) | st.none(), min_size=1), TIMES, st.data())
def test_a_decimal_may_be_below_zero_or_absent(
    values: list[int | None], times: int, data: st.DataObject
) -> None:
    signs = data.draw(
        st.lists(st.sampled_from((-1, 1)), min_size=len(values), max_size=len(values))
    )
    signed = [
        None if value is None else value * sign for value, sign in zip(values, signs, strict=True)
    ] * times
    absent = np.iinfo(np.int64).min
    column = whole([absent if value is None else value for value in signed])
    found = texts(signed_decimals(column, 2, column != absent), len(signed))
    assert [None if text.strip() == NULL else json.loads(text) for text in found] == [
        None if value is None else value / 100 for value in signed
    ]


@given(st.lists(WHOLE, min_size=1, max_size=20), TIMES, PLACES)
def test_a_decimal_reads_as_exactly_the_quotient(
    values: list[int], times: int, places: int
) -> None:
    values = values * times
    found = texts(decimals(whole(values), places), len(values))
    assert [Fraction(text.decode().strip()) for text in found] == [
        Fraction(value, 10**places) for value in values
    ]
    assert [json.loads(text) for text in found] == [
        value / 10**places if places else value for value in values
    ]


@given(st.lists(st.none() | WHOLE, min_size=1, max_size=20), TIMES, PLACES)
def test_what_is_not_present_is_null_whatever_value_stands_there(
    values: list[int | None], times: int, places: int
) -> None:
    values = values * times
    filled = whole([7 if value is None else value for value in values])
    column = decimals(filled, places, np.array([value is not None for value in values]))
    assert [json.loads(text) for text in texts(column, len(values))] == [
        value if value is None else value / 10**places if places else value for value in values
    ]
    assert column.nullable == (None in values)


@given(st.lists(st.none() | WHOLE, min_size=1, max_size=20))
def test_all_texts_of_an_array_have_one_width_and_no_nul(values: list[int | None]) -> None:
    values = values * (FEW + 1)
    filled = whole([value or 0 for value in values])
    column = decimals(filled, 3, np.array([value is not None for value in values]))
    for piece in column.pieces:
        assert not isinstance(piece, list)
        if not isinstance(piece, bytes | Shared):
            assert {len(bytes(text)) for text in piece} == {piece.dtype.itemsize}


@pytest.mark.parametrize(
    ("values", "places", "piece"),
    [([5, 5], 0, b"5"), ([5], 3, b"0.005"), ([0, 0, 0], 3, b"0.000"), ([12_345], 2, b"123.45")],
)
def test_equal_values_are_one_text(values: list[int], places: int, piece: bytes) -> None:
    assert decimals(whole(values), places) == Column((piece,))


def test_a_column_without_any_value_is_one_null() -> None:
    column = decimals(whole([1, 2]), 3, np.array([False, False]))
    assert column == Column((b"null",), nullable=True)


def test_only_the_constant_null_is_nullable() -> None:
    assert constant(b"null") == Column((b"null",), nullable=True)
    assert constant(b'"null"') == Column((b'"null"',), nullable=False)


TABLE = st.lists(
    st.sampled_from([b"null", b"1", b'""', b'"SETTLED"', b'"PROVISIONAL"']), min_size=1, unique=True
)


@given(TABLE, st.data())
def test_every_code_is_looked_up(table: list[bytes], data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.integers(0, len(table) - 1), min_size=1, max_size=20))
    codes = codes * data.draw(TIMES)
    column = looked_up(tuple(table), np.array(codes, np.int32))
    assert [text.strip() for text in texts(column, len(codes))] == [table[code] for code in codes]
    assert column.nullable == (b"null" in [table[code] for code in codes])


def test_looked_up_texts_are_as_wide_as_the_longest_one_that_occurs() -> None:
    codes = [1, 2, 1] * FEW
    column = looked_up((b'"SETTLED"', b"1", b"12"), np.array(codes))
    assert texts(column, len(codes)) == [b" 1", b"12", b" 1"] * FEW


def test_one_code_everywhere_is_one_text() -> None:
    assert looked_up((b'"SETTLED"', b"1"), np.array([1, 1])) == Column((b"1",))
