"""Rows of plain values as JSON text, and texts kept of those that are known."""

import json
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.execution.columns import FEW, NULL, Column, Shared, Texts, constant, decimals
from schema.execution.rows import (
    Field,
    KnownRows,
    KnownTexts,
    Lookup,
    NullValue,
    Rows,
    RowWriter,
)

FIELDS = (Field(b'{"n":', "number", nullable=False), Field(b',"c":', "same", nullable=True))
WRITER = RowWriter(FIELDS, b',"__typename":"T"}')


class Counted:
    """Numbers as rows, with the spans that were asked of their columns."""

    def __init__(self, values: Sequence[int], *known: tuple[int, int, Hashable]) -> None:
        self.asked: list[tuple[int, int]] = []
        self.values = np.array(values, np.int64)
        columns = {"number": self._numbers, "same": lambda first, end: constant(NULL)}
        blocks = [KnownRows(*each) for each in known]
        self.rows: Rows[int] = Rows(len(values), columns, lambda index: int(values[index]), blocks)

    def _numbers(self, first: int, end: int) -> Column:
        self.asked.append((first, end))
        return decimals(self.values[first:end])


def written(rows: Rows[Any], known: KnownTexts, writer: RowWriter = WRITER) -> Any:
    return json.loads(b"".join(writer.texts(rows, known)))


def expected(values: Sequence[int]) -> list[dict[str, Any]]:
    return [{"n": value, "c": None, "__typename": "T"} for value in values]


class TestSequence:
    def test_rows_are_a_sequence_of_row_objects(self) -> None:
        rows = Counted([5, 6, 7]).rows
        assert (len(rows), list(rows), rows[0], rows[-1], rows[1:]) == (3, [5, 6, 7], 5, 7, [6, 7])
        assert (6 in rows, rows.index(7)) == (True, 2)
        with pytest.raises(IndexError):
            rows[3]


class TestTexts:
    @given(st.lists(st.integers(0, 2_000_000_000), max_size=30), st.sampled_from((1, FEW + 1)))
    def test_every_row_has_the_selected_fields_in_their_order(
        self, values: list[int], times: int
    ) -> None:
        values = values * times
        assert written(Counted(values).rows, KnownTexts(0)) == expected(values)

    def test_no_rows_are_an_empty_list_and_no_column_is_asked(self) -> None:
        counted = Counted([])
        assert WRITER.texts(counted.rows, KnownTexts(100)) == [b"[]"]
        assert counted.asked == []

    def test_a_selection_of_constants_alone_is_written_for_every_row(self) -> None:
        writer = RowWriter([], b'{"__typename":"T"}')
        assert written(Counted([1, 2]).rows, KnownTexts(0), writer) == [{"__typename": "T"}] * 2

    def test_a_null_where_none_may_be_is_refused_by_the_name_of_its_column(self) -> None:
        rows: Rows[Any] = Rows(1, {"number": lambda first, end: constant(NULL)}, lambda index: None)
        with pytest.raises(NullValue, match=r"^number$"):
            RowWriter([Field(b'{"n":', "number", nullable=False)], b"}").texts(rows, KnownTexts(0))

    def test_a_null_that_may_be_is_written(self) -> None:
        writer = RowWriter([Field(b'{"c":', "same", nullable=True)], b"}")
        assert written(Counted([1]).rows, KnownTexts(0), writer) == [{"c": None}]


BLOCKS = [[], [(0, 4, "a")], [(1, 2, "a"), (2, 4, "b")], [(0, 1, "a"), (3, 4, "b")], [(2, 3, "a")]]


class TestKnownTexts:
    @pytest.mark.parametrize("blocks", BLOCKS)
    def test_rows_before_between_and_after_known_ones_are_written_every_time(
        self, blocks: list[tuple[int, int, str]]
    ) -> None:
        known = KnownTexts(10_000)
        for _ in range(3):
            counted = Counted([10, 20, 30, 40], *blocks)
            assert written(counted.rows, known) == expected([10, 20, 30, 40])
        of_blocks = {(first, end) for first, end, _ in blocks}
        assert of_blocks & set(counted.asked) == set()
        unknown = set(range(4)) - {row for first, end in of_blocks for row in range(first, end)}
        assert {row for span in counted.asked for row in range(*span)} == unknown

    def test_equal_versions_are_written_once_and_another_one_anew(self) -> None:
        known = KnownTexts(10_000)
        assert written(Counted([1, 2], (0, 2, "v1")).rows, known) == expected([1, 2])
        same, other = Counted([1, 2], (0, 2, "v1")), Counted([3, 4], (0, 2, "v2"))
        assert written(same.rows, known) == expected([1, 2])
        assert written(other.rows, known) == expected([3, 4])
        assert (same.asked, other.asked) == ([], [(0, 2)])

    def test_known_rows_are_found_at_another_place_too(self) -> None:
        known = KnownTexts(10_000)
        written(Counted([1, 2], (0, 2, "v")).rows, known)
        moved = Counted([9, 1, 2], (1, 3, "v"))
        assert written(moved.rows, known) == expected([9, 1, 2])
        assert moved.asked == [(0, 1)]

    def test_another_selection_of_the_same_rows_has_texts_of_its_own(self) -> None:
        known = KnownTexts(10_000)
        renamed = RowWriter([Field(b'{"m":', "number", nullable=False)], b"}")
        for writer in (WRITER, renamed):
            counted = Counted([1], (0, 1, "v"))
            written(counted.rows, known, writer)
            assert counted.asked == [(0, 1)]
        assert written(Counted([1], (0, 1, "v")).rows, known, renamed) == [{"m": 1}]

    def test_nothing_is_kept_without_room(self) -> None:
        known = KnownTexts(0)
        for _ in range(2):
            counted = Counted([1, 2], (0, 2, "v"))
            assert written(counted.rows, known) == expected([1, 2])
            assert counted.asked == [(0, 2)]
        assert known.size == 0

    def test_the_longest_unused_are_dropped_at_the_bound(self) -> None:
        known = KnownTexts(10)
        for key in ("a", "b"):
            known.put(key, b"12345")
        assert known.get("a") == b"12345"
        known.put("c", b"1234")
        assert [known.get(key) for key in "abc"] == [b"12345", None, b"1234"]
        assert known.size == 9

    def test_texts_of_one_answer_are_used_in_their_order(self) -> None:
        known = KnownTexts(10)
        for key in ("a", "b"):
            known.put(key, b"12345")
        assert known.those(["b", "x", "a"]) == [b"12345", None, b"12345"]
        known.put("c", b"1")
        assert known.those(["a", "b", "c"]) == [b"12345", None, b"1"]

    def test_a_text_longer_than_the_bound_is_answered_but_not_kept(self) -> None:
        known = KnownTexts(10)
        assert written(Counted([1, 2], (0, 2, "v")).rows, known) == expected([1, 2])
        assert known.size == 0

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=40))
    def test_the_bound_holds_after_every_text(self, texts: list[tuple[int, int]]) -> None:
        known = KnownTexts(100)
        for key, length in texts:
            if known.get(key) is None:
                known.put(key, b"x" * length)
            held = [known.get(each) for each in range(10)]
            assert known.size == sum(len(text) for text in held if text is not None)
            assert known.size <= known.limit


def shared(made: list[int], slot: int, count: int) -> Column:
    """Numbers from `slot` on, as texts that may have been written before."""

    def make() -> Texts:
        made.append(slot)
        return np.array([b"%9d" % number for number in range(slot, slot + count)])

    return Column((Shared(("test", slot), 9, make),))


@pytest.mark.parametrize(
    ("rows", "layouts"),
    [
        pytest.param(2, 1, id="few rows"),
        pytest.param(2 * FEW, 2, id="many rows, by the widths of their columns"),
    ],
)
def test_shared_texts_are_made_once_and_right_whatever_stands_beside_them(
    rows: int, layouts: int
) -> None:
    made: list[int] = []
    first = 1_000_000 * rows  # no other test's
    for numbers, others in ((["1", "2"], ["333", "444"]), (["111", "222"], ["3", "4"])):
        columns: dict[str, Lookup] = {
            "a": partial(texts_column, numbers * (rows // 2)),
            "at": lambda *_: shared(made, first, rows),
            "b": partial(texts_column, others * (rows // 2)),
        }
        fields = [Field(b'{"a":', "a", False), Field(b',"%at":', "at", False)]
        writer = RowWriter([*fields, Field(b',"b%b":', "b", False)], b"}")
        of_writer: Rows[int] = Rows(rows, columns, lambda index: index)
        for _ in range(2):
            assert json.loads(b"".join(writer.texts(of_writer, KnownTexts(0)))) == [
                {"a": int(numbers[place % 2]), "%at": first + place, "b%b": int(others[place % 2])}
                for place in range(rows)
            ]
    assert made == [first] * layouts


def texts_column(texts: list[str], first: int, end: int) -> Column:
    return Column((np.array([text.encode() for text in texts[first:end]]),))
