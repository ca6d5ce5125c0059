"""Operations of checked documents, ready to be executed again and again."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues
from strawberry.execution import optimized_is_awaitable

from schema.execution.executor import FastExecutor, Frame
from schema.execution.plans import plan
from schema.execution.rows import KnownTexts
from schema.execution.steps import Step, Unplanned
from schema.execution.variables import Variables

_MOST_PLANS: Final = 16
"Of one operation: its conditions may come out in so many ways."


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
        self._conditions = conditions
        self._plans: dict[Hashable, Step | None] = {}

    async def answer(
        self, context: Any, variables: Mapping[str, Any], known_texts: KnownTexts
    ) -> ExecutionResult:
        """Data and errors of the operation with these variables."""
        values = self._variables.values(variables)
        if not isinstance(values, VariableValues):
            return ExecutionResult(None, list(values))
        step = self._plan(values, known_texts)
        if step is None:
            return await self._in_the_stock_way(context, values, known_texts)
        frame = Frame(self._schema, self._definition, self._fragments, values, context, known_texts)
        try:
            data = step.run(None, frame, None)
            return ExecutionResult(await data if step.waits else data, None)
        except Exception:  # noqa: BLE001 - whatever it was, the stock executor says it as it should be said
            return await self._in_the_stock_way(context, values, known_texts)

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

    def _plan(self, values: VariableValues, known_texts: KnownTexts) -> Step | None:
        """Plan for the variables that skip and include; None if there can be none."""
        outcome = tuple([values.coerced.get(name) for name in self._conditions])
        if outcome not in self._plans:
            if len(self._plans) >= _MOST_PLANS:
                return None
            self._plans[outcome] = _planned(self._executor(None, values, known_texts))
        return self._plans[outcome]


def queries(schema: GraphQLSchema, document: DocumentNode) -> dict[str | None, Operation]:
    """Queries of a valid document by their names."""
    conditions = _Conditions()
    visit(document, conditions)
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    return {
        one.name.value if one.name else None: Operation(
            schema, one, fragments, sorted(conditions.names)
        )
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode) and one.operation.value == "query"
    }


class _Conditions(Visitor):
    """Collects the variables in the arguments of directives."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names.add(argument.value.name.value)


def _planned(executor: FastExecutor) -> Step | None:
    try:
        return plan(executor)
    except (Unplanned, GraphQLError, RecursionError):
        return None
