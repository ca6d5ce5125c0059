"""Aliases of a document."""

from tests.limits.refused import refusal


def test_a_document_may_have_as_many_aliases_as_the_setting_says_and_no_more() -> None:
    text = "query { x: a { y: b } c } fragment f on T { z: a }"
    assert refusal(text, max_aliases=3) is None
    assert refusal(text, max_aliases=2) == "a document can have at most 2 aliases, found 3"
    assert refusal(text, max_aliases=0) is None
