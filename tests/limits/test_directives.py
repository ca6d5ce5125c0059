"""Directives of a document."""

from tests.limits.refused import refusal


def test_a_document_may_have_as_many_directives_as_the_setting_says_and_no_more() -> None:
    text = """
    query ($a: Int @x) @x { a @skip(if: true) ... @include(if: true) { b } ...f @x }
    fragment f on T @x { c }
    """
    assert refusal(text, max_directives=6) is None
    assert refusal(text, max_directives=5) == "a document can have at most 5 directives, found 6"
    assert refusal(text, max_directives=0) is None
