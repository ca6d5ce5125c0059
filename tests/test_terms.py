"""Terms of use: accepted with the registration, told of when they change, accepted by time or use."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from datasources.embedded import Addresses
from datasources.mongo import Mongo
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from resolvers.sources import open_sources
from resolvers.terms import settle_terms, tell_members
from tests.api import Api, Clock
from tests.command_line import CommandLine
from tests.logging_in import confirm, log_in, refresh
from tests.policies import six_portals
from tests.registering import PASSWORD, complete, customer, faults, link_token, messages
from tests.stories.test_denki_jtb import entered
from tests.world import World, password_hash

PORTAL = "denki-jtb"
EMAIL = "hanako@example.jp"
TERMS = """
[[terms]]
key = "sky"
label = { ja = "そら規約", en = "Sky terms" }
change = "AFTER_NOTICE"
notice_months = 2

[[terms.versions]]
version = "1"
starts_on = 2030-01-01
text = { ja = "空は広い。", en = "The sky is wide." }

[[terms.versions]]
version = "2"
starts_on = 2040-08-01
text = { ja = "空は青い。", en = "The sky is blue." }

[[terms]]
key = "clouds"
label = { ja = "くも規約", en = "Cloud terms" }
change = "BY_USE"

[[terms.versions]]
version = "2038"
starts_on = 2038-04-01
text = { ja = "雲は白い。", en = "Clouds are white." }

[[terms.versions]]
version = "2040"
starts_on = 2040-07-01
text = { ja = "雲は動く。", en = "Clouds move." }
"""
IN_FORCE = [{"document": "sky", "version": "1"}, {"document": "clouds", "version": "2038"}]
TOLD = "2040-06-15T12:10:00+09:00"
DEEMED = "2040-08-16T00:00:00+09:00"
STARTS = "2040-07-01T00:00:00+09:00"
OWN = """{ viewer { terms {
  document version { version } notifiedAt deemedFrom acceptedAt acceptance
} } }"""
PUBLIC = """{ portal(key: "denki-jtb") { terms {
  key label { ja en } change noticeMonths
  current { version startsOn text { ja en } } coming { version startsOn text { ja en } }
} } }"""
ACCEPT = """mutation ($input: AcceptTermsInput!) { acceptTerms(input: $input) {
  terms { document acceptedAt acceptance deemedFrom version { version text { en } } }
  userErrors { code field }
} }"""
LEAVE = "mutation { withdraw { leavesAt userErrors { code } } }"


@pytest.fixture
def portals(tmp_path: Path) -> str:
    """The folder of the portals; one of them has terms, of which new versions are to come."""
    folder = six_portals(tmp_path)
    with (tmp_path / f"{PORTAL}.toml").open("a", encoding="utf-8") as file:
        file.write(TERMS)
    return folder


@pytest.fixture
async def api(settings: Settings, mongo: Mongo, clock: Clock, portals: str) -> AsyncIterator[Api]:
    async with Api.serving(open_sources(replace(settings, portals=portals), mongo, clock)) as api:
        yield api


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


async def imported(api: Api, email: str, *, address: bool = True) -> str:
    """An access token of a member who came from a file and has accepted nothing."""
    person = await World(api.sources).person(PORTAL, email, facilities=0)
    profile = MemberProfile("名前", None, email if address else None, None)
    await api.sources.members.put(PORTAL, email, password_hash(), MemberState.ACTIVE, profile)
    return person.token


async def own(api: Api, token: str) -> dict[str, tuple[Any, ...]]:
    """When the member was told of each version, what it waits for, when and how it was accepted."""
    terms = (await api.data(OWN, token))["viewer"]["terms"]
    names = ("notifiedAt", "deemedFrom", "acceptedAt", "acceptance")
    return {
        f"{each['document']} {each['version']['version']}": tuple(each[name] for name in names)
        for each in terms
    }


async def tell(api: Api) -> int:
    return await tell_members(api.sources, api.sources.portals[PORTAL], lambda _: None)


async def accept(api: Api, token: str | None, document: str, version: str) -> dict[str, Any]:
    given = {"document": document, "version": version}
    payload: dict[str, Any] = (await api.data(ACCEPT, token, input=given))["acceptTerms"]
    return payload


async def test_a_portal_shows_what_holds_and_what_comes(api: Api, clock: Clock) -> None:
    """MB-19."""
    sky, clouds = (await api.data(PUBLIC))["portal"]["terms"]
    assert sky == {
        "key": "sky",
        "label": {"ja": "そら規約", "en": "Sky terms"},
        "change": "AFTER_NOTICE",
        "noticeMonths": 2,
        "current": {
            "version": "1",
            "startsOn": "2030-01-01",
            "text": {"ja": "空は広い。", "en": "The sky is wide."},
        },
        "coming": [
            {
                "version": "2",
                "startsOn": "2040-08-01",
                "text": {"ja": "空は青い。", "en": "The sky is blue."},
            }
        ],
    }
    assert (clouds["change"], clouds["noticeMonths"]) == ("BY_USE", None)
    for at, current in (("07-31T23:59:59.999", "1"), ("08-01T00:00:00", "2")):
        clock.now = datetime.fromisoformat(f"2040-{at}+09:00")
        assert (await api.data(PUBLIC))["portal"]["terms"][0]["current"]["version"] == current


async def test_who_registers_accepts_all_that_holds_and_is_told_of_what_comes(
    api: Api, world: World
) -> None:
    """MB-19."""
    hanako = await customer(world, PORTAL)
    token = await link_token(api, PORTAL, EMAIL)

    async def register(terms: list[dict[str, str]] | None) -> list[tuple[str, str]]:
        given = {"course": "INSTANT", "password": PASSWORD, "acceptedTerms": terms}
        return faults(await complete(api, PORTAL, token, entered(hanako), **given))

    sky, clouds = "input.acceptedTerms.sky", "input.acceptedTerms.clouds"
    assert await register(None) == [("REQUIRED", sky), ("REQUIRED", clouds)]
    assert await register(IN_FORCE[:1]) == [("REQUIRED", clouds)]
    coming = {"document": "sky", "version": "2"}
    assert await register([coming, IN_FORCE[1]]) == [("OTHER_TERMS", sky)]
    unknown = {"document": "x", "version": "1"}
    assert await register([*IN_FORCE, IN_FORCE[0], unknown]) == [
        ("REPEATED", sky),
        ("NOT_ASKED", "input.acceptedTerms.x"),
    ]
    assert await api.sources.mongo.find("acceptedTerms", {}) == []
    assert await register(IN_FORCE) == []

    session = (await log_in(api, loginId=EMAIL, password=PASSWORD))["session"]
    assert await own(api, session["accessToken"]) == {
        "sky 1": (None, None, TOLD, "EXPLICIT"),
        "sky 2": (TOLD, DEEMED, None, None),
        "clouds 2038": (None, None, TOLD, "EXPLICIT"),
        "clouds 2040": (TOLD, STARTS, None, None),
    }
    (mail,) = await messages(api.sources, "TERMS_AFTER_NOTICE", EMAIL)
    assert mail["values"] == {
        "document": "そら規約",
        "version": "2",
        "starts_at": "2040-08-01T00:00:00+09:00",
        "deemed_at": DEEMED,
    }
    (mail,) = await messages(api.sources, "TERMS_BY_USE", EMAIL)
    assert mail["values"] == {"document": "くも規約", "version": "2040", "starts_at": STARTS}
    assert await tell(api) == 0


async def test_every_member_is_told_once_however_often_and_by_however_many(api: Api) -> None:
    """MB-19: by mail, and who has no address in the portal alone."""
    tokens = [
        await imported(api, f"{name}@example.jp", address=name != "c") for name in ("a", "b", "c")
    ]
    gone = await imported(api, "gone@example.jp")
    await confirm(api, gone)
    await api.data(LEAVE, gone)
    assert (await own(api, tokens[0]))["sky 1"] == (None, None, None, None)

    told = await asyncio.gather(*(tell(api) for _ in range(4)))

    assert sum(told) == 3 * 4
    assert await tell(api) == 0
    for kind in ("TERMS_AFTER_NOTICE", "TERMS_BY_USE"):
        mails = await messages(api.sources, kind)
        assert sorted(mail["to"] for mail in mails) == ["a@example.jp"] * 2 + ["b@example.jp"] * 2
    for token in tokens:
        assert await own(api, token) == {
            "sky 1": (TOLD, DEEMED, None, None),
            "sky 2": (TOLD, DEEMED, None, None),
            "clouds 2038": (TOLD, TOLD, None, None),
            "clouds 2040": (TOLD, STARTS, None, None),
        }


async def test_silence_or_use_accepts_what_a_member_was_told_of(api: Api, clock: Clock) -> None:
    """MB-19: one document by time, the other by use after its start."""
    await imported(api, EMAIL)
    await tell(api)

    clock.now = datetime.fromisoformat("2040-06-30T23:59:00+09:00")
    session = (await log_in(api, loginId=EMAIL))["session"]
    seen = await own(api, session["accessToken"])
    assert seen["clouds 2038"] == (TOLD, None, "2040-06-30T23:59:00+09:00", "BY_USE")
    assert seen["clouds 2040"] == (TOLD, STARTS, None, None)

    clock.now = datetime.fromisoformat(STARTS)
    session = (await refresh(api, session["refreshToken"]))["session"]
    seen = await own(api, session["accessToken"])
    assert seen["clouds 2040"] == (TOLD, None, STARTS, "BY_USE")

    clock.now = datetime.fromisoformat("2040-08-15T23:59:59.999+09:00")
    session = (await log_in(api, loginId=EMAIL))["session"]
    assert await settle_terms(api.sources) == 0
    assert (await own(api, session["accessToken"]))["sky 2"] == (TOLD, DEEMED, None, None)

    clock.now = datetime.fromisoformat(DEEMED)
    by_time = (TOLD, None, DEEMED, "AFTER_NOTICE")
    assert (await own(api, session["accessToken"]))["sky 2"] == by_time
    clock.advance(minutes=1)
    assert await settle_terms(api.sources) == 2
    assert await settle_terms(api.sources) == 0
    assert (await own(api, session["accessToken"]))["sky 2"] == by_time
    records = await api.sources.mongo.find("acceptedTerms", {})
    assert sorted((each["document"], each["version"], each["acceptance"]) for each in records) == [
        ("clouds", "2038", "BY_USE"),
        ("clouds", "2040", "BY_USE"),
        ("sky", "1", "AFTER_NOTICE"),
        ("sky", "2", "AFTER_NOTICE"),
    ]


async def test_a_member_says_yes_once_and_only_to_what_holds_or_comes(
    api: Api, clock: Clock
) -> None:
    """MB-19."""
    token = await imported(api, EMAIL)
    await tell(api)
    clock.advance(minutes=5)

    done = await accept(api, token, "sky", "2")

    at = "2040-06-15T12:15:00+09:00"
    assert done["terms"] == {
        "document": "sky",
        "acceptedAt": at,
        "acceptance": "EXPLICIT",
        "deemedFrom": None,
        "version": {"version": "2", "text": {"en": "The sky is blue."}},
    }
    clock.advance(minutes=5)
    assert await accept(api, token, "sky", "2") == done
    assert (await own(api, token))["sky 2"] == (TOLD, None, at, "EXPLICIT")

    refused = {
        "terms": None,
        "userErrors": [{"code": "OTHER_TERMS", "field": ["input", "version"]}],
    }
    for document, version in (("sky", "3"), ("sea", "1")):
        assert await accept(api, token, document, version) == refused
    clock.now = datetime.fromisoformat("2040-08-20T00:00:00+09:00")
    session = (await log_in(api, loginId=EMAIL))["session"]
    assert await accept(api, session["accessToken"], "sky", "1") == refused
    assert await accept(api, None, "sky", "2") == {
        "terms": None,
        "userErrors": [{"code": "NOT_LOGGED_IN", "field": None}],
    }


async def test_saying_yes_does_not_move_what_time_had_accepted_before(
    api: Api, clock: Clock
) -> None:
    """MB-19."""
    await imported(api, EMAIL)
    await tell(api)
    clock.now = datetime.fromisoformat("2040-08-20T00:00:00+09:00")
    session = (await log_in(api, loginId=EMAIL))["session"]

    done = await accept(api, session["accessToken"], "sky", "2")

    assert (done["terms"]["acceptedAt"], done["terms"]["acceptance"]) == (DEEMED, "AFTER_NOTICE")


async def test_who_withdraws_after_the_notice_has_accepted_nothing(api: Api, clock: Clock) -> None:
    """MB-19: to leave within the time is how a change is refused."""
    token = await imported(api, EMAIL)
    await tell(api)
    await confirm(api, token)
    assert (await api.data(LEAVE, token))["withdraw"]["userErrors"] == []

    clock.now = datetime.fromisoformat("2040-08-20T00:00:00+09:00")
    assert await settle_terms(api.sources) == 0

    records = await api.sources.mongo.find("acceptedTerms", {})
    assert {each["acceptedAt"] for each in records} == {None}
    assert len(records) == 4


async def test_the_command_tells_members_and_says_how_many(
    api: Api, servers: Addresses, portals: str
) -> None:
    """MB-19."""
    await imported(api, EMAIL)
    command_line = CommandLine.on(servers, api.sources.mongo.name)

    answer = command_line.run("terms", "notify", KENSHIN_PORTALS=portals)

    # By the clock of today one version is in force, three are to come; other portals have no members.
    lines = {f"{PORTAL}: 4 notices", "hapie: 0 notices", "hokulink: 0 notices"}
    assert (answer.code, set(answer.out.splitlines())) == (0, lines)
    # The API, whose clock is years ahead, may have accepted some of them by now.
    assert len(await api.sources.mongo.find("acceptedTerms", {})) == 4
