"""Queries and mutations over a socket: executed as over HTTP, answered by one message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.context import RequestContext
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
    schema: KenshinSchema, checked: CheckedDocument, asked: Subscribe, context: RequestContext
) -> Answer:
    """Execute a query or a mutation of a valid document."""
    query = checked.query(asked.operation_name)
    if query is not None:
        return answer_of(await schema.answer(query, asked.variables, context))
    return answer_of(
        await schema.execute(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            context_value=context,
            allowed_operation_types=_QUERY_AND_MUTATION,
        )
    )


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
    return encoded(payload)
