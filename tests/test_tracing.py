"""Traces: which spans a request leaves, what they say, and that a collector gets them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, format_trace_id

from datasources.mongo import Mongo
from datasources.tracing import Tracing
from domain.settings import Settings, SettingsError
from resolvers import members, traces
from resolvers.sources import open_sources
from tests.api import Api, Clock
from tests.world import World

LOG_IN = "mutation ($input: LogInInput!) { logIn(input: $input) { userErrors { code } } }"
WRONG = {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": "a wrong one"}
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def api(
    settings: Settings, database: str, clock: Clock, spans: InMemorySpanExporter
) -> AsyncIterator[Api]:
    tracing = Tracing(SimpleSpanProcessor(spans))
    mongo = Mongo(settings.mongodb_url, database=database, listeners=[tracing.commands])
    sources = replace(open_sources(settings, mongo, clock), tracing=tracing)
    async with Api.serving(sources) as serving:
        yield serving


async def test_a_request_is_a_span_with_its_commands_in_the_trace_of_the_client(
    api: Api, world: World, spans: InMemorySpanExporter
) -> None:
    spans.clear()
    response = await api.post(
        {"query": LOG_IN, "variables": {"input": WRONG}},
        traceparent=f"00-{TRACE}-b7ad6b7169203331-01",
    )
    *commands, request = spans.get_finished_spans()

    assert (request.name, request.kind) == ("mutation logIn", SpanKind.SERVER)
    said = dict(request.attributes or {})
    assert len(str(said.pop("kenshin.document"))) == 64
    assert said.pop("kenshin.cost") is not None
    assert said == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
        "kenshin.request_id": response.headers["x-request-id"],
        "graphql.operation.type": "mutation",
        "graphql.operation.name": "other",
        "kenshin.field": "logIn",
        "kenshin.code": "OK",
    }
    assert {span.name for span in commands} >= {"find members"}
    assert {span.kind for span in commands} == {SpanKind.CLIENT}
    assert {span.parent and span.parent.span_id for span in commands} == {request.context.span_id}
    assert format_trace_id(request.context.trace_id) == TRACE


async def test_an_operation_over_a_socket_is_a_span_and_a_failure_is_marked_without_its_message(
    api: Api, world: World, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:
        raise ZeroDivisionError("of no concern to anybody outside")

    monkeypatch.setattr(members, "viewer", fails)
    async with api.socket(world.alice.token) as socket:
        spans.clear()
        await socket.subscribe("1", "{ viewer { id } }")
        await socket.error_code()
    found = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]

    assert [(span.name, (span.attributes or {})["kenshin.code"]) for span in found] == [
        ("query viewer", "INTERNAL")
    ]
    assert not found[0].status.is_ok
    assert "no concern" not in found[0].to_json()


class _Collector(BaseHTTPRequestHandler):
    taken: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        self.taken.append((self.path, self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Address of a collector, and what it was sent."""
    taken: list[tuple[str, bytes]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Collector", (_Collector,), {"taken": taken}))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_collector_has_been_sent_every_span_when_the_process_ends(
    settings: Settings, mongo: Mongo, collector: tuple[str, list[tuple[str, bytes]]]
) -> None:
    url, taken = collector
    sources = open_sources(replace(settings, traces_url=url), mongo)
    async with Api.serving(sources) as api:
        await api.data("{ viewer { id } }")
    ((path, body),) = taken
    sent = ExportTraceServiceRequest.FromString(body)
    (resource,) = sent.resource_spans
    names = {span.name for scope in resource.scope_spans for span in scope.spans}

    assert path == "/v1/traces"
    assert "query viewer" in names
    known = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert known["service.name"] == "kenshin"


async def test_a_collector_that_is_away_does_not_keep_a_process_from_ending() -> None:
    closed = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    tracing = Tracing.to(f"http://127.0.0.1:{port}/v1/traces")
    with tracing.span("one", {}):
        pass
    async with asyncio.timeout(20):
        await tracing.close()


def test_without_its_libraries_tracing_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "datasources.tracing", None)
    with pytest.raises(SettingsError, match=r"kenshin\[tracing\]"):
        traces.open_tracing("http://collector/v1/traces")
    assert traces.open_tracing("") is None
