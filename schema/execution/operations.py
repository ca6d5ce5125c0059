"""Operations of checked documents, ready to be executed again and again."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues
from strawberry.execution import optimized_is_awaitable

from schema.execution.conditions import Outcomes, conditions
from schema.execution.definitions import fragments, operations
from schema.execution.executor import FastExecutor, Frame
from schema.execution.plans import plan
from schema.execution.rows import KnownTexts
from schema.execution.steps import Step, Unplanned
from schema.execution.variables import Variables


class Operation:
    """A query of a valid document."""

    def __init__(
        self,
        schema: GraphQLSchema,
        definition: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Sequence[str],
    ) -> None:
        self._schema = schema
        self._definition = definition
        self._fragments = dict(fragments)
        self._details = {name: FragmentDetails(one) for name, one in fragments.items()}
        self._variables = Variables(schema, definition)
        self._plans = Outcomes[Step](conditions)

    async def answer(
        self,
        context: Any,
        variables: Mapping[str, Any],
        known_texts: KnownTexts,
        coerced: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Data and errors of the operation with these variables, which may be `coerced` already."""
        if coerced is None:
            coerced = self._variables.leaves(variables)
        if coerced is None:
            found = self._variables.values(variables)
            if not isinstance(found, VariableValues):
                return ExecutionResult(None, list(found))
            coerced = found.coerced

        def values() -> VariableValues:
            return self._variables.with_sources(variables, coerced)

        step = self._plans.of(
            coerced, lambda: _planned(self._executor(None, values(), known_texts))
        )
        if step is None:
            return await self._in_the_stock_way(context, values(), known_texts)
        frame = Frame(
            self._schema, self._definition, self._fragments, coerced, values, context, known_texts
        )
        try:
            data = step.run(None, frame, None)
            return ExecutionResult(await data if step.waits else data, None)
        except Exception:  # noqa: BLE001 - whatever it was, the stock executor says it as it should be said
            return await self._in_the_stock_way(context, values(), known_texts)

    async def _in_the_stock_way(
        self, context: Any, values: VariableValues, known_texts: KnownTexts
    ) -> ExecutionResult:
        result: Any = self._executor(context, values, known_texts).execute_operation()
        answered: ExecutionResult = await result if optimized_is_awaitable(result) else result
        return answered

    def _executor(
        self, context: Any, values: VariableValues, known_texts: KnownTexts
    ) -> FastExecutor:
        return FastExecutor(
            self._schema,
            self._fragments,
            self._details,
            None,
            context,
            self._definition,
            values,
            None,  # every field of a Strawberry schema has a resolver of its own
            None,
            None,
            is_awaitable=optimized_is_awaitable,
            known_texts=known_texts,
        )


def queries(schema: GraphQLSchema, document: DocumentNode) -> dict[str | None, Operation]:
    """Queries of a valid document by their names."""
    shared, names = fragments(document), conditions(document)
    return {
        name: Operation(schema, one, shared, names)
        for name, one in operations(document, OperationType.QUERY).items()
    }


def _planned(executor: FastExecutor) -> Step | None:
    try:
        return plan(executor)
    except (Unplanned, GraphQLError, RecursionError):
        return None
