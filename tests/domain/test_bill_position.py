"""Positions in the bills that come out, and their cursors."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bill_position import BillPosition, bill_position
from domain.errors import BadInput
from domain.paging import row_cursor

MAY, JUNE = date(2040, 5, 16), date(2040, 6, 16)
POSITIONS = st.builds(BillPosition, st.integers(0, 2**63 - 1), st.dates())


@pytest.mark.parametrize(
    ("other", "included"),
    [
        (BillPosition(7, MAY), True),
        (BillPosition(6, date(2038, 1, 1)), True),
        (BillPosition(8, date(2038, 1, 1)), False),
        (BillPosition(1, JUNE), False),
    ],
    ids=["the same", "earlier", "stored later", "issued later"],
)
def test_a_position_includes_what_was_stored_and_issued_before_it(
    other: BillPosition, included: bool
) -> None:
    assert BillPosition(7, MAY).includes(other) is included


@given(position=POSITIONS)
def test_a_cursor_names_its_position(position: BillPosition) -> None:
    assert bill_position(position.cursor) == position


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "日本",
        "abc",
        row_cursor("Bill", "7 2040-05-16"),
        row_cursor("BillEvent", "7"),
        row_cursor("BillEvent", "7 2040-02-30"),
        row_cursor("BillEvent", "-1 2040-05-16"),
        row_cursor("BillEvent", "07 2040-05-16"),
        row_cursor("BillEvent", "７ 2040-05-16"),
        row_cursor("BillEvent", f"{2**63} 2040-05-16"),
        row_cursor("BillEvent", f"{'9' * 5000} 2040-05-16"),
    ],
    ids=[
        *("empty", "no ASCII", "short", "another kind", "no day", "no such day", "below zero"),
        *("leading zero", "wide digit", "too large", "far too large"),
    ],
)
def test_a_text_that_is_no_such_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadInput, match=r"^cursor '.*' is unknown here$"):
        bill_position(cursor)


@given(text=st.text(max_size=30))
def test_any_text_is_either_a_cursor_or_refused(text: str) -> None:
    for cursor in (text, row_cursor("BillEvent", text)):
        try:
            assert bill_position(cursor).cursor == cursor
        except BadInput:
            continue
