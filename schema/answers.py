"""Queries and mutations over a socket: executed as over HTTP, answered by one message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.context import RequestContext
from schema.admission import Admitted
from schema.documents import CheckedDocument
from schema.execution.encoding import encoded
from schema.execution.rows import Text
from schema.messages import Subscribe
from schema.root import KenshinSchema

_QUERY_AND_MUTATION: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})


@dataclass(frozen=True, slots=True)
class Answer:
    """Payload of a `next` message in parts, or errors where nothing was executed."""

    parts: Sequence[Text]
    errors: Sequence[GraphQLError]


async def answer(
    schema: KenshinSchema,
    admitted: Admitted,
    checked: CheckedDocument,
    asked: Subscribe,
    context: RequestContext,
) -> ExecutionResult:
    """Execute a query or a mutation, if it was admitted."""
    if admitted.errors:
        result = ExecutionResult(None, list(admitted.errors))
    elif admitted.query is not None:
        result = await schema.answer(admitted.query, asked.variables, context, admitted.coerced)
    elif asked.operation_name not in checked.ready:
        result = ExecutionResult(
            None, [GraphQLError(f"Unknown operation named {asked.operation_name!r}.")]
        )
        schema.process_errors(result.errors or [])
    else:
        result = await schema.perform(asked, context, _QUERY_AND_MUTATION)
    return admitted.finish(result)


def answer_of(result: ExecutionResult) -> Answer:
    """What a result is answered with; its errors must have been exposed."""
    errors = result.errors or []
    if result.data is None and not any(error.path for error in errors):
        return Answer([], errors)
    return Answer(payload_of(result), [])


def payload_of(result: ExecutionResult) -> Sequence[Text]:
    """Payload of a `next` message."""
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        payload["extensions"] = result.extensions
    return encoded(payload)
