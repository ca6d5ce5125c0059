"""Root fields of an operation."""

from tests.limits.refused import refusal


def test_an_operation_may_have_as_many_root_fields_as_the_setting_says_and_no_more() -> None:
    text = "query { a x: a ...f } fragment f on T { a b }"
    assert refusal(text, max_root_fields=3) is None
    message = "an operation can have at most 2 root fields, found 3"
    assert refusal(text, max_root_fields=2) == message
    assert refusal(text, max_root_fields=0) is None
