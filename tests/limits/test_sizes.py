"""Sizes of lists."""

from schema.limits.sizes import SIZES, unsized
from schema.root import open_schema

SCHEMA = open_schema()._schema


def test_every_list_of_the_schema_has_a_size() -> None:
    assert unsized(SCHEMA) == []


def test_no_size_is_of_a_field_that_is_not_there() -> None:
    for name in SIZES:
        kind, field = name.split(".")
        assert field in SCHEMA.type_map[kind].fields, name  # type: ignore[attr-defined] # an object
