"""What is noted of every operation that was answered: counts, a line for a slow one, its span.

Nothing of its content but the hash of the document.
"""

from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from time import perf_counter
from typing import Final, Protocol

import structlog
from graphql import GraphQLError, get_operation_ast
from strawberry.types import ExecutionResult

from resolvers.sources import Sources
from resolvers.trusted_documents import DocumentReference
from schema.documents import CheckedDocument
from schema.tallies import REFUSED, Label, Tallies

_OK: Final = "OK"
_OURS: Final = frozenset({"INTERNAL", "UNAVAILABLE"})
"Codes of what went wrong here."
_log = structlog.get_logger()


class Asked(Protocol):
    """What a client wants executed."""

    @property
    def query(self) -> str:
        """Its document."""

    @property
    def operation_name(self) -> str | None:
        """Which of its operations."""

    @property
    def reference(self) -> DocumentReference | None:
        """What named the document, if anything did."""


class Operations:
    """Notes queries and mutations, over HTTP and over sockets."""

    def __init__(self, tallies: Tallies, sources: Sources) -> None:
        self.tallies = tallies
        self._slow = sources.settings.slow_operation_seconds
        self._tracing = sources.tracing

    def span(self, request_id: str) -> AbstractContextManager[object]:
        """A span around what is no request of HTTP, if traces are on."""
        if self._tracing is None:
            return nullcontext()
        return self._tracing.span("operation", {"kenshin.request_id": request_id})

    def answered(
        self, document: CheckedDocument | None, asked: Asked, result: ExecutionResult, began: float
    ) -> None:
        """Note an operation that began at `perf_counter() == began`; its errors are exposed ones."""
        seconds = perf_counter() - began
        label = REFUSED if document is None else label_of(document, asked)
        code = code_of(result.errors[0]) if result.errors else _OK
        cost = int((result.extensions or {}).get("cost", 0))
        self.tallies.operation(label, code, seconds, cost)
        if self._slow and seconds >= self._slow:
            _log.warning(
                "slow operation",
                **label._asdict(),
                document=_hash(asked),
                code=code,
                cost=cost,
                ms=round(seconds * 1000, 1),
            )
        if self._tracing is not None:
            _note(label, code, cost, _hash(asked))


def label_of(document: CheckedDocument, asked: Asked) -> Label:
    """What an operation is counted under: its name too, if the document is registered."""
    label = document.label(asked.operation_name)
    if asked.reference is None or asked.reference.id is None:
        return label
    definition = get_operation_ast(document.document, asked.operation_name)
    named = definition and definition.name
    return label._replace(operation=named.value) if named else label


def code_of(error: GraphQLError) -> str:
    """Code of an error as clients see it."""
    return str((error.extensions or {}).get("code", "INTERNAL"))


def _hash(asked: Asked) -> str:
    """The name that the document has among persisted ones."""
    return sha256(asked.query.encode()).hexdigest()


def _note(label: Label, code: str, cost: int, document: str) -> None:
    """Say in the span of the request what was asked for."""
    from datasources.tracing import note  # noqa: PLC0415 - the extra `tracing`

    attributes: dict[str, str | int] = {
        "graphql.operation.type": label.kind,
        "graphql.operation.name": label.operation,
        "kenshin.field": label.field,
        "kenshin.document": document,
        "kenshin.code": code,
        "kenshin.cost": cost,
    }
    note(attributes, f"{label.kind} {label.field}".strip(), failed=code in _OURS)
