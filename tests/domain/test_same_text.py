"""Comparing secrets."""

import pytest

from domain.same_text import same_text


@pytest.mark.parametrize(
    ("given", "expected", "same"),
    [
        ("", "", True),
        ("ふじさん", "ふじさん", True),
        ("ふじさん", "ふじさ", False),
        ("a", "A", False),
        ("", "a", False),
        ("a" * 100_000, "a", False),
        ("\udfff", "?", True),
        ("\udfff", "a", False),
    ],
)
def test_texts_of_any_length_and_content_are_compared(
    given: str, expected: str, same: bool
) -> None:
    assert same_text(given, expected) is same
    assert same_text(expected, given) is same
