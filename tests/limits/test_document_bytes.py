"""Bytes of a document."""

from tests.limits.refused import refusal


def test_a_document_may_have_as_many_bytes_as_the_setting_says_and_no_more() -> None:
    text = "{ a }".ljust(100)
    assert refusal(text, max_document_bytes=100) is None
    message = "a document must be at most 99 bytes, found 100"
    assert refusal(text, max_document_bytes=99) == message
    assert refusal(text, max_document_bytes=0) is None


def test_characters_count_with_all_their_bytes() -> None:
    text = '{ a(b: "電気") }'
    assert refusal(text, max_document_bytes=len(text) + 4) is None
    assert refusal(text, max_document_bytes=len(text) + 3) is not None
