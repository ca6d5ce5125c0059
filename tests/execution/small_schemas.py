"""Queries of a schema that a test made, answered by the fast path and by Strawberry."""

from typing import Any

import strawberry
from graphql import ExecutionResult, parse, validate

from schema.execution.encoding import encoded
from schema.execution.operations import Operation, queries
from schema.execution.rows import KnownTexts
from tests.execution.both_ways import exact


class FellBack(Exception):
    """The stock executor was asked; `__context__` is what the plan raised, None without a plan."""


def operation(schema: strawberry.Schema, query: str) -> Operation:
    """The only operation of a valid document."""
    document = parse(query)
    assert validate(schema._schema, document) == []
    (found,) = queries(schema._schema, document).values()
    return found


async def fast(schema: strawberry.Schema, query: str, context: Any = None, **variables: Any) -> str:
    """Answer of the plan alone; raises FellBack."""
    asked: Any = operation(schema, query)
    asked._in_the_stock_way = _fallen_back
    return exact(_text(await asked.answer(context, variables, KnownTexts(0))))


async def answered(
    schema: strawberry.Schema, query: str, context: Any = None, **variables: Any
) -> str:
    """Answer by the plan, or by the stock executor behind it."""
    return exact(_text(await operation(schema, query).answer(context, variables, KnownTexts(0))))


async def stock(
    schema: strawberry.Schema, query: str, context: Any = None, **variables: Any
) -> str:
    result = await schema.execute(query, variable_values=variables, context_value=context)
    return exact(_text(ExecutionResult(result.data, result.errors)))


async def _fallen_back(*_: Any) -> ExecutionResult:
    raise FellBack


def _text(result: ExecutionResult) -> bytes:
    errors = [error.formatted for error in result.errors or ()]
    answer: dict[str, Any] = {"errors": errors} if errors else {}
    return b"".join(encoded(answer | {"data": result.data}))
