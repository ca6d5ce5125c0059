"""Introspection by who asks."""

import pytest
from graphql import parse

from schema.limits.introspection import introspection_refusal, introspects


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("{ __typename viewer { __typename } }", False),
        ("{ schema: viewer { id } }", False),
        ("{ x: __schema { types { name } } }", True),
        ('query { ...f } fragment f on Query { ... { __type(name: "Bill") { name } } }', True),
        ("query A { viewer { id } } query B { __schema { description } }", True),
    ],
)
def test_a_document_that_asks_for_the_schema_anywhere_is_known(text: str, *, asks: bool) -> None:
    assert introspects(parse(text)) is asks


@pytest.mark.parametrize(
    ("who_may", "known", "code"),
    [
        ("everybody", False, None),
        ("everybody", True, None),
        ("members", False, "UNAUTHENTICATED"),
        ("members", True, None),
        ("nobody", False, "FORBIDDEN"),
        ("nobody", True, "FORBIDDEN"),
    ],
)
def test_the_setting_says_who_may(who_may: str, *, known: bool, code: str | None) -> None:
    refusal = introspection_refusal(who_may, known=known)
    assert (refusal and refusal.code) == code
