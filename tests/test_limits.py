"""What operations cost, and who may ask for how much: as clients see it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from graphql import get_introspection_query

from datasources.mongo import Mongo
from domain.consents import AppGrant
from domain.rate_limits import Bucket, Taken
from domain.settings import Settings
from resolvers.sources import open_sources
from schema import documents
from tests.api import Api, Clock
from tests.consenting import APP_ID, partner_app
from tests.limits.counting import objects
from tests.partnering import SECRET, Partner, register
from tests.staffing import hired_token
from tests.stream import READINGS, cursor_of, error_of, store, subscribed
from tests.test_trusted_documents import persisted
from tests.world import World

WHO = "{ viewer { id } }"
RATE_LIMIT = "{ rateLimit { asker limit remaining fullAt } }"
PAGE = "{ viewer { facilities(first: %d) { nodes { id } } } }"
SCHEMA = get_introspection_query()
LOG_OUT = "mutation { logOut { userErrors { code } } }"
MEMBER, ADDRESS = 3000, 200_000
"Points of a minute."
EMPTY = Taken(0, 2.5, 60.0)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings,
        heartbeat_seconds=60.0,
        max_cost=1000,
        cost_per_minute_member=MEMBER,
        cost_per_minute_staff=500,
        cost_per_minute_address=ADDRESS,
    )


def dearest(most: int) -> str:
    """A query that costs so much: a page costs one more than it may have objects."""
    pages, rest = divmod(most - 1, 101)
    sizes = [100] * pages + [rest - 1]
    fields = [
        f"p{place}: facilities(first: {size}) {{ nodes {{ name }} }}"
        for place, size in enumerate(sizes)
    ]
    return f"{{ viewer {{ {' '.join(fields)} }} }}"


async def test_an_answer_says_its_cost_and_headers_say_what_is_left(
    api: Api, world: World, clock: Clock
) -> None:
    token = world.alice.token
    response = await api.post({"query": PAGE % 7}, token)
    assert response.json()["extensions"] == {"cost": 9}
    assert response.headers["ratelimit-policy"] == f'"member";q={MEMBER};w=60'
    left, seconds = response.headers["ratelimit"].removeprefix('"member";r=').split(";t=")
    assert MEMBER - 9 <= int(left) <= MEMBER
    assert 0 < int(seconds) <= 60

    found = (await api.data(RATE_LIMIT, token))["rateLimit"]
    assert (found["asker"], found["limit"]) == ("MEMBER", MEMBER)
    assert found["remaining"] < MEMBER
    assert found["fullAt"].startswith("2040-06-15T12:1")
    assert (await api.data(RATE_LIMIT))["rateLimit"]["asker"] == "ADDRESS"

    wrong = await api.ask("{ nothing }", token)
    assert (wrong["extensions"], "data" in wrong) == ({"cost": 10}, False)
    mutation = await api.ask("mutation { logOut { userErrors { code } } }", "wrong")
    assert mutation["extensions"] == {"cost": 14}


async def test_an_operation_may_cost_as_much_as_the_setting_says_and_no_more(
    api: Api, world: World
) -> None:
    token = world.alice.token
    assert (await api.ask(dearest(1000), token))["extensions"] == {"cost": 1000}
    message = "an operation can cost at most 1,000, this one costs 1,001"
    answer = await api.ask(dearest(1001), token)
    assert answer["errors"][0]["message"] == message
    assert answer["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    assert answer["extensions"] == {"cost": 10}
    async with api.socket(token) as socket:
        await socket.subscribe("1", dearest(1001))
        assert await socket.error_code() == "LIMIT_EXCEEDED"


async def test_who_has_no_points_left_is_told_when_to_come_back_and_nothing_is_executed(
    api: Api, world: World
) -> None:
    alice, bob = world.alice.token, world.bob.token
    answers = await asyncio.gather(*(api.post({"query": dearest(1000)}, alice) for _ in range(9)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 6

    refused = await api.post({"query": dearest(1000)}, alice)
    (error,) = refused.json()["errors"]
    seconds = error["extensions"]["retryAfter"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": seconds}
    assert refused.headers["retry-after"] == str(seconds)
    assert refused.headers["ratelimit"].startswith('"member";r=0;t=')
    assert 0 < seconds <= 20
    assert (await api.ask(WHO, bob))["data"]["viewer"] == {"id": world.bob.member_id}
    assert (await api.data(WHO))["viewer"] is None

    async with api.socket(alice) as socket:
        await socket.subscribe("1", dearest(1000))
        assert await socket.error_code() == "RATE_LIMITED"


@pytest.fixture
def takes(api: Api, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Whose buckets were asked for how much."""
    found: list[tuple[str, int]] = []
    take = api.sources.buckets.take

    def noted(bucket: Bucket, points: int) -> "asyncio.Future[Taken | None]":
        found.append((bucket.name, points))
        return take(bucket, points)

    monkeypatch.setattr(api.sources.buckets, "take", noted)
    return found


async def test_every_operation_takes_once_from_the_one_bucket_of_who_asks(
    api: Api, world: World, takes: list[tuple[str, int]]
) -> None:
    alice = f"MEMBER:{world.alice.member}"
    opened = await api.sources.sessions.open(world.alice.member, "denki-jtb", api.sources.clock())
    clerk = await hired_token(api, "clerk")
    takes.clear()
    for token in (world.alice.token, opened.access_token, clerk, "wrong", None):
        await api.ask("{ viewer { id profile { name } } }", token)
    assert takes[:2] == [(alice, 2), (alice, 2)]
    assert takes[2][0].startswith("STAFF:")
    assert takes[3:] == [("ADDRESS:127.0.0.1", 2)] * 2

    takes.clear()
    await api.sources.sessions.end(opened.session.id)
    for _ in range(2):
        await api.ask(WHO, opened.access_token)
    # For a stranger the document is read first; then a take is begun while the token is looked up.
    asked = ("ADDRESS:127.0.0.1", 1)
    assert takes == [("ADDRESS:127.0.0.1", 4), (alice, 1), asked, asked]

    takes.clear()
    await api.sources.apps.put(partner_app(api.sources.clock()))
    _, own = await api.sources.app_tokens.open(APP_ID, api.sources.clock())
    assert (await api.data(RATE_LIMIT, own))["rateLimit"]["asker"] == "APP"
    assert takes == [(f"APP:{APP_ID}", 1)]

    takes.clear()
    async with api.socket(world.alice.token) as socket:
        await socket.subscribe("1", READINGS, ids=world.alice.facility_ids)
        await socket.event()
        await socket.subscribe("2", WHO)
        assert (await socket.receive())["payload"]["extensions"] == {"cost": 1}
    async with api.socket() as socket:
        await socket.subscribe("1", READINGS, ids=world.alice.facility_ids)
        assert await socket.error_code() == "UNAUTHENTICATED"
    assert takes == [(alice, 3), (alice, 1), ("ADDRESS:127.0.0.1", 3)]


async def test_what_a_subscription_missed_takes_a_point_for_each_reading(
    api: Api, world: World, takes: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    her, alice = world.alice, f"MEMBER:{world.alice.member}"
    cursor = await cursor_of(api, her)
    await store(world, her.facility, 1, 2, 3, 4, 5)
    takes.clear()
    async with subscribed(api, her, cursor) as socket:
        for _ in range(5):
            last = (await socket.event())["cursor"]
    assert takes == [(alice, 3), (alice, 5)]
    async with subscribed(api, her, last) as socket:
        await socket.event()
    assert takes == [(alice, 3), (alice, 5), (alice, 3)]

    take = api.sources.buckets.take

    def missed(bucket: Bucket, points: int) -> "asyncio.Future[Taken | None]":
        return take(Bucket("small", 2) if points == 5 else bucket, points)

    monkeypatch.setattr(api.sources.buckets, "take", missed)
    async with subscribed(api, her, cursor) as socket:
        assert (await error_of(socket))["code"] == "RATE_LIMITED"


def let_answer(api: Api, monkeypatch: pytest.MonkeyPatch, taken: Taken | None) -> None:
    """Let every take be answered so."""

    def take(*_: Any) -> "asyncio.Future[Taken | None]":
        answer = asyncio.get_running_loop().create_future()
        answer.set_result(taken)
        return answer

    monkeypatch.setattr(api.sources.buckets, "take", take)


async def test_without_points_nothing_is_read_for_a_stranger(
    api: Api, world: World, takes: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    repeated = f"{{ viewer {{ {'id ' * 50} }} }}"
    assert (await api.ask(repeated))["extensions"] == {"cost": 1}
    assert (await api.ask(repeated))["extensions"] == {"cost": 1}
    assert [points for _, points in takes] == [1 + len(repeated) // 5, 1, 1]

    read = []
    monkeypatch.setattr(documents, "read_document", lambda text, _: read.append(text))
    let_answer(api, monkeypatch, EMPTY)
    for token in (None, "wrong", "con_wrong"):
        for sent in ({"query": WHO}, {"query": WHO} | persisted(WHO)):
            response = await api.post(sent, token)
            assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    async with api.socket() as socket:
        await socket.subscribe("1", WHO)
        assert await socket.error_code() == "RATE_LIMITED"
    assert read == []


async def test_requests_of_oauth_take_points_too(
    api: Api, world: World, takes: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    grants = frozenset({AppGrant.CLIENT_CREDENTIALS})
    app = await register(api.sources, "server", SECRET, grants=grants)
    server, thief = Partner(api, app, SECRET), Partner(api, app, "guessed")
    assert (await server.post("token", grant_type="client_credentials")).status_code == 200
    assert (await thief.post("token", grant_type="client_credentials")).status_code == 401
    assert (await api.client.get("/oauth/authorize")).status_code == 400
    assert takes == [("APP:server", 10), ("ADDRESS:127.0.0.1", 10), ("ADDRESS:127.0.0.1", 10)]

    let_answer(api, monkeypatch, EMPTY)
    for refused in (
        await server.post("token", grant_type="client_credentials"),
        await api.client.get("/oauth/authorize"),
    ):
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
    let_answer(api, monkeypatch, None)
    assert (await server.post("token", grant_type="client_credentials")).status_code == 200
    assert (await thief.post("token", grant_type="client_credentials")).status_code == 503
    assert (await api.client.get("/oauth/authorize")).status_code == 503


async def test_while_redis_does_not_answer_who_is_logged_in_passes_and_others_do_not(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await hired_token(api, "clerk")

    let_answer(api, monkeypatch, None)
    for token in (world.alice.token, clerk):
        response = await api.post({"query": "{ __typename }"}, token)
        assert response.json()["data"] == {"__typename": "Query"}
        assert "ratelimit" not in response.headers
    refused = await api.post({"query": "{ __typename }"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert (await api.data(RATE_LIMIT, world.alice.token))["rateLimit"] is None
    async with api.socket() as socket:
        await socket.subscribe("1", "{ __typename }")
        assert await socket.error_code() == "UNAVAILABLE"


async def test_strangers_get_no_schema_and_no_suggestions_and_members_get_both(
    api: Api, world: World
) -> None:
    token, wrong = world.alice.token, "{ viewer { loginIdd } }"
    unknown = "Cannot query field 'loginIdd' on type 'Member'."
    assert await api.code(SCHEMA) == "UNAUTHENTICATED"
    assert await api.error(wrong) == ("BAD_INPUT", unknown)
    assert (await api.error(wrong, token))[1] == f"{unknown} Did you mean 'loginId'?"
    assert (await api.error(wrong))[1] == unknown

    login = "mutation ($input: LogInInput!) { logIn(input: $input) { userErrors { code } } }"
    given = {"portal": "mirai", "loginId": "a", "password": "b", "deviceTokn": "c"}
    (error,) = (await api.ask(login, input=given))["errors"]
    assert "deviceTokn" in error["message"]
    assert "Did you mean" not in error["message"]
    (error,) = (await api.ask(login, token, input=given))["errors"]
    assert "Did you mean 'deviceToken'?" in error["message"]

    async with api.socket() as socket:
        await socket.subscribe("1", SCHEMA)
        assert await socket.error_code() == "UNAUTHENTICATED"


async def test_an_operation_that_takes_too_long_is_stopped(
    settings: Settings, mongo: Mongo, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = replace(settings, max_cost=0, cost_per_minute_address=0)
    quick = replace(free, operation_seconds=0.05, introspection="everybody")
    async with Api.serving(open_sources(quick, mongo, clock)) as api:
        alice = (await World.made(api.sources)).alice.token

        async def forever(*_: Any) -> None:
            await asyncio.Event().wait()

        found = await api.ask(SCHEMA)
        assert found["extensions"]["cost"] >= objects(found["data"])
        monkeypatch.setattr(api.sources.members, "by_ids", forever)
        monkeypatch.setattr(api.sources.sessions, "end", forever)
        late = ("LIMIT_EXCEEDED", "an operation may take at most 0.05 s")
        assert await api.error("{ viewer { loginId } }", alice) == late
        assert await api.error(LOG_OUT, alice) == late
        async with api.socket(alice) as socket:
            await socket.subscribe("1", "{ viewer { loginId } }")
            assert await socket.error_code() == "LIMIT_EXCEEDED"
