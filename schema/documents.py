"""Parsed and validated documents, kept by their text."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
)
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

    def on_operation(self) -> Iterator[None]:
        # Blank is a syntax error; an empty one Strawberry raises past all that answers errors.
        self.execution_context.query = self.execution_context.query or " "
        yield

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        try:
            document, errors = self._cache.checked(context.query or " ")
        except GraphQLSyntaxError:
            pass  # Strawberry meets it again and answers it
        else:
            context.graphql_document = document
            # Strawberry would take the first operation where the specification wants a name.
            named = context._provided_operation_name is not None  # noqa: SLF001 - not in its API
            context.pre_execution_errors = errors or ([] if named else _ambiguity(document))
        yield


def _ambiguity(document: DocumentNode) -> list[GraphQLError]:
    kinds = [isinstance(definition, OperationDefinitionNode) for definition in document.definitions]
    return [GraphQLError("give operationName: there are several")] if sum(kinds) > 1 else []
