"""Fragments that a document defines."""

from tests.limits.refused import refusal


def test_a_document_may_define_as_many_fragments_as_the_setting_says_and_no_more() -> None:
    text = "query { a ... { b } } fragment f on T { a } fragment g on T { a }"
    assert refusal(text, max_fragments=2) is None
    assert refusal(text, max_fragments=1) == "a document can define at most 1 fragments, found 2"
    assert refusal(text, max_fragments=0) is None
