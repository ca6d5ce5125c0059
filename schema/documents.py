"""Parsed and validated documents, kept by their text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

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

from schema.execution.operations import Operation, queries
from schema.execution.subscriptions import Subscription, subscriptions
from schema.kept import kept

Found = TypeVar("Found")

_KEPT: Final = 1000
_LONGEST_KEPT: Final = 10_000
"Documents of people are shorter; both bounds together bound the memory."
_MOST_TOKENS: Final = 5_000
"A document of a megabyte would keep all others waiting for half a minute."


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document, what validation found, and its queries and subscriptions, ready for use."""

    document: DocumentNode
    errors: list[GraphQLError]
    operations: int
    queries: dict[str | None, Operation]
    "By name; none of a document with errors."
    subscriptions: dict[str | None, Subscription]

    def refusal(self, operation_name: str | None) -> list[GraphQLError]:
        """Why no operation can be executed; empty if one can."""
        if self.errors:
            return self.errors
        # Strawberry would take the first operation where the specification wants a name.
        if operation_name is None and self.operations > 1:
            return [GraphQLError("give operationName: there are several")]
        return []

    def query(self, operation_name: str | None) -> Operation | None:
        """The query that a name, or none, stands for; None if there is no such."""
        return None if self.refusal(operation_name) else _named(self.queries, operation_name)

    def subscription(self, operation_name: str | None) -> Subscription | None:
        """The subscription that a name, or none, stands for; None if there is no such."""
        return None if self.refusal(operation_name) else _named(self.subscriptions, operation_name)


def _named(operations: Mapping[str | None, Found], name: str | None) -> Found | None:
    return next(iter(operations.values()), None) if name is None else operations.get(name)


class DocumentCache:
    """Makes the extension that a schema executes with."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._kept = kept(_KEPT, _LONGEST_KEPT)(self._check)

    def checked(self, text: str) -> CheckedDocument:
        """Raises GraphQLSyntaxError."""
        return self._kept(text)

    def _check(self, text: str) -> CheckedDocument:
        document = parse(text, max_tokens=_MOST_TOKENS)
        schema = self._schema._schema  # noqa: SLF001 - the graphql-core schema
        errors = validate_document(schema, document, tuple(specified_rules))
        operations = sum(isinstance(one, OperationDefinitionNode) for one in document.definitions)
        if errors:
            return CheckedDocument(document, errors, operations, {}, {})
        return CheckedDocument(
            document, errors, operations, queries(schema, document), subscriptions(schema, document)
        )


class CachedDocuments(SchemaExtension):
    """Takes parsed and validated documents from the schema's cache."""

    def __init__(self, cache: DocumentCache) -> None:
        self._cache = cache

    def on_operation(self) -> Iterator[None]:
        # Blank is a syntax error; an empty one Strawberry raises past all that answers errors.
        self.execution_context.query = self.execution_context.query or " "
        self.execution_context.parse_options["max_tokens"] = _MOST_TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        try:
            checked = self._cache.checked(context.query or " ")
        except GraphQLSyntaxError:
            pass  # Strawberry meets it again and answers it
        else:
            context.graphql_document = checked.document
            name = context._provided_operation_name  # noqa: SLF001 - not in its API
            context.pre_execution_errors = checked.refusal(name)
        yield
