"""Clients are told what everything of the schema means: nothing of it is without a description."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    is_introspection_type,
    is_nullable_type,
    is_specified_scalar_type,
)

from schema.print import SCHEMA

SCHEMA_TYPES = {
    name: kind
    for name, kind in build_schema(SCHEMA.read_text("utf-8")).type_map.items()
    if not (is_introspection_type(kind) or is_specified_scalar_type(kind))
}
Described = tuple[str, str | None]


def descriptions() -> Iterator[Described]:
    """Every type, field, argument and value by its coordinate, with what is said of it."""
    for name, kind in SCHEMA_TYPES.items():
        yield name, kind.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield from fields(kind)
        elif isinstance(kind, GraphQLInputObjectType):
            yield from ((f"{name}.{key}", field.description) for key, field in kind.fields.items())
        elif isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{key}", value.description) for key, value in kind.values.items())


def fields(kind: GraphQLObjectType | GraphQLInterfaceType) -> Iterator[Described]:
    for key, field in kind.fields.items():
        yield f"{kind.name}.{key}", field.description
        for name, argument in field.args.items():
            yield f"{kind.name}.{key}({name}:)", argument.description


def test_nothing_is_without_a_description() -> None:
    found = dict(descriptions())
    assert len(found) > 1_000
    assert [coordinate for coordinate, text in found.items() if not text] == []


def test_every_description_is_of_whole_sentences() -> None:
    texts = {coordinate: text.strip() for coordinate, text in descriptions() if text}
    unfinished = {at: text for at, text in texts.items() if text[-1] not in ".:)"}
    assert unfinished == {}


def test_no_description_says_the_name_alone() -> None:
    def bare(text: str) -> str:
        return "".join(filter(str.isalnum, text)).lower().removeprefix("the")

    repeated = [
        coordinate
        for coordinate, text in descriptions()
        if text and bare(text) == bare(coordinate.rpartition(".")[2])
    ]
    assert repeated == []


def test_what_may_be_null_says_when() -> None:
    unsaid = [
        f"{kind.name}.{key}"
        for kind in SCHEMA_TYPES.values()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for key, field in kind.fields.items()
        if is_nullable_type(field.type) and "null" not in (field.description or "").lower()
    ]
    assert unsaid == []


@pytest.mark.parametrize(
    ("coordinate", "told"),
    [
        ("Facility.usage", " Apps need `usage:read`."),
        ("Facility.today", " Apps need `usage:read` or `usage:live`."),
        ("Bill", " Apps need `bills:read`."),
        ("Member.devices", " Open to no app."),
        ("Device", " Open to no app."),
    ],
)
def test_apps_are_told_what_opens_a_field(coordinate: str, told: str) -> None:
    text = dict(descriptions())[coordinate]
    assert text is not None
    assert text.endswith(told)
