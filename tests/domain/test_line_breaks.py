"""Lines of letters: no wider than the paper, nothing lost, punctuation where it belongs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.line_breaks import broken


def width(text: str) -> float:
    """Japanese characters are two wide, others one."""
    return sum(2 if char > "\u02ff" else 1 for char in text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("ABC", ["ABC"]),
        ("The quick brown fox", ["The quick", "brown fox"]),
        ("検針票をお届けします", ["検針票をお", "届けします"]),
        ("検針票をお。届け", ["検針票を", "お。届け"]),
        ("検針票を「電気」", ["検針票を", "「電気」"]),
        ("一行目\n二行目", ["一行目", "二行目"]),
        ("一行目\n\n三行目", ["一行目", "", "三行目"]),
        ("ID: W1234567", ["ID:", "W1234567"]),
        ("コード 4821-99", ["コード", "4821-99"]),
        ("ABCDEFGHIJKLMNO", ["ABCDEFGHIJ", "KLMNO"]),
        ("検針、、、、、、", ["検針、、、", "、、、"]),
    ],
)
def test_a_text_is_broken_where_a_reader_expects_it(text: str, lines: list[str]) -> None:
    assert broken(text, 10, width) == lines


@given(st.text(), st.integers(2, 40))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, limit: int) -> None:
    lines = broken(text, limit, width)

    assert max(map(width, lines)) <= limit
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text("検針、。「」A"), st.integers(12, 40))
def test_no_line_begins_with_a_comma_unless_there_is_no_other_way(text: str, limit: int) -> None:
    lines = broken(text, limit, width)

    for line, following in pairwise(lines):
        if following.startswith(("、", "。", "」")):
            assert width(line) + 2 > limit
