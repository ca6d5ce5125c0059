"""What operations are counted under: their first field, however it is put."""

import pytest
from graphql import parse

from schema.labels import labels
from schema.tallies import Label


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{ viewer { id } portal(key: 1) { key } }", "viewer"),
        ("{ me: viewer { id } }", "viewer"),
        ("{ ... { ... on Query { viewer { id } } } node { id } }", "viewer"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { viewer { id } }", "viewer"),
        ("{ __typename }", "__typename"),
        ("{}", ""),
        ("{ ... {} viewer { id } }", ""),
    ],
)
def test_an_operation_is_counted_under_its_first_field(text: str, field: str) -> None:
    assert labels(parse(text)) == {None: Label("query", field)}


def test_each_operation_of_a_document_has_a_label_by_its_name() -> None:
    text = "query A { viewer { id } } mutation B { logOut } subscription C { readings }"
    assert labels(parse(text)) == {
        "A": Label("query", "viewer"),
        "B": Label("mutation", "logOut"),
        "C": Label("subscription", "readings"),
    }
