"""A subscriber's cursor comes back as it was given out, or is refused: never misread."""

import base64
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.stream_cursor import decode_positions, encode_positions

WHOLES = st.integers(0, 2**63 - 1)
POSITIONS = st.dictionaries(WHOLES, WHOLES, max_size=100)
ASCII = [chr(code) for code in range(128)]


def signed(body: bytes) -> str:
    """Cursor of any bytes with a true checksum."""
    checksum = zlib.crc32(body).to_bytes(4, "big")
    return base64.urlsafe_b64encode(checksum + body).rstrip(b"=").decode()


def refused_or(positions: dict[int, int], cursor: str) -> bool:
    try:
        return decode_positions(cursor) == positions
    except BadInput:
        return True


@pytest.mark.parametrize(
    ("positions", "cursor"),
    [
        pytest.param({}, "AAAAAA", id="nothing seen"),
        pytest.param({1: 0}, signed(bytes([1, 0])), id="one facility at its beginning"),
        pytest.param({300: 127}, signed(bytes([0xAC, 0x02, 0x7F])), id="seven bits a byte"),
        pytest.param({2: 128, 1: 5}, signed(bytes([1, 5, 2, 0x80, 1])), id="in facility order"),
    ],
)
def test_a_cursor_is_the_base64_of_a_checksum_and_varints(
    positions: dict[int, int], cursor: str
) -> None:
    assert encode_positions(positions) == cursor
    assert decode_positions(cursor) == positions


@given(positions=POSITIONS)
@example(positions={2**63 - 1: 2**63 - 1})
def test_positions_come_back_as_they_were_given_out(positions: dict[int, int]) -> None:
    """US-10: a subscriber who returns goes on where it stood."""
    cursor = encode_positions(positions)
    assert decode_positions(cursor) == positions
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(positions=POSITIONS)
def test_equal_positions_have_one_cursor(positions: dict[int, int]) -> None:
    assert encode_positions(dict(reversed(positions.items()))) == encode_positions(positions)


@pytest.mark.parametrize("positions", [{}, {1: 0}, {7: 1_000_000}, {1: 17, 2: 40_000, 90: 3}])
def test_a_cursor_with_any_character_changed_is_refused_or_means_the_same(
    positions: dict[int, int],
) -> None:
    cursor = encode_positions(positions)
    misread = [
        changed
        for at in range(len(cursor))
        for other in ASCII
        if not refused_or(positions, changed := cursor[:at] + other + cursor[at + 1 :])
    ]
    assert misread == []


@given(positions=POSITIONS.filter(bool), data=st.data())
def test_a_cut_cursor_is_refused(positions: dict[int, int], data: st.DataObject) -> None:
    cursor = encode_positions(positions)
    kept = data.draw(st.integers(0, len(cursor) - 1))
    with pytest.raises(BadInput):
        decode_positions(cursor[:kept])


@given(text=st.text() | st.text(alphabet=st.characters(codec="ascii")))
@example("")
@example("=")
@example("A")
@example("AAAA=AAA")
@example("\ud800")
def test_garbage_is_refused_as_bad_input_and_as_nothing_else(text: str) -> None:
    try:
        positions = decode_positions(text)
    except BadInput:
        return
    assert decode_positions(encode_positions(positions)) == positions


@given(body=st.binary(max_size=40))
def test_any_body_with_a_true_checksum_is_read_or_refused_as_bad_input(body: bytes) -> None:
    try:
        positions = decode_positions(signed(body))
    except BadInput:
        return
    assert decode_positions(encode_positions(positions)) == positions


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(bytes([1]), id="a facility without a place"),
        pytest.param(bytes([1, 0x80]), id="a place that does not end"),
        pytest.param(bytes([1, 5, 0x80]), id="a number that does not end after a whole pair"),
        pytest.param(bytes([1, *[0xFF] * 9, 1]), id="a number over 63 bits"),
        pytest.param(bytes([1, *[0x80] * 9, 1]), id="two to the 63"),
    ],
)
def test_a_true_checksum_does_not_excuse_a_broken_body(body: bytes) -> None:
    with pytest.raises(BadInput):
        decode_positions(signed(body))


def test_the_refusal_names_the_argument_and_shows_the_beginning_of_the_cursor() -> None:
    with pytest.raises(BadInput) as refusal:
        decode_positions("x" * 100)
    assert str(refusal.value) == f"after: cursor '{'x' * 40}' is unknown"
    assert refusal.value.code == "BAD_INPUT"
