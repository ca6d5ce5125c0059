"""Tokens of a document."""

import pytest
from graphql import GraphQLSyntaxError

from domain.settings import Settings
from schema.limits.document import read_document
from tests.limits.refused import refusal


def test_a_document_may_have_as_many_tokens_as_the_setting_says_and_no_more() -> None:
    text = "{ a b c }"
    assert refusal(text, max_document_tokens=5) is None
    assert refusal(text, max_document_tokens=4) == "a document must have at most 4 tokens"
    assert refusal(text, max_document_tokens=0) is None


def test_comments_are_no_way_around_it() -> None:
    assert refusal("{ a }" + "# no token\n" * 5000, max_document_tokens=4) is not None


def test_the_parser_stops_at_the_first_token_too_many() -> None:
    wrong_at_the_end = "{ a b c d e f } )"
    assert refusal(wrong_at_the_end, max_document_tokens=4) is not None
    with pytest.raises(GraphQLSyntaxError):
        read_document(wrong_at_the_end, Settings())


def test_braces_deeper_than_the_parser_can_follow_are_refused() -> None:
    deep = "{ a " * 5000 + "}" * 5000
    with pytest.raises(GraphQLSyntaxError, match="nested too deeply"):
        read_document(deep, Settings())
    assert refusal(deep, max_document_tokens=100) == "a document must have at most 100 tokens"
