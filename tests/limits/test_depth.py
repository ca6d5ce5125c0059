"""Depth of an operation."""

from tests.limits.refused import refusal

MESSAGE = "fields of an operation must be at most 2 deep"


def test_fields_may_be_as_deep_as_the_setting_says_and_no_deeper() -> None:
    assert refusal("{ a { b { c } } }", max_depth=3) is None
    assert refusal("{ a { b { c } } }", max_depth=2) == MESSAGE


def test_fragments_count_where_they_are_put_and_add_nothing_by_themselves() -> None:
    text = "query { a { ...f } } fragment f on T { ... { b { ...g } } } fragment g on T { c }"
    assert refusal(text, max_depth=3) is None
    assert refusal(text, max_depth=2) == MESSAGE


def test_a_fragment_within_itself_is_too_deep() -> None:
    text = "query { ...f } fragment f on T { a { ...f } }"
    assert refusal(text) == "fields of an operation must be at most 20 deep"


def test_the_deepest_operation_counts() -> None:
    assert refusal("query A { a } query B { a { b { c } } }", max_depth=2) == MESSAGE
