"""Consents: given, used, seen by the member, and ended, in every way they end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect
from websockets.exceptions import ConnectionClosed

from datasources.app_accesses import AppAccessStore
from datasources.mongo import Mongo
from domain.consents import UNUSED, ConsentEnd, Scope, WishFault
from domain.demo import APP_SECRET
from domain.leaving import LeaveReason
from domain.members import MemberProfile, MemberState
from domain.policy import Duty
from domain.settings import Settings
from resolvers import consents
from resolvers.demo import put_apps
from resolvers.leaving import end_membership
from resolvers.sources import Sources, open_sources
from schema.nodes import node_id
from tests.api import NOW, Api, Clock
from tests.consenting import connected, partner_app, wish
from tests.drivers import over_both_drivers
from tests.known_usage import tokyo
from tests.stream import READINGS
from tests.world import Person, World, password_hash

CONSENTS = """{ viewer { consents(first: 9) { totalCount nodes {
  id app { name website contact } facilityIds scopes dataFrom until givenAt usedAt endedAt end
  accesses(first: 9) { totalCount nodes { scope facilityId requests firstAt lastAt } }
} } } }"""
WITHDRAW = "mutation ($id: ID!) { withdrawConsent(input: {id: $id}) { userErrors { code field } } }"
USAGE = """query ($id: ID!, $from: DateTime!, $to: DateTime!) { facility(id: $id) {
  usage(from: $from, to: $to) { totalKwh }
} }"""
PROFILE = """query ($id: ID!) { facility(id: $id) {
  usageProfile(from: "2040-06-13T00:00:00+09:00", to: "2040-06-15T00:00:00+09:00") {
    points { __typename }
  }
} }"""
COMPARED = """query ($id: ID!) { facility(id: $id) {
  usage(from: "2040-06-14T00:00:00+09:00", to: "2040-06-15T00:00:00+09:00") {
    comparedWith(what: MONTH_BEFORE) { totalKwh }
  }
} }"""
REFRESH = """mutation ($old: String!) { refreshSession(input: {refreshToken: $old}) {
  session { accessToken } userErrors { code }
} }"""
NAMES = "{ viewer { facilities(first: 1) { nodes { name } } } }"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, max_sockets_per_member=1)


@pytest.fixture
async def elsewhere(
    settings: Settings, database: str, mongo: Mongo, clock: Clock
) -> AsyncIterator[Sources]:
    """Another process over the same database."""
    sources = open_sources(settings, Mongo(settings.mongodb_url, database=database), clock)
    yield sources
    await sources.close()


def span(first: date, end: date) -> dict[str, str]:
    return {"from": f"{first}T00:00:00+09:00", "to": f"{end}T00:00:00+09:00"}


async def with_address(world: World, person: Person) -> None:
    """Give a member an address that mails go to."""
    profile = MemberProfile("山田花子", None, "hanako@example.jp", None)
    await world.sources.members.put(
        "denki-jtb", "alice@example.jp", password_hash(), MemberState.ACTIVE, profile
    )


async def end_of(sources: Sources, consent: str) -> ConsentEnd | None:
    """Why a consent ended, as it is stored."""
    return (await sources.consents.by_ids([consent]))[consent].end


@over_both_drivers
async def test_a_member_sees_what_an_app_looked_at_and_ends_it_before_the_next_event(
    api: Api, world: World, elsewhere: Sources, clock: Clock
) -> None:
    alice, sources = world.alice, api.sources
    await with_address(world, alice)
    await world.use(alice.facility, date(2040, 6, 13), 3)
    number, facility_id = alice.facility.number, alice.facility_id
    consent, opened = await connected(
        sources, alice.member, [number], Scope.USAGE_READ, Scope.USAGE_LIVE
    )
    (mail,) = await sources.mongo.find("outbox", {})
    assert (mail["kind"], mail["to"]) == ("CONSENT_GIVEN", "hanako@example.jp")
    assert mail["values"] == {
        "app": "おうち電気メーター",
        "scopes": "30分ごとのご使用量と検針結果／計測されたばかりのご使用量",
        "facilities": "1",
        "until_at": consent.until.isoformat(),
        "at": NOW.isoformat(),
    }

    asked = {"id": facility_id, **span(date(2040, 6, 13), date(2040, 6, 14))}
    await asyncio.gather(*(api.data(USAGE, opened.access_token, **asked) for _ in range(20)))
    clock.now += timedelta(minutes=2)
    await api.data(NAMES, opened.access_token)
    async with api.socket(opened.access_token) as socket:
        await socket.subscribe("1", READINGS, ids=[facility_id])
        assert (await socket.event())["reading"] is None
        found = (await api.data(CONSENTS, alice.token))["viewer"]["consents"]
        assert found == {
            "totalCount": 1,
            "nodes": [
                {
                    "id": node_id("Consent", consent.id),
                    "app": {
                        "name": "おうち電気メーター",
                        "website": "https://app.example",
                        "contact": "help@app.example",
                    },
                    "facilityIds": [facility_id],
                    "scopes": ["USAGE_READ", "USAGE_LIVE"],
                    "dataFrom": "2039-06-16",
                    "until": "2040-07-15T12:10:00+09:00",
                    "givenAt": "2040-06-15T12:10:00+09:00",
                    "usedAt": "2040-06-15T12:10:00+09:00",
                    "endedAt": None,
                    "end": None,
                    "accesses": {
                        "totalCount": 3,
                        "nodes": [
                            access("USAGE_LIVE", facility_id, 1, "12:12:00"),
                            access(None, facility_id, 1, "12:12:00"),
                            access("USAGE_READ", facility_id, 20, "12:10:00"),
                        ],
                    },
                }
            ],
        }
        with_other = node_id("Consent", "0" * 28)
        for token, given in ((world.bob.token, found["nodes"][0]["id"]), (alice.token, with_other)):
            refused = (await api.data(WITHDRAW, token, id=given))["withdrawConsent"]
            assert refused == {
                "userErrors": [{"code": "NO_SUCH_CONSENT", "field": ["input", "id"]}]
            }

        await elsewhere.sessions.end_consents({"_id": consent.id}, ConsentEnd.WITHDRAWN)
        await world.reading(alice.facility, tokyo(2040, 6, 15, 12), 250)
        assert await socket.error_code() == "UNAUTHENTICATED"

    assert await api.code(NAMES, opened.access_token) == "UNAUTHENTICATED"
    assert await consents.refresh_session(sources, opened.refresh_token, partner_app(NOW)) is None
    for _ in range(2):
        again = await api.data(WITHDRAW, alice.token, id=found["nodes"][0]["id"])
        assert again == {"withdrawConsent": {"userErrors": []}}
    (ended,) = (await api.data(CONSENTS, alice.token))["viewer"]["consents"]["nodes"]
    assert (ended["end"], ended["endedAt"]) == ("WITHDRAWN", "2040-06-15T12:12:00+09:00")


def access(scope: str | None, facility: str | None, requests: int, at: str) -> dict[str, Any]:
    instant = f"2040-06-15T{at}+09:00"
    return {
        "scope": scope,
        "facilityId": facility,
        "requests": requests,
        "firstAt": instant,
        "lastAt": instant,
    }


async def test_nothing_of_a_day_before_the_consents_first_one_is_shown(
    api: Api, world: World
) -> None:
    alice = world.alice
    await world.use(alice.facility, date(2040, 6, 12), 4)
    for month in (4, 5):
        await world.bill(alice.facility, date(2040, month, 1))
        await world.period(alice.facility, date(2040, month - 1, 12), date(2040, month, 12))
    _, opened = await connected(
        api.sources, alice.member, [alice.facility.number], data_from=date(2040, 5, 1)
    )
    of = {"id": alice.facility_id}
    lists = """query ($id: ID!) { facility(id: $id) {
      bills(first: 9) { totalCount nodes { periodEndOn } }
      readingPeriods(first: 9) { totalCount nodes { endOn } }
    } viewer { bills(first: 9) { totalCount nodes { id periodEndOn } } } }"""
    own = await api.data(lists, alice.token, **of)
    shown = await api.data(lists, opened.access_token, **of)
    assert shown["facility"] == {
        "bills": {"totalCount": 1, "nodes": [{"periodEndOn": "2040-05-12"}]},
        "readingPeriods": {"totalCount": 1, "nodes": [{"endOn": "2040-05-12"}]},
    }
    newest, oldest = own["viewer"]["bills"]["nodes"]
    assert shown["viewer"]["bills"] == {"totalCount": 1, "nodes": [newest]}
    by_id = "query ($id: ID!) { node(id: $id) { ... on Bill { number } } }"
    assert await api.code(by_id, opened.access_token, id=oldest["id"]) == "NOT_FOUND"

    day = date(2040, 6, 14)
    _, opened = await connected(api.sources, alice.member, [alice.facility.number], data_from=day)
    token = opened.access_token
    whole = await api.data(USAGE, token, **of, **span(day, date(2040, 6, 15)))
    assert whole == await api.data(USAGE, alice.token, **of, **span(day, date(2040, 6, 15)))
    refused = await api.error(USAGE, token, **of, **span(date(2040, 6, 13), day))
    assert refused == ("CONSENT_REQUIRED", "the consent opens what was used from 2040-06-14 on")
    for text in (PROFILE, COMPARED):
        assert await api.code(text, token, **of) == "CONSENT_REQUIRED"
    plans = """query ($id: ID!) {
      simulatePlans(facilityId: $id, from: "2040-06-12", to: "2040-06-15") { plan { key } }
    }""".replace("plan { key }", "__typename")
    assert await api.code(plans, token, **of) == "CONSENT_REQUIRED"
    newest_reading = (
        "query ($id: ID!) { facility(id: $id) { latestReading { kwh } today { kwh } } }"
    )
    assert await api.data(newest_reading, token, **of) == await api.data(
        newest_reading, alice.token, **of
    )

    today = date(2040, 6, 15)
    _, opened = await connected(api.sources, alice.member, [alice.facility.number], data_from=today)
    yesterday = "query ($id: ID!) { facility(id: $id) { today { kwhYesterday } } }"
    assert await api.code(yesterday, opened.access_token, **of) == "CONSENT_REQUIRED"


async def test_a_correction_of_an_earlier_day_reaches_the_member_and_no_app(
    api: Api, world: World
) -> None:
    alice = world.alice
    await world.use(alice.facility, date(2040, 6, 13), 3)
    _, opened = await connected(
        api.sources, alice.member, [alice.facility.number], data_from=date(2040, 6, 14)
    )
    cursor = """query ($id: ID!) { facility(id: $id) {
      usage(from: "2040-06-14T00:00:00+09:00", to: "2040-06-15T00:00:00+09:00") { cursor }
    } }"""
    tokens = (alice.token, opened.access_token)
    after = (await api.data(cursor, tokens[1], id=alice.facility_id))["facility"]["usage"]["cursor"]
    asked = {"ids": [alice.facility_id]}
    async with api.socket(tokens[0]) as own, api.socket(tokens[1]) as app:
        for socket in (own, app):
            await socket.subscribe("1", READINGS, **asked)
            assert (await socket.event())["reading"] is None
        await world.reading(alice.facility, tokyo(2040, 6, 13, 23, 30), 111)
        await world.reading(alice.facility, tokyo(2040, 6, 14), 222)
        assert [each["kwh"] for each in await own.readings(2)] == [0.111, 0.222]
        assert [each["kwh"] for each in await app.readings(1)] == [0.222]

        await app.subscribe("2", READINGS, after=after, **asked)
        while (past := await app.receive())["id"] == "1":
            assert past["payload"]["data"]["readings"]["reading"] is None  # a heartbeat
        assert past["payload"]["data"]["readings"]["reading"]["kwh"] == 0.222


async def test_what_cannot_be_noted_is_not_shown(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = world.alice
    await world.use(alice.facility, date(2040, 6, 13), 3)
    _, opened = await connected(api.sources, alice.member, [alice.facility.number])

    async def fail(*_: object) -> None:
        raise AutoReconnect

    monkeypatch.setattr(AppAccessStore, "note", fail)
    asked = {"id": alice.facility_id, **span(date(2040, 6, 13), date(2040, 6, 14))}
    answer = await api.ask(USAGE, opened.access_token, **asked)
    assert answer.get("data") is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAVAILABLE"]
    await api.data(USAGE, alice.token, **asked)
    async with api.socket(opened.access_token) as socket:
        await socket.subscribe("1", READINGS, ids=[alice.facility_id])
        assert await socket.error_code() == "UNAVAILABLE"


async def test_a_file_is_noted_and_needs_the_scope(api: Api, world: World) -> None:
    alice = world.alice
    await world.use(alice.facility, date(2040, 6, 13), 3)
    bill = node_id("Bill", (await world.bill(alice.facility, date(2040, 5, 1))).id)
    usage = """query ($id: ID!) { facility(id: $id) {
      usage(from: "2040-06-13T00:00:00+09:00", to: "2040-06-14T00:00:00+09:00") {
        download(format: CSV) { url }
      } } }"""
    by_id = "query ($id: ID!) { node(id: $id) { ... on Bill { download(format: CSV) { url } } } }"
    consent, opened = await connected(
        api.sources, alice.member, [alice.facility.number], Scope.USAGE_READ
    )
    assert await api.code(by_id, opened.access_token, id=bill) == "CONSENT_REQUIRED"
    found = await api.data(usage, opened.access_token, id=alice.facility_id)
    url = found["facility"]["usage"]["download"]["url"]
    assert (await api.client.get(url)).status_code == 200
    (noted,) = await api.sources.mongo.find("appAccesses", {})
    assert (noted["consent"], noted["scope"], noted["requests"]) == (consent.id, "usage:read", 2)

    await api.sources.sessions.end_consents({"_id": consent.id}, ConsentEnd.WITHDRAWN)
    assert (await api.client.get(url)).json()["error"]["code"] == "UNAUTHENTICATED"


class TestSessions:
    async def test_a_refresh_token_works_once_for_its_app_and_then_ends_the_consent(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        alice, sources = world.alice, api.sources
        await with_address(world, alice)
        consent, first = await connected(sources, alice.member, [alice.facility.number])
        app, other = partner_app(NOW), partner_app(NOW, "app-other")
        await sources.apps.add(other)
        assert await consents.refresh_session(sources, first.refresh_token, other) is None
        taken = await api.data(REFRESH, old=first.refresh_token)
        assert taken["refreshSession"]["userErrors"] == [{"code": "WRONG_TOKEN"}]

        clock.now += timedelta(minutes=61)
        assert await api.code(NAMES, first.access_token) == "UNAUTHENTICATED"
        second = await consents.refresh_session(sources, first.refresh_token, app)
        assert second is not None
        assert second.session.ends_at == clock.now + timedelta(minutes=60)
        assert second.session.app == consent.access
        await api.data(NAMES, second.access_token)

        assert await consents.refresh_session(sources, first.refresh_token, app) is None
        assert await api.code(NAMES, second.access_token) == "UNAUTHENTICATED"
        assert await end_of(sources, consent.id) is ConsentEnd.TOKEN_REUSED
        kinds = [mail["kind"] for mail in await sources.mongo.find("outbox", {})]
        assert sorted(kinds) == ["CONSENT_GIVEN", "CONSENT_STOPPED"]

    async def test_they_take_no_connection_from_the_member(self, api: Api, world: World) -> None:
        """One each is allowed here."""
        alice = world.alice
        _, opened = await connected(api.sources, alice.member, [alice.facility.number])
        async with api.socket(opened.access_token) as app, api.socket(alice.token) as own:
            for socket in (app, own):
                assert socket.acknowledgement["type"] == "connection_ack"
            with pytest.raises(ConnectionClosed):
                async with api.socket(opened.access_token):
                    pass

    async def test_they_are_no_log_ins_of_the_member(self, api: Api, world: World) -> None:
        alice, sources = world.alice, api.sources
        _, opened = await connected(sources, alice.member, [alice.facility.number])
        listed = (await api.data("{ viewer { sessions { id } } }", alice.token))["viewer"]
        assert len(listed["sessions"]) == 1
        end = "mutation ($id: ID!) { endSession(input: {id: $id}) { userErrors { code } } }"
        given = node_id("MemberSession", opened.session.id)
        refused = (await api.data(end, alice.token, id=given))["endSession"]["userErrors"]
        assert refused == [{"code": "NO_SUCH_SESSION"}]
        await api.data("mutation { endOtherSessions { ended } }", alice.token)
        await api.data(NAMES, opened.access_token)

    async def test_a_consent_that_ended_before_its_code_was_used_opens_none(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        alice, sources, app = world.alice, api.sources, partner_app(NOW)
        await sources.apps.add(app)
        asked = wish(NOW, [alice.facility.number], until=NOW + timedelta(minutes=5))
        first = await consents.give(sources, alice.member, app, asked)
        second = await consents.give(sources, alice.member, app, asked)
        assert await consents.open_session(sources, first.id, app) is None
        assert await consents.open_session(sources, second.id, partner_app(NOW, "app-b")) is None
        opened = await consents.open_session(sources, second.id, app)
        assert opened is not None
        assert opened.session.ends_at == second.until
        clock.now += timedelta(minutes=5)
        assert await consents.open_session(sources, second.id, app) is None


class TestGiving:
    async def test_of_two_at_once_one_is_left(
        self, api: Api, world: World, elsewhere: Sources
    ) -> None:
        alice, app = world.alice, partner_app(NOW)
        await api.sources.apps.add(app)
        asked = wish(NOW, [alice.facility.number])
        given = await asyncio.gather(
            *(
                consents.give(sources, alice.member, app, asked)
                for sources in (api.sources, elsewhere) * 2
            )
        )
        (left,) = await api.sources.consents.live_of_app(app.id)
        assert left.id in {each.id for each in given}
        changes = await api.sources.consents.changed_after(app.id, 0)
        assert [each.place for each in changes] == sorted({each.place for each in changes})
        assert [each.end for each in changes] == [ConsentEnd.REPLACED] * 3 + [None]
        assert await api.sources.consents.changed_after(app.id, left.place) == []

    async def test_only_who_may_see_usage_and_bills_gives_them_and_only_their_own(
        self, api: Api, world: World
    ) -> None:
        alice, sources, app = world.alice, api.sources, partner_app(NOW)
        await sources.apps.add(app)
        with pytest.raises(consents.WishRefused) as refused:
            await consents.give(sources, alice.member, app, wish(NOW, [world.bob.facility.number]))
        assert refused.value.faults == (WishFault.OTHER_FACILITY,)
        asked = wish(NOW, [alice.facility.number])
        members = sources.mongo["members"]
        for state in ({"state": "POSTCARD_IN_TRANSIT"}, {"duties": [Duty.NEW_PASSWORD.value]}):
            before = await members.find_one({"_id": alice.member})
            await members.update_one({"_id": alice.member}, {"$set": state})
            with pytest.raises(consents.MayNotConsent):
                await consents.give(sources, alice.member, app, asked)
            await members.replace_one({"_id": alice.member}, before)
        assert await sources.mongo.find("consents", {}) == []


class TestEnds:
    async def test_what_is_not_used_for_a_year_lapses_and_what_is_over_expires(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        alice, sources = world.alice, api.sources
        numbers, far = [alice.facility.number], NOW + timedelta(days=1000)
        used, opened = await connected(sources, alice.member, numbers, until=far)
        unused, _ = await connected(sources, alice.member, numbers, app="app-b", until=far)
        short, _ = await connected(sources, alice.member, numbers, app="app-c")
        assert await consents.end_overdue(sources) == 0
        clock.now += UNUSED - timedelta(days=1)
        again = await consents.refresh_session(sources, opened.refresh_token, partner_app(NOW))
        assert again is not None
        clock.now += timedelta(days=1)

        live = await sources.consents.live_of_facilities(numbers)
        assert [consent.id for consent in live] == [used.id]
        assert await consents.end_overdue(sources) == 2
        assert await consents.end_overdue(sources) == 0
        assert await end_of(sources, used.id) is None
        assert await end_of(sources, unused.id) is ConsentEnd.LAPSED
        assert await end_of(sources, short.id) is ConsentEnd.EXPIRED

    async def test_a_new_password_without_the_old_one_and_leaving_end_all(
        self, api: Api, world: World
    ) -> None:
        alice, sources = world.alice, api.sources
        numbers = [alice.facility.number]
        first, opened = await connected(sources, alice.member, numbers)
        await sources.sessions.end_all(alice.member)
        assert await api.code(NAMES, opened.access_token) == "UNAUTHENTICATED"
        assert await end_of(sources, first.id) is ConsentEnd.ACCESS_RESET

        second, opened = await connected(sources, alice.member, numbers)
        (member,) = (await sources.members.by_ids([alice.member])).values()
        assert await end_membership(sources, member, LeaveReason.WITHDRAWAL, NOW)
        assert await api.code(NAMES, opened.access_token) == "UNAUTHENTICATED"
        assert await end_of(sources, second.id) is ConsentEnd.MEMBER_LEFT
        assert await consents.open_session(sources, second.id, partner_app(NOW)) is None

    async def test_a_facility_that_changed_hands_is_the_apps_no_more(
        self, api: Api, world: World
    ) -> None:
        alice = world.alice
        _, opened = await connected(api.sources, alice.member, [alice.facility.number])
        await world.change(alice.facility, owner=world.bob.member)
        asked = "query ($id: ID!) { facility(id: $id) { name } }"
        assert await api.code(asked, opened.access_token, id=alice.facility_id) == "NOT_FOUND"


async def test_an_app_sees_itself_with_its_own_token_and_nothing_of_another(
    api: Api, world: World, clock: Clock
) -> None:
    alice, sources = world.alice, api.sources
    consent, opened = await connected(sources, alice.member, [alice.facility.number])
    await connected(sources, alice.member, [alice.facility.number], app="app-other")
    _, own = await sources.app_tokens.open("app-example", clock.now)
    asked = "{ viewer { id } app { id consents(first: 9) { totalCount nodes { id end } } } }"
    assert await api.data(asked, own) == {
        "viewer": None,
        "app": {
            "id": "app-example",
            "consents": {
                "totalCount": 1,
                "nodes": [{"id": node_id("Consent", consent.id), "end": None}],
            },
        },
    }
    for token in (None, alice.token, opened.access_token):
        assert await api.data("{ app { id } }", token) == {"app": None}
    assert await api.code("{ app { id } }", "app_wrong") == "UNAUTHENTICATED"
    clock.now += timedelta(minutes=60)
    assert await api.code(asked, own) == "UNAUTHENTICATED"


@over_both_drivers
async def test_a_secret_shows_which_app_asks_until_it_is_renewed_or_the_app_ends(
    sources: Sources,
) -> None:
    apps = sources.apps
    public, secret_one = partner_app(NOW), partner_app(NOW, "app-secret", public=False)
    await apps.add(public)
    await apps.add(secret_one, "old")
    assert await apps.proven(public.id, None) == public
    assert await apps.proven(secret_one.id, "old") == secret_one
    for app, secret in (
        (public.id, ""),
        (public.id, "old"),
        (secret_one.id, None),
        (secret_one.id, ""),
        (secret_one.id, "other"),
        ("app-none", None),
        ("app-none", ""),
    ):
        assert await apps.proven(app, secret) is None, (app, secret)
    new = await apps.renew_secret(secret_one.id)
    assert new is not None
    assert await apps.renew_secret(public.id) is None
    assert await apps.proven(secret_one.id, "old") is None
    assert await apps.proven(secret_one.id, new) == secret_one
    assert await apps.origins() == {"https://app.example"}

    await put_apps(sources)
    await sources.mongo["apps"].update_one({"_id": "sandbox"}, {"$set": {"name": "kept"}})
    await put_apps(sources)
    assert await apps.proven("sandbox-server", APP_SECRET) is not None
    sandbox = await apps.proven("sandbox", None)
    assert (sandbox and sandbox.name) == "kept"

    assert await consents.end_app(sources, secret_one.id)
    assert not await consents.end_app(sources, secret_one.id)
    assert await apps.proven(secret_one.id, new) is None
    assert await apps.by_id(secret_one.id) == replace(secret_one, ended_at=NOW)
