"""The executors of queries over HTTP: a plan's frame, and the stock executor with rows as text.

Their answers hold spliced texts, which only `encoding.encoded` can read; so nothing uses them by
default.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import VariableValues
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.execution.encoding import spliced
from schema.execution.plans import writer_of
from schema.execution.rows import KnownTexts, NullValue, Rows


class Frame:
    """What a plan needs of an executor, at a fraction of the cost of making one."""

    __slots__ = (
        "abort_signal",
        "async_helpers",
        "coerced",
        "context_value",
        "fragment_definitions",
        "is_awaitable",
        "known_texts",
        "operation",
        "operation_extensions",
        "root_value",
        "schema",
        "values",
    )

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Any,
        coerced: Mapping[str, Any],
        values: Callable[[], VariableValues],
        context: Any,
        known_texts: KnownTexts,
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.fragment_definitions = fragments
        self.coerced = coerced
        self.values = values
        self.context_value = context
        self.known_texts = known_texts
        self.root_value = None
        self.is_awaitable = optimized_is_awaitable
        self.abort_signal = None
        self.async_helpers = None
        self.operation_extensions = None

    @property
    def variable_values(self) -> VariableValues:
        """The variables with where they are from, which few ask for."""
        return self.values()

    build_resolve_info: Any = StrawberryGraphQLCoreExecutionContext.build_resolve_info


class FastExecutor(StrawberryGraphQLCoreExecutionContext):
    """The stock executor, but for rows."""

    def __init__(self, *arguments: Any, known_texts: KnownTexts, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.known_texts = known_texts

    def complete_list_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        if isinstance(result, Rows):
            try:
                writer = writer_of(self, return_type.of_type, field_details_list)
                if writer is not None:
                    return spliced(writer.texts(result, self.known_texts))
            except (GraphQLError, NullValue):
                pass  # the stock way says what is wrong, and where
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )
