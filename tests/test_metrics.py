"""What Prometheus reads at /metrics, and what a request leaves in log and answer to be found by."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pymongo.errors import ConnectionFailure
from structlog.testing import capture_logs

from datasources.logs import with_request
from datasources.outbox import OutboxStore
from domain.outbox import Language, MailKind, Message
from domain.settings import Settings
from domain.webhooks import Failure, FailureReason, Webhook
from resolvers import members
from resolvers.sources import Sources
from tests.api import Api, Clock, eventually
from tests.meters import Meters
from tests.stream import live
from tests.world import World

TOKEN = "a token of the tests"
VIEWER = "query Whatever { ... on Query { viewer { id } } }"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, metrics_token=TOKEN, heartbeat_seconds=60)


Samples = dict[tuple[str, ...], float]


async def scraped(api: Api) -> Samples:
    """Values by name and labels in the order of their names, without what the process itself takes."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    response = await api.client.get("/metrics", headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    return {
        (
            sample.name.removeprefix("kenshin_"),
            *(value for _, value in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if sample.name.startswith("kenshin_")
    }


def counts_of(samples: Samples, name: str) -> Samples:
    return {key[1:]: value for key, value in samples.items() if key[0] == name}


async def test_operations_are_counted_by_kind_field_and_code_whatever_their_names_are(
    api: Api, world: World
) -> None:
    for number in range(3):
        await api.data(VIEWER.replace("Whatever", f"Name{number}"), world.alice.token)
    await api.code("{ facility(id: $nothing) { id } }")
    await api.code("{ viewer {", world.alice.token)
    await api.code(
        "query ($id: ID!) { facility(id: $id) { id } }",
        world.alice.token,
        id=world.bob.facility_id,
    )
    await api.data("mutation { logOut { userErrors { code } } }", world.bob.token)
    async with api.socket(world.alice.token) as socket:
        for query in (VIEWER, "{ nonsense }"):
            await socket.subscribe("1", query)
            while (await socket.receive())["type"] not in {"complete", "error"}:
                pass
    samples = await scraped(api)

    assert counts_of(samples, "operation_seconds_count") == {
        ("OK", "viewer", "query", "other"): 4,
        ("BAD_INPUT", "", "refused", "other"): 3,
        ("NOT_FOUND", "facility", "query", "other"): 1,
        ("OK", "logOut", "mutation", "other"): 1,
    }
    assert samples["operation_seconds_bucket", "OK", "viewer", "query", "+Inf", "other"] == 4
    assert samples["operation_seconds_sum", "OK", "viewer", "query", "other"] > 0
    assert counts_of(samples, "socket_errors_total") == {("BAD_INPUT",): 1}


async def test_only_registered_documents_are_counted_by_their_operations_names(api: Api) -> None:
    documents = {"registered": "query Registered { viewer { id } }"}
    await api.sources.trusted_documents.register("", documents, api.sources.clock())
    await api.post({"documentId": "registered"})
    samples = await scraped(api)
    count = {("OK", "viewer", "query", "Registered"): 1}
    assert counts_of(samples, "operation_seconds_count") == count


async def test_requests_are_counted_by_routes_that_there_are(api: Api, world: World) -> None:
    await api.data(VIEWER, world.alice.token)
    await api.client.get("/files/some-secret")
    await api.client.get("/nowhere/at/all")
    await api.client.request("PUT", "/healthz")
    samples = await scraped(api)

    counts = counts_of(samples, "http_request_seconds_count")
    assert counts == {
        ("POST", "/graphql", "200"): 1,
        ("GET", "/files", "404"): 1,
        ("GET", "other", "404"): 1,
        ("other", "/healthz", "405"): 1,
    }


async def test_a_reading_is_followed_to_the_socket(api: Api, world: World) -> None:
    meters = await Meters.made(api, world)
    async with live(api, world.alice) as socket:
        await meters.send(meters.line(0), meters.line(1), b"nonsense")
        assert len(await socket.readings(2)) == 2
        await eventually(lambda: api.sources.live.waiting == 0)
        samples = await scraped(api)

    assert counts_of(samples, "readings_total") == {
        ("stored",): 2,
        ("unchanged",): 0,
        ("corrected",): 0,
        ("rejected",): 1,
    }
    assert samples["reading_lag_seconds_count",] >= 1
    assert samples["socket_events_total",] == 3
    assert counts_of(samples, "subscriptions_total") == {("readings", "other"): 1}
    present = ("sockets", "socket_operations", "socket_groups", "streams", "redis_channels")
    assert [samples[name,] for name in (*present, "redis_connected", "points_counted")] == [1] * 7
    waiting = ("socket_events_waiting", "announcements_waiting", "sockets_killed_total")
    assert [samples[name,] for name in waiting] == [0] * 3


async def test_the_age_of_the_outbox_is_seen_and_a_database_that_is_down_too(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = Message(MailKind.EMAIL_TEST, "hepco", None, "somebody@example.jp", Language.JA, {})
    await api.sources.outbox.post([message, message])
    clock.advance(minutes=3)
    samples = await scraped(api)
    assert samples["outbox_due", "MAIL"] == 2
    assert samples["outbox_late_seconds", "MAIL"] == 180
    assert samples["outbox_due", "LETTER"] == 0
    assert samples["mongodb_up",] == 1
    states = {("active",): 0, ("failing",): 0, ("paused",): 0}
    assert counts_of(samples, "webhooks") == states

    async def fails(*_: Any) -> None:
        raise ConnectionFailure

    monkeypatch.setattr(OutboxStore, "backlog", fails)
    samples = await scraped(api)
    assert samples["mongodb_up",] == 0
    assert ("outbox_due", "MAIL") not in samples


async def test_webhooks_are_counted_by_how_they_do(sources: Sources, clock: Clock) -> None:
    store, lease = sources.webhooks, timedelta(seconds=30)
    for name in ("a", "b", "c"):
        made = Webhook(name, "app", "https://app.example/", frozenset(), (), clock())
        assert await store.add(made)
    assert await store.counts() == {"active": 3, "failing": 0, "paused": 0}

    refused = Failure(clock(), FailureReason.REFUSED, 500)
    failing, paused = await store.take("us", lease), await store.take("us", lease)
    assert failing is not None
    assert paused is not None
    await store.renew(failing.id, "us", lease, None, refused)
    await store.pause(paused.id, "us", refused)
    assert await store.counts() == {"active": 1, "failing": 1, "paused": 1}


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
async def test_who_has_not_the_token_sees_no_metrics(api: Api, given: str | None) -> None:
    headers = {} if given is None else {"authorization": given}
    response = await api.client.get("/metrics", headers=headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert "kenshin" not in response.text


class TestWithoutAToken:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, metrics_token="", slow_operation_seconds=1e-9)

    async def test_there_are_no_metrics(self, api: Api) -> None:
        headers = {"authorization": "Bearer"}
        assert (await api.client.get("/metrics", headers=headers)).status_code == 404

    async def test_a_slow_operation_is_logged_with_the_hash_of_its_document_and_nothing_of_it(
        self, api: Api, world: World
    ) -> None:
        query = 'query Mine { facility(id: "secret-id") { id } }'
        with capture_logs([with_request]) as logged:
            response = await api.post({"query": query}, world.alice.token)
        (line,) = [line for line in logged if line["event"] == "slow operation"]
        assert line.pop("ms") > 0
        assert line == {
            "event": "slow operation",
            "log_level": "warning",
            "kind": "query",
            "field": "facility",
            "operation": "other",
            "document": sha256(query.encode()).hexdigest(),
            "code": "BAD_INPUT",
            "cost": line["cost"],
            "request_id": response.headers["x-request-id"],
        }

    async def test_every_answer_has_the_id_that_log_and_error_have(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fails(*_: Any) -> None:
            raise ZeroDivisionError("of no concern to anybody outside")

        monkeypatch.setattr(members, "viewer", fails)
        with capture_logs() as logged:
            answers = [
                await api.post({"query": "{ viewer { id } }"}, world.alice.token),
                await api.post({"query": "{ viewer { id } }"}, accept="text/plain"),
                await api.client.get("/readyz"),
                await api.client.get("/nowhere"),
            ]
            async with api.raw_socket() as socket:
                assert socket.response is not None
                of_socket = socket.response.headers["x-request-id"]
        ids = [*(answer.headers["x-request-id"] for answer in answers), of_socket]
        assert len(set(ids)) == len(ids)
        (error,) = answers[0].json()["errors"]
        assert error["extensions"] == {"code": "INTERNAL", "requestId": ids[0]}
        said = [line["request_id"] for line in logged if line["event"] == "request"]
        assert said == [ids[0], ids[1], ids[3], ids[4]]
        (told,) = [line for line in logged if line["event"] == "internal error"]
        assert told["request_id"] == ids[0]
