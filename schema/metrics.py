"""GET /metrics: what the process counts, for Prometheus.

Whoever has the token of KENSHIN_METRICS_TOKEN may ask; without that setting there is nothing here.
Every process answers for itself, only the outbox is that of all.
"""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from datasources.mongo import PyMongoError
from domain.outbox import Channel
from resolvers.context import bearer_token
from resolvers.sources import Sources
from schema.counts import Counts
from schema.tallies import Histogram, Tallies

_SECONDS: Final = 2.0
"A database that takes longer is shown as down; Prometheus waits ten by default."


@dataclass(frozen=True, slots=True)
class _Backlog:
    """What waits to leave, of all processes."""

    outbox: Mapping[Channel, tuple[int, timedelta]]
    webhooks: Mapping[str, int]


class MetricsView:
    """The endpoint, over the counts of an application."""

    def __init__(self, sources: Sources, tallies: Tallies, counts: Counts) -> None:
        self._sources = sources
        self._token = sources.settings.metrics_token
        self._registry = CollectorRegistry()
        self._registry.register(ProcessCollector(registry=None))
        self._registry.register(_Counted(tallies))
        self._registry.register(_Live(sources, counts))

    async def answer(self, request: Request) -> Response:
        given = bearer_token(request.headers.get("authorization", "")) or ""
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            headers = {"www-authenticate": "Bearer"}
            return PlainTextResponse("Authorization must be: Bearer <token>\n", 401, headers)
        stored = CollectorRegistry()
        stored.register(_Stored(await self._backlog()))
        text = generate_latest(self._registry) + generate_latest(stored)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})

    async def _backlog(self) -> _Backlog | None:
        """None if MongoDB does not answer."""
        outbox, webhooks = self._sources.outbox, self._sources.webhooks
        try:
            async with asyncio.timeout(_SECONDS):
                due = {channel: await outbox.backlog(channel) for channel in Channel}
                return _Backlog(due, await webhooks.counts())
        except (TimeoutError, PyMongoError):
            return None


class _Counted(Collector):
    """What requests added up to."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies

    def collect(self) -> Iterator[Metric]:
        tallies = self._tallies
        yield from _operations(tallies)
        requests = HistogramMetricFamily(
            "kenshin_http_request_seconds",
            "Requests of any path, from their first byte to the end of the answer",
            labels=["method", "path", "status"],
        )
        for (method, path, status), histogram in tallies.requests.items():
            _add(requests, (method, path, str(status)), histogram)
        yield requests
        lag = HistogramMetricFamily(
            "kenshin_reading_lag_seconds",
            "From receiving a reading to writing it to a socket, of one in every turn of the writer",
        )
        _add(lag, (), tallies.lag)
        yield lag
        readings = CounterMetricFamily(
            "kenshin_readings", "Readings handed in over HTTP", labels=["outcome"]
        )
        for outcome, count in tallies.readings.items():
            readings.add_metric([outcome], count)
        yield readings


def _operations(tallies: Tallies) -> Iterator[Metric]:
    names = ["kind", "field", "operation"]
    seconds = HistogramMetricFamily(
        "kenshin_operation_seconds",
        "Queries and mutations, from having read them to their answer",
        labels=[*names, "code"],
    )
    cost = CounterMetricFamily(
        "kenshin_operation_cost", "Computed cost of operations", labels=[*names, "code"]
    )
    for (label, code), tally in tallies.operations.items():
        _add(seconds, (*label, code), tally.seconds)
        cost.add_metric([*label, code], tally.cost)
    yield seconds
    yield cost
    begun = CounterMetricFamily(
        "kenshin_subscriptions", "Subscriptions that began", labels=["field", "operation"]
    )
    for label, count in tallies.subscriptions.items():
        begun.add_metric([label.field, label.operation], count)
    yield begun
    ended = CounterMetricFamily(
        "kenshin_socket_errors", "Errors of any operation over sockets", labels=["code"]
    )
    for code, count in tallies.socket_errors.items():
        ended.add_metric([code], count)
    yield ended


class _Live(Collector):
    """Sockets, and what lies between Redis and them."""

    def __init__(self, sources: Sources, counts: Counts) -> None:
        self._sources = sources
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        counts, live, hub = self._counts, self._sources.live, self._sources.hub
        buckets = self._sources.buckets
        for name, value, meaning in (
            ("sockets", counts.sockets, "Connections over WebSocket"),
            ("socket_operations", counts.operations, "Operations that run on them"),
            ("socket_groups", counts.groups, "Groups of subscriptions that share events"),
            ("socket_events_waiting", counts.waiting, "Events that wait to be written to sockets"),
            ("streams", live.streams, "Members and facilities that are listened to"),
            ("announcements_waiting", live.waiting, "Announcements that wait to be handed out"),
            ("redis_channels", hub.channels, "Channels that are subscribed, or will be"),
            ("redis_connected", hub.connected, "Whether every server with channels is connected"),
            ("points_counted", buckets.answers, "Whether Redis counts points; else limits are off"),
        ):
            yield GaugeMetricFamily(f"kenshin_{name}", meaning, float(value))
        for name, value, meaning in (
            ("socket_events", counts.frames, "Events written to sockets"),
            (
                "sockets_paused",
                counts.paused,
                "How often a peer did not read as fast as written to",
            ),
            ("sockets_killed", counts.killed, "Peers that were cut off since they read too slowly"),
            ("sockets_refused", counts.refused, "Connections over a limit"),
        ):
            yield CounterMetricFamily(f"kenshin_{name}", meaning, value)


class _Stored(Collector):
    """What the database has for all processes."""

    def __init__(self, backlog: _Backlog | None) -> None:
        self._backlog = backlog

    def collect(self) -> Iterator[Metric]:
        reached = self._backlog is not None
        yield GaugeMetricFamily("kenshin_mongodb_up", "Whether MongoDB answers", float(reached))
        due = GaugeMetricFamily(
            "kenshin_outbox_due", "Messages that should be on their way", labels=["channel"]
        )
        late = GaugeMetricFamily(
            "kenshin_outbox_late_seconds",
            "For how long the first of them has been due",
            labels=["channel"],
        )
        webhooks = GaugeMetricFamily(
            "kenshin_webhooks",
            "Webhooks to which events arrive, those to which they do not, and paused ones",
            labels=["state"],
        )
        if self._backlog is not None:
            for channel, (count, age) in self._backlog.outbox.items():
                due.add_metric([channel.value], count)
                late.add_metric([channel.value], age.total_seconds())
            for state, count in self._backlog.webhooks.items():
                webhooks.add_metric([state], count)
        yield from (due, late, webhooks)


def _add(family: HistogramMetricFamily, labels: tuple[str, ...], histogram: Histogram) -> None:
    buckets, total = [], 0
    for bound, count in zip((*histogram.bounds, "+Inf"), histogram.counts, strict=True):
        total += count
        buckets.append((str(bound), float(total)))
    family.add_metric(labels, buckets, histogram.sum)
