"""Entity tags of bodies, and If-None-Match against them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.conditional import etag_of, matches

TAG = b'W/"a,b"'

MATCHING = [
    b"*",
    b" *\t",
    b'"a,b"',
    b'W/"a,b"',
    b'"x", "a,b"',
    b'"x","a,b","y"',
    b'"",W/"a,b"',
    b'W/"x" ,\tW/"a,b" ',
    b', ,"a,b",,',
    b'"\xe9", "a,b"',
]

OTHERS = [
    None,
    b"",
    b" ",
    b",",
    b'"a"',
    b'"a", "b"',
    b'"A,B"',
    b'W/"a,b,c"',
    b'"x","y"',
]

MALFORMED = [
    b"a,b",
    b'"a,b',
    b'a,b"',
    b"'a,b'",
    b'w/"a,b"',
    b'W/ "a,b"',
    b'W/W/"a,b"',
    b'"a,b" "x"',
    b'"x""a,b"',
    b'"x"a,b"',
    b'"x y", "a,b"',
    b'"a,b", x',
    b'*, "a,b"',
    b'"a,b", *',
    b'"a,b"\n',
    b'"a,b"\x00',
    b"**",
]


@pytest.mark.parametrize("header", MATCHING)
def test_a_tag_in_the_list_matches_weakly(header: bytes) -> None:
    assert matches(header, TAG)
    assert matches(header, TAG.removeprefix(b"W/"))


@pytest.mark.parametrize("header", OTHERS)
def test_a_list_without_the_tag_does_not_match(header: bytes | None) -> None:
    assert not matches(header, TAG)


@pytest.mark.parametrize("header", MALFORMED)
def test_a_malformed_header_matches_nothing(header: bytes) -> None:
    assert not matches(header, TAG)


@given(st.binary() | st.text(alphabet='Ww/", ab*\t').map(str.encode))
def test_no_header_makes_matching_fail(header: bytes) -> None:
    assert matches(header, etag_of([b"body"])) is (header.strip(b" \t") == b"*")


def test_a_long_malformed_header_is_refused_in_one_pass() -> None:
    assert not matches(b'"x" ,\t' * 10_000 + b"x", TAG)
    assert not matches(b'"' * 60_001, TAG)


def test_a_tag_is_weak_and_of_128_bits() -> None:
    assert etag_of([]) == b'W/"99aa06d3014798d86001c324468d497f"'


@given(st.lists(st.binary()))
def test_a_tag_depends_on_the_body_and_not_on_its_parts(parts: list[bytes]) -> None:
    tag = etag_of(parts)
    assert tag == etag_of([memoryview(b"".join(parts))])
    assert tag != etag_of([*parts, b"\0"])
    assert matches(b'"other", ' + tag, tag)
