"""Repeats of a field beside itself."""

from tests.limits.refused import refusal

MESSAGE = "the same field can stand at most 2 times beside itself, found 3"


def test_a_field_may_stand_beside_itself_as_often_as_the_setting_says_and_no_more() -> None:
    assert refusal("{ a { b b } a { c } }", max_repeats=2) is None
    assert refusal("{ a { b b } a { b } }", max_repeats=2) == MESSAGE
    assert refusal("{ a { b b } a { b } }", max_repeats=0) is None


def test_the_same_field_elsewhere_or_under_another_name_is_no_repeat() -> None:
    assert refusal("{ a { id } b { id } c { id } x: id y: id }", max_repeats=1) is None


def test_fragments_count_where_they_are_put() -> None:
    text = "query { a { id ...f } } fragment f on T { id ...g } fragment g on T { id }"
    assert refusal(text, max_repeats=2) == MESSAGE
