"""Parsed and validated documents, kept by their text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from domain.errors import LimitExceeded
from domain.settings import Settings
from schema.execution.operations import Operation, queries
from schema.execution.subscriptions import Subscription, subscriptions
from schema.kept import kept_within
from schema.labels import labels
from schema.limits.cost import OperationCost, costs
from schema.limits.document import read_document
from schema.limits.introspection import introspects
from schema.limits.introspection_cost import introspection_cost
from schema.tallies import REFUSED, Label

Found = TypeVar("Found")

_KEPT_CHARACTERS: Final = 500_000
"""Of documents that are kept ready. One takes up to 150 bytes for each of its characters, and whoever
sends many different ones would fill the memory."""
_LONGEST_KEPT: Final = 10_000
"Documents of people are shorter."
_MOST_ERRORS: Final = 5
"Of a wrong document: so many help its author, and a long one would have thousands."

_RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
"Those of Strawberry."
_NOTHING: Final = DocumentNode(definitions=())


class Ready(NamedTuple):
    """An operation of a valid document: what it costs, and itself if it is a query."""

    cost: OperationCost
    query: Operation | None


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document, what is wrong with it, and its queries and subscriptions, ready for use."""

    document: DocumentNode
    errors: list[GraphQLError]
    "Without suggestions."
    operations: int = 0
    introspects: bool = False
    "Whether some part of it asks for the schema."
    queries: dict[str | None, Operation] = field(default_factory=dict)
    "By name; none of a document with errors."
    subscriptions: dict[str | None, Subscription] = field(default_factory=dict)
    labels: Mapping[str | None, Label] = field(default_factory=dict)
    ready: Mapping[str | None, Ready] = field(default_factory=dict)
    "All operations by the names that stand for them: none does where there is only one."

    @classmethod
    def unread(cls, error: GraphQLError) -> "CheckedDocument":
        """A document that nothing is known of but why it was not read."""
        return cls(_NOTHING, [error])

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

    def label(self, operation_name: str | None) -> Label:
        """What an operation is counted under."""
        return _named(self.labels, operation_name) or REFUSED


def _named(operations: Mapping[str | None, Found], name: str | None) -> Found | None:
    return next(iter(operations.values()), None) if name is None else operations.get(name)


def _ready(
    costs: Mapping[str | None, OperationCost], queries: Mapping[str | None, Operation]
) -> Mapping[str | None, Ready]:
    found = {name: Ready(cost, queries.get(name)) for name, cost in costs.items()}
    return {None: next(iter(found.values())), **found} if len(found) == 1 else found


class DocumentCache:
    """Makes the extension that a schema executes with."""

    def __init__(self, schema: strawberry.Schema, settings: Settings) -> None:
        self._schema = schema._schema  # noqa: SLF001 - the graphql-core schema
        self._settings = settings
        self._introspection = introspection_cost(self._schema)
        self._kept = kept_within(_KEPT_CHARACTERS, _LONGEST_KEPT)(self._check)

    def keeps(self, text: str) -> bool:
        """Whether a document need not be read."""
        return text in self._kept

    def checked(self, text: str) -> CheckedDocument:
        """Raises GraphQLSyntaxError."""
        return self._kept(text)

    def suggestions(self, checked: CheckedDocument) -> list[GraphQLError]:
        """What is wrong with a document, with what may have been meant, if it was validated."""
        if not checked.document.definitions:
            return checked.errors
        return validate(self._schema, checked.document, _RULES, max_errors=_MOST_ERRORS)

    def _check(self, text: str) -> CheckedDocument:
        try:
            document = read_document(text, self._settings)
        except LimitExceeded as error:
            return CheckedDocument.unread(GraphQLError(str(error), original_error=error))
        errors = validate(
            self._schema, document, _RULES, max_errors=_MOST_ERRORS, hide_suggestions=True
        )
        operations = sum(isinstance(one, OperationDefinitionNode) for one in document.definitions)
        if errors:
            return CheckedDocument(document, errors, operations, introspects(document))
        found = queries(self._schema, document)
        return CheckedDocument(
            document,
            errors,
            operations,
            introspects(document),
            found,
            subscriptions(self._schema, document),
            labels(document),
            _ready(costs(self._schema, document, self._introspection), found),
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
            checked = self._cache.checked(context.query or " ")
        except GraphQLSyntaxError:
            pass  # Strawberry meets it again and answers it
        else:
            context.graphql_document = checked.document
            name = context._provided_operation_name  # noqa: SLF001 - not in its API
            context.pre_execution_errors = checked.refusal(name)
        yield
