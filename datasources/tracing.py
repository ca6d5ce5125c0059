"""Traces by OpenTelemetry, over OTLP/HTTP: an extra of the package, imported where it is wanted.

What is to be sampled, and who the service is, OpenTelemetry's own variables say (`OTEL_TRACES_SAMPLER`,
…). Spans have no content: no document, no variable, no message of an error.
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

_CLOSING_SECONDS: Final = 2.0
"A collector that does not answer must not keep a process from ending."
_PROPAGATOR: Final = TraceContextTextMapPropagator()

Attributes = Mapping[str, str | int]


class Tracing:
    """The spans of a process."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("kenshin")
        self.commands = CommandSpans(self._tracer)
        "Hears of MongoDB's commands."

    @classmethod
    def to(cls, url: str) -> "Tracing":
        """Tracing to the address of a collector."""
        return cls(BatchSpanProcessor(OTLPSpanExporter(url)))

    @contextmanager
    def span(self, name: str, attributes: Attributes, traceparent: str = "") -> Iterator[Span]:
        """A span around the block, part of the trace of that header if there is one."""
        with self._tracer.start_as_current_span(
            name,
            _PROPAGATOR.extract({"traceparent": traceparent}),
            SpanKind.SERVER,
            attributes,
            record_exception=False,  # its message may be personal
            set_status_on_exception=False,
        ) as span:
            yield span

    async def close(self) -> None:
        """Send what waits, if that is soon done."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, _CLOSING_SECONDS)


def note(attributes: Attributes, name: str, *, failed: bool) -> None:
    """Say more of the span that is under way, if one is."""
    span = get_current_span()
    span.update_name(name)
    span.set_attributes(attributes)
    if failed:
        span.set_status(StatusCode.ERROR)


def _resource() -> Resource:
    """Who sends the spans, as the environment says; `kenshin` if it does not."""
    found = Resource.create()
    if str(found.attributes[SERVICE_NAME]).startswith("unknown_service"):
        found = found.merge(Resource({SERVICE_NAME: "kenshin"}))
    return found


class CommandSpans(CommandListener):
    """A span for each command of MongoDB that a traced request sends.

    Reads that several requests share are part of none of them.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._running: dict[tuple[Any, int], Span] = {}

    def started(self, event: CommandStartedEvent) -> None:
        if not get_current_span().is_recording():
            return
        command = event.command_name
        attributes = {
            "db.system.name": "mongodb",
            "db.namespace": event.database_name,
            "db.operation.name": command,
        }
        collection = event.command.get(command)
        if isinstance(collection, str):
            attributes["db.collection.name"] = collection
            command = f"{command} {collection}"
        span = self._tracer.start_span(command, kind=SpanKind.CLIENT, attributes=attributes)
        self._running[event.connection_id, event.request_id] = span

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._end(event, StatusCode.UNSET)

    def failed(self, event: CommandFailedEvent) -> None:
        self._end(event, StatusCode.ERROR)

    def _end(self, event: CommandSucceededEvent | CommandFailedEvent, status: StatusCode) -> None:
        span = self._running.pop((event.connection_id, event.request_id), None)
        if span is not None:
            span.set_status(status)
            span.end()
