"""Relay pages: arguments, cursors, and that walking pages shows every row once."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput, RangeTooLarge
from domain.paging import (
    MAX_PAGE,
    Page,
    PageRequest,
    clear,
    cut_page,
    opaque,
    page_request,
    row_cursor,
    row_key,
)

CURSOR = row_cursor("Facility", "7")
EITHER = "give either first or last, 1 to 100"


@pytest.mark.parametrize(
    ("arguments", "request_"),
    [
        pytest.param((1, None, None, None), PageRequest(1, None, backward=False), id="first"),
        pytest.param((100, None, None, None), PageRequest(100, None, backward=False), id="most"),
        pytest.param((5, CURSOR, None, None), PageRequest(5, "7", backward=False), id="after"),
        pytest.param((None, None, 5, None), PageRequest(5, None, backward=True), id="last"),
        pytest.param((None, None, 100, CURSOR), PageRequest(100, "7", backward=True), id="before"),
    ],
)
def test_a_page_is_asked_for_from_either_end(
    arguments: tuple[int | None, str | None, int | None, str | None], request_: PageRequest
) -> None:
    assert page_request("Facility", *arguments) == request_


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((None, None, None, None), "BAD_INPUT", EITHER),
        ((None, CURSOR, None, None), "BAD_INPUT", EITHER),
        ((None, None, None, CURSOR), "BAD_INPUT", EITHER),
        ((10, None, 10, None), "BAD_INPUT", EITHER),
        ((10, CURSOR, 10, CURSOR), "BAD_INPUT", EITHER),
        ((0, None, 0, None), "BAD_INPUT", EITHER),
        ((0, None, None, None), "BAD_INPUT", "first must be 1 to 100, found 0"),
        ((-1, None, None, None), "BAD_INPUT", "first must be 1 to 100, found -1"),
        ((None, None, 0, None), "BAD_INPUT", "last must be 1 to 100, found 0"),
        ((None, None, -7, CURSOR), "BAD_INPUT", "last must be 1 to 100, found -7"),
        ((101, None, None, None), "RANGE_TOO_LARGE", "first must be 1 to 100, found 101"),
        ((None, None, 101, None), "RANGE_TOO_LARGE", "last must be 1 to 100, found 101"),
        ((10, None, None, CURSOR), "BAD_INPUT", "before does not go with first"),
        ((10, CURSOR, None, CURSOR), "BAD_INPUT", "before does not go with first"),
        ((10, None, None, ""), "BAD_INPUT", "before does not go with first"),
        ((None, CURSOR, 10, None), "BAD_INPUT", "after does not go with last"),
        ((None, CURSOR, 10, CURSOR), "BAD_INPUT", "after does not go with last"),
        ((10, "", None, None), "BAD_INPUT", "cursor '' is unknown here"),
        ((None, None, 10, "7"), "BAD_INPUT", "cursor '7' is unknown here"),
        (
            (10, row_cursor("Bill", "7"), None, None),
            "BAD_INPUT",
            "cursor 'QmlsbD43' is unknown here",
        ),
    ],
)
def test_a_wrong_combination_of_arguments_is_refused(
    arguments: tuple[int | None, str | None, int | None, str | None], code: str, message: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        page_request("Facility", *arguments)
    assert (refusal.value.code, str(refusal.value)) == (code, message)


def test_the_limit_of_a_page_is_100_rows() -> None:
    assert MAX_PAGE == 100
    with pytest.raises(RangeTooLarge):
        page_request("Facility", MAX_PAGE + 1, None, None, None)


def test_a_cursor_is_base64_of_the_kind_and_the_key() -> None:
    assert row_cursor("Facility", "7") == "RmFjaWxpdHk-Nw"


@given(
    kind=st.text(st.characters(codec="ascii", exclude_characters=">"), max_size=20),
    key=st.text(st.characters(codec="utf-8")),
)
def test_a_key_comes_back_from_its_cursor(kind: str, key: str) -> None:
    assert row_key(kind, row_cursor(kind, key)) == key


@given(key=st.text(st.characters(codec="utf-8")))
def test_a_cursor_of_another_kind_is_refused(key: str) -> None:
    for kind in ("Bill", "Facilit", "Facility ", "facility", ""):
        with pytest.raises(BadInput):
            row_key("Facility", row_cursor(kind, key))


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="nothing"),
        pytest.param("A", id="a lone character"),
        pytest.param("RmFjaWxpdHk", id="a kind without a key"),
        pytest.param(f"{CURSOR}==", id="padding"),
        pytest.param(f" {CURSOR}", id="a space before"),
        pytest.param(f"{CURSOR}\n", id="a line end after"),
        pytest.param("RmFjaWxpdHk+Nw", id="the other base64 alphabet"),
        pytest.param("RmFjaWxpdHk-Nx", id="bits that no text needs"),
        pytest.param("_____w", id="bytes that are no text"),
        pytest.param("ＲmFjaWxpdHk-Nw", id="a full-width letter"),
        pytest.param("\ud800", id="half a surrogate pair"),
    ],
)
def test_what_is_no_cursor_is_refused_by_its_beginning(cursor: str) -> None:
    with pytest.raises(BadInput) as refusal:
        row_key("Facility", cursor)
    assert str(refusal.value) == f"cursor {cursor!r} is unknown here"


def test_the_refusal_of_a_long_cursor_shows_40_characters() -> None:
    with pytest.raises(BadInput) as refusal:
        row_key("Facility", "x" * 5000)
    assert str(refusal.value) == f"cursor '{'x' * 40}' is unknown here"


@given(text=st.text() | st.text(alphabet="ABCwxyz019-_=+/ \n"))
def test_garbage_is_refused_as_bad_input_or_is_a_cursor_that_we_made(text: str) -> None:
    try:
        key = row_key("Facility", text)
    except BadInput:
        return
    assert row_cursor("Facility", key) == text


@given(text=st.text(st.characters(codec="utf-8")))
def test_opaque_text_can_be_cleared(text: str) -> None:
    assert clear(opaque(text)) == text


@given(text=st.text() | st.text(alphabet="ABCwxyz019-_=+/ \n"))
def test_no_text_but_an_opaque_one_is_cleared(text: str) -> None:
    cleared = clear(text)
    assert cleared is None or opaque(cleared) == text


@pytest.mark.parametrize(
    ("rows", "request_", "page"),
    [
        pytest.param([], PageRequest(2, None, False), Page((), False, False), id="no rows"),
        pytest.param([], PageRequest(2, "k", False), Page((), False, True), id="none past the key"),
        pytest.param([1], PageRequest(2, None, False), Page((1,), False, False), id="fewer"),
        pytest.param([1, 2], PageRequest(2, None, False), Page((1, 2), False, False), id="all"),
        pytest.param([1, 2, 3], PageRequest(2, None, False), Page((1, 2), True, False), id="more"),
        pytest.param([2, 3, 4], PageRequest(2, "1", False), Page((2, 3), True, True), id="middle"),
        pytest.param([], PageRequest(2, None, True), Page((), False, False), id="no rows, back"),
        pytest.param([], PageRequest(2, "k", True), Page((), True, False), id="none before it"),
        pytest.param([9], PageRequest(2, None, True), Page((9,), False, False), id="fewer, back"),
        pytest.param(
            [9, 8], PageRequest(2, None, True), Page((8, 9), False, False), id="all, back"
        ),
        pytest.param(
            [9, 8, 7], PageRequest(2, None, True), Page((8, 9), False, True), id="more, back"
        ),
        pytest.param(
            [8, 7, 6], PageRequest(2, "9", True), Page((7, 8), True, True), id="middle, back"
        ),
    ],
)
def test_a_page_is_cut_from_rows_read_in_its_direction(
    rows: list[int], request_: PageRequest, page: Page[int]
) -> None:
    assert cut_page(rows, request_) == page


def read(rows: Sequence[int], request: PageRequest) -> Page[int]:
    """What a data source does: rows past the key in the request's direction, one over the limit."""
    key = None if request.key is None else int(request.key)
    walked = sorted(rows, reverse=request.backward)
    past = [row for row in walked if key is None or (row < key if request.backward else row > key)]
    return cut_page(past[: request.limit + 1], request)


def forward(rows: Sequence[int], limit: int) -> Iterator[Page[int]]:
    cursor = None
    while True:
        page = read(rows, page_request("Row", limit, cursor, None, None))
        yield page
        if not page.has_next:
            return
        cursor = row_cursor("Row", str(page.rows[-1]))


def backward(rows: Sequence[int], limit: int) -> Iterator[Page[int]]:
    cursor = None
    while True:
        page = read(rows, page_request("Row", None, None, limit, cursor))
        yield page
        if not page.has_previous:
            return
        cursor = row_cursor("Row", str(page.rows[0]))


ROWS = st.sets(st.integers(-1000, 1000), max_size=60)
LIMITS = st.integers(1, 100)


@given(rows=ROWS, limit=LIMITS)
def test_walking_forward_shows_every_row_once_in_order(rows: set[int], limit: int) -> None:
    pages = list(forward(list(rows), limit))
    ordered = sorted(rows)
    slices = [ordered[at : at + limit] for at in range(0, max(len(ordered), 1), limit)]
    assert [list(page.rows) for page in pages] == slices
    assert [page.has_previous for page in pages] == [at > 0 for at in range(len(pages))]


@given(rows=ROWS, limit=LIMITS)
def test_walking_backward_shows_every_row_once_in_order(rows: set[int], limit: int) -> None:
    pages = list(backward(list(rows), limit))
    ordered = sorted(rows)
    slices = [ordered[max(at - limit, 0) : at] for at in range(len(ordered), 0, -limit)] or [[]]
    assert [list(page.rows) for page in pages] == slices
    assert [page.has_next for page in pages] == [at > 0 for at in range(len(pages))]
