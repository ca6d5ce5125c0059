"""The schema: root types put together, how operations are executed."""

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Protocol

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from domain.errors import LimitExceeded
from domain.settings import Settings
from resolvers.app_access import note_seen
from resolvers.context import RequestContext
from schema.access import guard
from schema.documents import CachedDocuments, CheckedDocument, DocumentCache
from schema.errors import expose, exposed
from schema.execution.operations import Operation
from schema.execution.rows import KnownTexts
from schema.limits.operation_time import OperationTime
from schema.live import Subscription
from schema.mutations import Mutation
from schema.queries import NODES, Query
from schema.scalars import DATE, DATE_TIME
from schema.scope_texts import tell_scopes

_AS_THEY_COME: Final = Settings()


async def _noted(found: Any, context: RequestContext) -> Any:
    """A result, once it is noted what an app was let see by it; without that it says nothing."""
    try:
        await note_seen(context)
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing is shown that was not noted
        unnoted = exposed(error, context.request_id)
        unnoted.path = list(found.data or ())[:1]
        return ExecutionResult(None, [unnoted])
    return found


class Asked(Protocol):
    """What a client wants executed."""

    @property
    def query(self) -> str:
        """Its document."""

    @property
    def variables(self) -> dict[str, Any] | None:
        """Those that were given."""

    @property
    def operation_name(self) -> str | None:
        """Which of its operations."""


class Execution(StrawberryGraphQLCoreExecutionContext):
    """Executor without the cache of graphql-core 3.3 that grows with every subscription event."""

    def build_per_event_executor(self, payload: Any) -> Any:
        executor: Any = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}  # noqa: SLF001 - keyed by id, shared by all events
        return executor


class KenshinSchema(strawberry.Schema):
    """Schema whose errors have codes and whose documents are cached."""

    def __init__(self, known_text_bytes: int = 0) -> None:
        """`known_text_bytes` bounds the texts of rows that are kept for the next answer."""
        super().__init__(
            Query,
            Mutation,
            Subscription,
            types=NODES,
            execution_context_class=Execution,
            config=StrawberryConfig(scalar_map={date: DATE, datetime: DATE_TIME}),
        )
        guard(self)
        tell_scopes(self)
        self._keep_nothing(known_text_bytes, _AS_THEY_COME)

    def unused(
        self, known_text_bytes: int = 0, settings: Settings = _AS_THEY_COME
    ) -> "KenshinSchema":
        """These types, and nothing kept of what this schema was asked."""
        schema = copy(self)
        schema._keep_nothing(known_text_bytes, settings)  # noqa: SLF001 - of its own class
        return schema

    def _keep_nothing(self, known_text_bytes: int, settings: Settings) -> None:
        documents = self._documents = DocumentCache(self, settings)
        self._time = OperationTime(settings.operation_seconds)
        self.extensions = (lambda: CachedDocuments(documents),)
        self._known_texts = KnownTexts(known_text_bytes)

    def keeps(self, text: str) -> bool:
        """Whether a document was read lately, and need not be again."""
        return self._documents.keeps(text)

    def checked(self, text: str) -> CheckedDocument:
        """A document and what is wrong with it; raises GraphQLSyntaxError."""
        return self._documents.checked(text or " ")

    def known_document(self, text: str) -> CheckedDocument:
        """A document and what is wrong with it, be it that it cannot be parsed."""
        try:
            return self.checked(text)
        except GraphQLSyntaxError as error:
            return CheckedDocument.unread(error)

    def refusal(self, checked: CheckedDocument, name: str | None) -> list[GraphQLError]:
        """Why no operation can be executed, for who may be told what else there is to ask for."""
        return self._documents.suggestions(checked) if checked.errors else checked.refusal(name)

    async def answer(
        self,
        query: Operation,
        variables: dict[str, Any] | None,
        context: RequestContext,
        coerced: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute a query, whose variables may be `coerced` already.

        Only `schema.execution.encoding` can read the data of its result.
        """
        try:
            found = await self._time.within(
                query.answer(context, variables or {}, self._known_texts, coerced)
            )
        except LimitExceeded as error:
            return ExecutionResult(None, [exposed(error, context.request_id)])
        if context.seen:
            found = await _noted(found, context)
        if found.errors:
            expose(found.errors, context.request_id)
        return ExecutionResult(found.data, found.errors)

    async def perform(
        self,
        asked: Asked,
        context: RequestContext,
        allowed: Iterable[OperationType],
    ) -> ExecutionResult:
        """Execute what is no query that is ready, in the stock way.

        Raises InvalidOperationTypeError and CannotGetOperationTypeError.
        """
        work = self.execute(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            context_value=context,
            allowed_operation_types=allowed,
        )
        try:
            return await self._time.within(work)
        except LimitExceeded as error:
            return ExecutionResult(None, [exposed(error, context.request_id)])

    def event_result(
        self,
        text: str,
        variables: dict[str, Any],
        operation_name: str | None,
        payload: Any,
    ) -> ExecutionResult:
        """An event of a valid subscription, none of whose fields wait, in the stock way."""
        executor: Any = Execution.build(
            self._schema, self.checked(text).document, payload, None, variables, operation_name
        )
        found: Any = executor.execute_operation(False)
        if found.errors:
            expose(found.errors, "")
        return ExecutionResult(found.data, found.errors)

    def metadata(self, subscription: str) -> Mapping[Any, Any]:
        """What the schema says of a subscription beside its type."""
        fields = self._schema.subscription_type.fields if self._schema.subscription_type else {}
        found: Mapping[Any, Any] = fields[subscription].extensions["strawberry-definition"].metadata
        return found

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        expose(errors, execution_context.context.request_id if execution_context else "")


@cache
def _put_together() -> KenshinSchema:
    return KenshinSchema()


def open_schema(known_text_bytes: int = 0, settings: Settings = _AS_THEY_COME) -> KenshinSchema:
    """A schema of its own for an application; what is the same in all is made once per process."""
    return _put_together().unused(known_text_bytes, settings)
