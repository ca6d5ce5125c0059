"""Webhooks of a partner's app: told once something is new, in order, whoever dies on the way."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from bson import Int64

from datasources.mongo import Mongo
from domain.consents import Scope
from domain.facilities import Facility
from domain.settings import Settings
from domain.slots import TOKYO, slot_at
from domain.stream_cursor import decode_positions
from domain.webhook_signing import signed_headers
from domain.webhooks import MOST_WEBHOOKS, PATIENCE
from resolvers import webhook_route, webhook_steps
from resolvers.consents import end_app
from resolvers.sources import open_sources
from schema.nodes import key_of, node_id
from tests.api import NOW, Api, Clock, eventually
from tests.billed import home_bill
from tests.consenting import APP_ID, connected, partner_app
from tests.webhook_receiver import Receiver, hanging, refusing, taking
from tests.world import World

CREATE = """mutation($input: CreateWebhookInput!) { createWebhook(input: $input) {
  webhook { id url events state } secret userErrors { code field } } }"""
UPDATE = """mutation($input: UpdateWebhookInput!) { updateWebhook(input: $input) {
  webhook { id url events state } secret userErrors { code field } } }"""
RESUME = """mutation($input: WebhookInput!) { resumeWebhook(input: $input) {
  webhook { id state pausedAt } userErrors { code field } } }"""
DELETE = """mutation($input: WebhookInput!) { deleteWebhook(input: $input) {
  userErrors { code field } } }"""
TRY = """mutation($input: WebhookInput!) { testWebhook(input: $input) {
  arrived error { reason status } userErrors { code field retryAt } } }"""
MINE = "{ app { webhooks { id url state pausedAt arrivedAt lastError { reason status } } } }"
READINGS = """subscription($ids: [ID!]!, $after: String) {
  readings(facilityIds: $ids, after: $after) { reading { startAt revision } } }"""
WITHDRAW = """mutation($input: WithdrawConsentInput!) { withdrawConsent(input: $input) {
  userErrors { code } } }"""
BEGIN = NOW.replace(hour=0, minute=0)
ALL = ["READINGS_RECEIVED", "BILL_PUBLISHED", "CONSENT_GIVEN", "CONSENT_ENDED"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhook_private_hosts="127.0.0.1", webhook_seconds=1.0)


@dataclass
class Partner:
    """An app with a token of its own."""

    api: Api
    token: str

    @classmethod
    async def of(cls, api: Api, app: str = APP_ID) -> "Partner":
        await api.sources.apps.put(partner_app(NOW - timedelta(days=1), app))
        _, token = await api.sources.app_tokens.open(app, api.sources.clock())
        return cls(api, token)

    async def does(self, mutation: str, **given: Any) -> dict[str, Any]:
        data = await self.api.data(mutation, self.token, input=given)
        (payload,) = data.values()
        answer: dict[str, Any] = payload
        return answer

    async def hooked(self, receiver: Receiver, *events: str) -> str:
        """Id of a webhook of these events, or all, made after all consents, once it is looked after."""
        clock = self.api.sources.clock
        assert isinstance(clock, Clock)
        clock.advance(seconds=1)
        made = await self.does(CREATE, url=receiver.url, events=list(events or ALL))
        assert made["userErrors"] == []
        deliveries = self.api.sources.mongo["webhookDeliveries"]
        key = key_of("Webhook", made["webhook"]["id"])
        live = len(await self.api.sources.consents.live_of_app(APP_ID))
        await until(lambda: deliveries.count_documents({"webhook": key}), live)
        return str(made["webhook"]["id"])

    async def webhook(self) -> dict[str, Any]:
        (webhook,) = (await self.api.data(MINE, self.token))["app"]["webhooks"]
        found: dict[str, Any] = webhook
        return found


async def until(count: Callable[[], Awaitable[int]], wanted: int) -> None:
    """Wait until the database has so many of something."""
    async with asyncio.timeout(20):
        while await count() != wanted:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.005)


@pytest.fixture
async def partner(api: Api) -> Partner:
    return await Partner.of(api)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().listening() as receiver:
        yield receiver


def named(facility: Facility, *half_hours: int, revision: int = 0) -> list[tuple[str, str, int]]:
    """Readings of half hours from BEGIN, as events name them."""
    return [
        (
            node_id("Facility", facility.number),
            (BEGIN + timedelta(minutes=30 * each)).astimezone(TOKYO).isoformat(),
            revision,
        )
        for each in half_hours
    ]


def told(receiver: Receiver) -> list[tuple[str, str, int]]:
    """All readings that were named, in the order in which they came."""
    return [
        (each["facilityId"], each["startAt"], each["revision"])
        for data in receiver.of("readings.received")
        for each in data["readings"]
    ]


async def store(world: World, facility: Facility, *half_hours: int, wh: int = 100) -> None:
    for each in half_hours:
        await world.reading(facility, BEGIN + timedelta(minutes=30 * each), wh)


async def test_an_app_is_told_of_readings_in_order_and_pulls_them_by_the_cursor(
    api: Api, world: World, partner: Partner, receiver: Receiver
) -> None:
    alice = world.alice
    await connected(api.sources, alice.member, [alice.facility.number], Scope.USAGE_LIVE)
    await connected(api.sources, world.bob.member, [world.bob.facility.number], Scope.BILLS_READ)
    await partner.hooked(receiver)

    await store(world, world.carol.facility, 0)
    await store(world, world.bob.facility, 0)
    await store(world, alice.facility, 0, 1, 2)
    await store(world, alice.facility, 1, wh=200)
    expected = [*named(alice.facility, 0, 1, 2), *named(alice.facility, 1, revision=1)]
    await eventually(lambda: told(receiver)[-1:] == expected[-1:])

    # A half hour that was replaced before it was told of is named once, as it is.
    assert told(receiver) in (expected, [each for each in expected if each != expected[1]])
    assert set(receiver.types) == {"readings.received"}
    async with api.socket(alice.token) as socket:
        after = receiver.of("readings.received")[0]["after"]
        await socket.subscribe("1", READINGS, ids=alice.facility_ids, after=after)
        pulled = await socket.readings(3)
    assert [each["startAt"] for each in pulled] == [expected[at][1] for at in (0, 2, 3)]


async def test_what_a_receiver_did_not_take_comes_again_in_order_once_it_does(
    api: Api, world: World, partner: Partner, receiver: Receiver, clock: Clock
) -> None:
    alice, bob = world.alice, world.bob
    for person in (alice, bob):
        await connected(api.sources, person.member, [person.facility.number])
    receiver.answer = refusing(503)
    await partner.hooked(receiver)

    await store(world, alice.facility, 0)
    await eventually(lambda: len(receiver.requests) == 1)
    first = receiver.requests[0]
    await store(world, alice.facility, 1, 2)
    await store(world, bob.facility, 0)
    await eventually(lambda: len(receiver.requests) == 2)
    await eventually_failed(partner)
    assert receiver.requests[1].data["readings"][0]["facilityId"] == bob.facility_id

    receiver.requests.clear()
    receiver.answer = taking
    clock.advance(seconds=6)
    await eventually(lambda: len(told(receiver)) == 4)
    assert [each for each in told(receiver) if each[0] == alice.facility_id] == named(
        alice.facility, 0, 1, 2
    )
    # It tells of more than before, so it is another one.
    assert first.id not in {taken.id for taken in receiver.requests}
    found = await partner.webhook()
    assert (found["state"], found["pausedAt"]) == ("ACTIVE", None)


async def eventually_failed(partner: Partner) -> None:
    """Wait until the app can see what went wrong."""
    expected = {"reason": "REFUSED", "status": 503}
    async with asyncio.timeout(20):
        while (await partner.webhook())["lastError"] != expected:  # noqa: ASYNC110 - as an app looks
            await asyncio.sleep(0.02)


async def test_consents_are_told_of_and_with_one_all_that_it_opened_ends(
    api: Api, world: World, partner: Partner, receiver: Receiver
) -> None:
    alice, bob = world.alice, world.bob
    await partner.hooked(receiver)
    consent, _ = await connected(api.sources, alice.member, [alice.facility.number])
    await eventually(lambda: receiver.types == ["consent.given"])
    await store(world, alice.facility, 0)
    await eventually(lambda: len(receiver.requests) == 2)

    newer, _ = await connected(api.sources, alice.member, [alice.facility.number], Scope.USAGE_LIVE)
    await store(world, alice.facility, 1)
    await eventually(lambda: len(receiver.requests) == 5)
    data = await api.data(WITHDRAW, alice.token, input={"id": node_id("Consent", newer.id)})
    assert data["withdrawConsent"]["userErrors"] == []
    await store(world, alice.facility, 2)
    await connected(api.sources, bob.member, [bob.facility.number])
    await eventually(lambda: len(receiver.requests) == 7)
    await store(world, bob.facility, 3)
    await eventually(lambda: len(receiver.requests) == 8)

    assert receiver.of("consent.given")[0] == {
        "consentId": node_id("Consent", consent.id),
        "facilityIds": [alice.facility_id],
        "scopes": sorted(Scope),
    }
    ended = {each["consentId"]: each["end"] for each in receiver.of("consent.ended")}
    assert ended == {
        node_id("Consent", consent.id): "REPLACED",
        node_id("Consent", newer.id): "WITHDRAWN",
    }
    assert told(receiver) == [*named(alice.facility, 0, 1), *named(bob.facility, 3)]
    await until(lambda: api.sources.mongo["webhookDeliveries"].count_documents({}), 1)

    assert await end_app(api.sources, APP_ID)
    await until(lambda: api.sources.mongo["webhooks"].count_documents({}), 0)


async def test_when_a_receiver_is_back_what_waits_is_sent_at_once(
    api: Api,
    world: World,
    partner: Partner,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook_route, "_DOUBTFUL", 2)
    people = (world.alice, world.bob, world.carol)
    for person in people:
        await connected(api.sources, person.member, [person.facility.number])
    await partner.hooked(receiver)
    receiver.answer = refusing(503)
    for person in people[:2]:
        await store(world, person.facility, 0)
    troubled = {"trouble.attempts": 1}
    deliveries = api.sources.mongo["webhookDeliveries"]
    await until(lambda: deliveries.count_documents(troubled), 2)

    # The clock stands still: their own time to be tried again does not come.
    receiver.requests.clear()
    receiver.answer = taking
    await store(world, world.carol.facility, 0)
    await eventually(lambda: len(told(receiver)) == 3)
    assert told(receiver)[0] == named(world.carol.facility, 0)[0]


async def test_what_is_more_than_one_event_names_comes_in_the_next_ones(
    api: Api,
    world: World,
    partner: Partner,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook_steps, "MOST_NAMED", 2)
    alice = world.alice
    await connected(api.sources, alice.member, [alice.facility.number])
    await partner.hooked(receiver)

    slots = np.arange(slot_at(BEGIN), slot_at(BEGIN) + 5, dtype=np.int64)
    await world.store(alice.facility, slots, np.full(5, 100, np.int32))
    ends = [date(2039, 12, 12), *(date(2040, month, 12) for month in range(1, 6))]
    bills = [
        home_bill(alice.facility, start, end, end + timedelta(days=4), 250_000)
        for start, end in pairwise(ends)
    ]
    await api.sources.bills.put(bills, NOW)
    await eventually(lambda: len(receiver.requests) == 6)

    assert told(receiver) == named(alice.facility, 0, 1, 2, 3, 4)
    afters = [decode_positions(each["after"]) for each in receiver.of("readings.received")]
    assert afters == [{alice.facility.number: place} for place in (0, 2, 4)]
    parts = [[each["billId"] for each in data["bills"]] for data in receiver.of("bill.published")]
    ids = [node_id("Bill", bill.id) for bill in bills]
    assert parts == [ids[:2], ids[2:4], ids[4:]]


async def test_nothing_is_named_that_the_app_could_not_pull(
    api: Api, world: World, partner: Partner, receiver: Receiver
) -> None:
    alice, bob = world.alice, world.bob
    opens_on = date(2040, 4, 20)
    await connected(api.sources, alice.member, [alice.facility.number], data_from=opens_on)
    await connected(api.sources, bob.member, [bob.facility.number], Scope.USAGE_LIVE)
    await partner.hooked(receiver)

    await world.reading(alice.facility, datetime(2040, 4, 19, 14, 30, tzinfo=UTC), 100)
    await world.bill(alice.facility, date(2040, 4, 1))
    await world.bill(bob.facility, date(2040, 5, 1))
    seen = await world.bill(alice.facility, date(2040, 5, 1))
    moved = await world.change(bob.facility, owner=alice.member)
    await store(world, moved, 0)
    await store(world, alice.facility, 1)
    await eventually(lambda: sorted(receiver.types) == ["bill.published", "readings.received"])

    assert told(receiver) == named(alice.facility, 1)
    noted = await api.sources.mongo["appAccesses"].find().to_list(None)
    assert {(each["scope"], each["facility"]) for each in noted} == {
        (scope, alice.facility.number) for scope in (Scope.USAGE_LIVE, Scope.BILLS_READ)
    }
    (bills,) = receiver.of("bill.published")
    assert [each["billId"] for each in bills["bills"]] == [node_id("Bill", seen.id)]


async def test_a_webhook_that_failed_for_72_hours_is_paused_and_goes_on_where_it_stopped(
    api: Api, world: World, partner: Partner, receiver: Receiver, clock: Clock
) -> None:
    alice = world.alice
    receiver.answer = refusing(500)
    await connected(api.sources, alice.member, [alice.facility.number])
    webhook = await partner.hooked(receiver)
    await store(world, alice.facility, 0)
    await eventually(lambda: len(receiver.requests) == 1)
    clock.advance(seconds=PATIENCE.total_seconds())
    hooks = api.sources.mongo["webhooks"]
    await until(lambda: hooks.count_documents({"state": "PAUSED"}), 1)

    receiver.answer = taking
    attempts = len(receiver.requests)
    await store(world, alice.facility, 1)
    partner = await Partner.of(api)
    found = await partner.webhook()
    assert (found["state"], found["lastError"]) == ("PAUSED", {"reason": "REFUSED", "status": 500})
    assert found["pausedAt"] is not None
    assert (await partner.does(TRY, id=webhook))["arrived"]
    assert receiver.types[attempts:] == ["webhook.test"]

    resumed = await partner.does(RESUME, id=webhook)
    assert resumed["webhook"] == {"id": webhook, "state": "ACTIVE", "pausedAt": None}
    await eventually(lambda: told(receiver)[-2:] == named(alice.facility, 0, 1))

    receiver.answer = refusing(410)
    await store(world, alice.facility, 2)
    await until(lambda: hooks.count_documents({"state": "PAUSED"}), 1)


async def test_a_receiver_that_hangs_holds_up_no_other(
    api: Api, world: World, partner: Partner, receiver: Receiver
) -> None:
    alice = world.alice
    await connected(api.sources, alice.member, [alice.facility.number])
    async with Receiver(hanging).listening() as slow:
        await partner.hooked(slow)
        await partner.hooked(receiver)
        await store(world, alice.facility, 0)
        await eventually(lambda: len(slow.requests) == 1)
        await store(world, alice.facility, 1, 2)
        await eventually(lambda: told(receiver) == named(alice.facility, 0, 1, 2))
        assert len(slow.requests) == 1


async def test_one_process_delivers_and_another_goes_on_where_a_dead_one_was(
    settings: Settings, mongo: Mongo, clock: Clock, receiver: Receiver
) -> None:
    def process() -> AbstractAsyncContextManager[Api]:
        own = Mongo(settings.mongodb_url, database=mongo.name)
        return Api.serving(open_sources(settings, own, clock))

    async with process() as first, process() as second:
        world, partner = await World.made(first.sources), await Partner.of(first)
        place = world.alice.facility
        await connected(first.sources, world.alice.member, [place.number])
        await partner.hooked(receiver)
        second.sources.webhooks.due.set()
        await store(world, place, 0, 1)
        await eventually(lambda: len(told(receiver)) == 2)
    assert told(receiver) == named(place, 0, 1)

    # What a process leaves that is killed: its lease, and an event that it did not note.
    hook = await mongo["webhooks"].find_one({})
    dead = {"holder": "dead", "leaseEndsAt": NOW + timedelta(minutes=1)}
    await mongo["webhooks"].update_one({"_id": hook["_id"]}, {"$set": dead})
    stands = {f"places.{place.number}": Int64(1)}
    await mongo["webhookDeliveries"].update_one({"webhook": hook["_id"]}, {"$set": stands})
    async with process() as third:
        await store(World(third.sources), place, 2)
        assert await third.sources.webhooks.take("me", timedelta(1)) is None
        assert len(receiver.requests) == 2
        clock.advance(minutes=1)
        third.sources.webhooks.due.set()
        await eventually(lambda: len(told(receiver)) == 4)
    assert told(receiver)[2:] == named(place, 1, 2)


async def test_a_webhook_is_its_apps_own_and_its_secret_is_shown_once(
    api: Api, world: World, partner: Partner, receiver: Receiver
) -> None:
    made = await partner.does(CREATE, url=receiver.url, events=ALL)
    webhook, secret = made["webhook"]["id"], made["secret"]
    other = await Partner.of(api, "app-other")
    for mutation in (UPDATE, RESUME, DELETE, TRY):
        refused = await other.does(mutation, id=webhook)
        assert refused["userErrors"][0]["code"] == "NO_SUCH_WEBHOOK"
        assert await api.code(mutation, input={"id": webhook}) == "UNAUTHENTICATED"
    _, opened = await connected(api.sources, world.alice.member, [world.alice.facility.number])
    for token in (world.alice.token, opened.access_token):
        given = {"url": receiver.url, "events": ALL}
        code = await api.code(CREATE, token, input=given)
        assert code in {"UNAUTHENTICATED", "CONSENT_REQUIRED"}

    changed = await partner.does(UPDATE, id=webhook, events=["BILL_PUBLISHED"], newSecret=True)
    assert changed["webhook"]["events"] == ["BILL_PUBLISHED"]
    assert changed["secret"] not in {secret, None}
    assert (await partner.does(UPDATE, id=webhook, url=receiver.url))["secret"] is None
    assert (await partner.does(TRY, id=webhook)) == {
        "arrived": True,
        "error": None,
        "userErrors": [],
    }
    (taken,) = [one for one in receiver.requests if b'"webhook.test"' in one.body]
    keys = [base64.b64decode(text.removeprefix("whsec_")) for text in (changed["secret"], secret)]
    signed = signed_headers(taken.id, taken.body, keys, NOW)
    assert {name: taken.headers[name] for name in signed} == signed

    assert (await partner.does(DELETE, id=webhook))["userErrors"] == []
    assert (await partner.does(TRY, id=webhook))["userErrors"][0]["code"] == "NO_SUCH_WEBHOOK"


async def test_what_an_app_may_not_have_is_refused(
    api: Api, partner: Partner, receiver: Receiver
) -> None:
    cases: list[tuple[str, list[str], dict[str, Any]]] = [
        ("https://10.0.0.1", ALL, {"code": "BAD_FORM", "field": ["input", "url"]}),
        ("http://app.example", ALL, {"code": "BAD_FORM", "field": ["input", "url"]}),
        (receiver.url, [], {"code": "REQUIRED", "field": ["input", "events"]}),
    ]
    for url, events, error in cases:
        made = await partner.does(CREATE, url=url, events=events)
        assert made == {"webhook": None, "secret": None, "userErrors": [error]}

    asked = await asyncio.gather(
        *(partner.does(CREATE, url=receiver.url, events=ALL) for _ in range(MOST_WEBHOOKS + 2))
    )
    codes = [error["code"] for each in asked for error in each["userErrors"]]
    assert codes == ["TOO_MANY_WEBHOOKS"] * 2
