"""Parsed and validated documents, kept by their text."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import strawberry
from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, parse, specified_rules
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

_KEPT: Final = 1000
_LONGEST_KEPT: Final = 10_000
"Documents of people are shorter; both bounds together bound the memory."


class DocumentCache:
    """Makes the extension that a schema executes with."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._kept = lru_cache(_KEPT)(self._check)

    def checked(self, text: str) -> tuple[DocumentNode, list[GraphQLError]]:
        """Document and what validation found; raises GraphQLSyntaxError."""
        return self._kept(text) if len(text) <= _LONGEST_KEPT else self._check(text)

    def _check(self, text: str) -> tuple[DocumentNode, list[GraphQLError]]:
        document = parse(text)
        return document, validate_document(
            self._schema._schema,  # noqa: SLF001 - the graphql-core schema
            document,
            tuple(specified_rules),
        )


class CachedDocuments(SchemaExtension):
    """Takes parsed and validated documents from the schema's cache."""

    def __init__(self, cache: DocumentCache) -> None:
        self._cache = cache

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        try:
            document, errors = self._cache.checked(context.query or "")
        except GraphQLSyntaxError:
            pass  # Strawberry meets it again and answers it
        else:
            context.graphql_document = document
            context.pre_execution_errors = errors
        yield
