"""Outside accounts (MB-18): linked, used and unlinked with a real provider, and what it may not do."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from click import ClickException

from commands.environment import read_settings
from datasources.mongo import Mongo
from datasources.openid import Arrival, Departure, OpenIdProviders
from datasources.openid_answers import ProviderRefused
from domain.external_log_in import OutsideAccount
from domain.external_providers import read_providers
from domain.leaving import LeaveReason
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from resolvers.leaving import end_membership
from resolvers.sources import open_sources, utc_now
from tests.api import Api, Clock
from tests.external_log_ins import (
    MINE,
    back,
    complete,
    link,
    linked,
    mine,
    start,
    start_link,
    unlink,
)
from tests.logging_in import WHO, code_in, code_of, confirm, fail, log_in
from tests.openid_provider import REDIRECT, SECRET, OpenIdProcess, signed_in
from tests.policies import six_portals
from tests.registering import faults, messages
from tests.test_second_factor import answer, set_keywords
from tests.world import Person, World, password_hash

K = "hapie"
TARO = {"portal": K, "loginId": "taro88"}
_BROWSER = {"httpx", "httpcore"}
PROVIDERS = (
    "query ($key: String!) { portal(key: $key) { externalProviders { key label { ja en } } } }"
)


@pytest.fixture(scope="module")
def provider(node: tuple[str, ...]) -> Iterator[OpenIdProcess]:
    process = OpenIdProcess()
    yield process
    process.end()


@pytest.fixture
def settings(settings: Settings, provider: OpenIdProcess, tmp_path: Path) -> Settings:
    """Six portals, two of which take accounts of the provider; sessions that last."""
    return replace(
        settings,
        portals=six_portals(tmp_path),
        external_providers=f"{provider.setting('partner')} {provider.setting('cloud')}",
        external_redirects=f"https://other.example/ {REDIRECT}",
        wrong_log_ins_per_address=0,
    )


@pytest.fixture
def clock() -> Clock:
    """The present, by which the provider makes its tokens."""
    return Clock(utc_now())


@pytest.fixture
async def taro(api: Api) -> Person:
    return await member(api, "taro88", "taro@example.jp")


async def member(api: Api, login_id: str, email: str | None = None) -> Person:
    person = await World(api.sources).person(K, login_id, facilities=0)
    profile = MemberProfile(login_id, None, email, None)
    await api.sources.members.put(K, login_id, password_hash(), MemberState.ACTIVE, profile)
    return person


async def enter(api: Api, name: str, **changes: Any) -> dict[str, Any]:
    """Log in with the account of this name."""
    return await complete(api, K, await back(await start(api, K, "partner"), name), **changes)


class TestStory:
    async def test_an_account_is_linked_logs_in_and_is_unlinked(
        self, api: Api, taro: Person
    ) -> None:
        """MB-18."""
        found = await api.data(PROVIDERS, key=K)
        label = {"ja": "外部ID", "en": "Partner account"}
        assert found == {"portal": {"externalProviders": [{"key": "partner", "label": label}]}}
        assert code_in(await enter(api, "Ichiro")) == "NOT_LINKED"
        key = await linked(api, taro.token, "partner", "Ichiro")
        assert await mine(api, taro.token) == [{"id": key, "provider": "partner", "usedAt": None}]

        entered = await enter(api, "Ichiro")

        assert entered["session"]["member"] == {"id": taro.member_id}
        assert (entered["challenge"], entered["userErrors"]) == (None, [])
        token = entered["session"]["accessToken"]
        (used,) = await mine(api, token)
        assert used["usedAt"] is not None
        assert code_in(await enter(api, "Jiro")) == "NOT_LINKED"
        assert (await log_in(api, **TARO))["session"] is not None

        given = await back(await start(api, K, "partner"), "Ichiro")
        late, done = await asyncio.gather(complete(api, K, given), unlink(api, taro.token, key))

        assert done["userErrors"] == []
        if (session := late["session"]) is None:
            assert code_in(late) == "NOT_LINKED"
        else:
            assert await api.code(WHO, session["accessToken"]) == "UNAUTHENTICATED"
        assert await api.code(WHO, token) == "UNAUTHENTICATED"
        assert await mine(api, taro.token) == []
        assert faults(await unlink(api, taro.token, key)) == [("NO_SUCH_LINK", "input.id")]
        assert code_in(await enter(api, "Ichiro")) == "NOT_LINKED"
        assert (await log_in(api, **TARO))["session"] is not None
        for kind in ("EXTERNAL_LINKED", "EXTERNAL_UNLINKED"):
            (told,) = await messages(api.sources, kind)
            assert (told["to"], told["values"]["provider"]) == ("taro@example.jp", "外部ID")

    async def test_an_account_is_one_member_s_and_a_member_has_one_of_a_provider(
        self, api: Api, taro: Person
    ) -> None:
        """MB-18."""
        jiro = await member(api, "jiro88")
        sora = await World(api.sources).person("aozora", "12345", facilities=0)
        key = await linked(api, taro.token, "partner", "Ichiro")
        assert await linked(api, taro.token, "partner", "Ichiro") == key
        assert await linked(api, sora.token, "cloud", "Ichiro") != key
        await confirm(api, jiro.token)

        for person, name, expected in (
            (jiro, "Ichiro", "ACCOUNT_TAKEN"),
            (taro, "Jiro", "ALREADY_LINKED"),
        ):
            given = await back(await start_link(api, person.token, "partner"), name)
            assert code_in(await link(api, person.token, given)) == expected

        assert (await enter(api, "Ichiro"))["session"]["member"] == {"id": taro.member_id}
        assert len(await messages(api.sources, "EXTERNAL_LINKED")) == 1
        people = [jiro, await member(api, "hana88")]
        await confirm(api, people[1].token)
        visits = [
            await back(await start_link(api, each.token, "partner"), "Jiro") for each in people
        ]
        done = await asyncio.gather(
            *(link(api, each.token, given) for each, given in zip(people, visits, strict=True))
        )
        assert sorted((code_in(each) for each in done), key=str) == ["ACCOUNT_TAKEN", None]

    async def test_a_new_device_is_asked_for_a_keyword_all_the_same(self, api: Api) -> None:
        """MB-10, MB-18."""
        sora = await World(api.sources).person("aozora", "12345", facilities=0)
        key = await linked(api, sora.token, "cloud", "Ichiro")
        keywords = ["ソラ", "クモ"]
        assert (await set_keywords(api, sora.token, keywords))["userErrors"] == []

        async def come(**changes: Any) -> dict[str, Any]:
            given = await back(await start(api, "aozora", "cloud"), "Ichiro")
            return await complete(api, "aozora", given, **changes)

        first = await come()
        assert first["session"] is None
        challenge = first["challenge"]
        known = await answer(api, challenge["token"], keywords[challenge["position"] - 1])
        assert known["userErrors"] == []
        assert (await come(deviceToken=known["deviceToken"]))["session"] is not None

        challenge = (await come(deviceToken="another"))["challenge"]
        await unlink(api, sora.token, key)
        late = await answer(api, challenge["token"], keywords[challenge["position"] - 1])
        assert code_in(late) == "WRONG_CHALLENGE"

    async def test_who_has_left_is_not_let_in_and_the_account_is_free(
        self, api: Api, taro: Person
    ) -> None:
        """MB-15, MB-18."""
        await linked(api, taro.token, "partner", "Ichiro")
        found = await api.sources.members.by_ids([taro.member])
        await end_membership(
            api.sources, found[taro.member], LeaveReason.WITHDRAWAL, api.sources.clock()
        )

        assert code_in(await enter(api, "Ichiro")) == "NOT_LINKED"
        jiro = await member(api, "jiro88")
        await linked(api, jiro.token, "partner", "Ichiro")
        assert (await enter(api, "Ichiro"))["session"]["member"] == {"id": jiro.member_id}

    async def test_passwords_and_outside_accounts_do_not_lock_each_other(
        self, api: Api, taro: Person
    ) -> None:
        """MB-9, MB-18."""
        await linked(api, taro.token, "partner", "Ichiro")
        for _ in range(11):
            started = await start(api, K, "partner")
            given = {"token": started["token"], "state": started["state"], "code": "wrong"}
            assert code_in(await complete(api, K, given)) == "PROVIDER_REFUSED"
        assert await code_of(api, **TARO) is None

        assert (await fail(api, 11, **TARO))[-1] == "LOCKED"

        assert (await enter(api, "Ichiro"))["session"] is not None

    async def test_duties_of_the_first_log_in_come_first_with_it_too(
        self, api: Api, taro: Person
    ) -> None:
        """MB-4, MB-18."""
        await linked(api, taro.token, "partner", "Ichiro")
        change = {"$set": {"duties": ["NEW_PASSWORD"]}}
        await api.sources.mongo["members"].update_one({"_id": taro.member}, change)

        session = (await enter(api, "Ichiro"))["session"]

        assert session["duties"] == ["NEW_PASSWORD"]
        assert await api.code(MINE, session["accessToken"]) == "FORBIDDEN"
        assert code_in(await start_link(api, session["accessToken"], "partner")) == "DUTY_FIRST"


class TestVisits:
    async def test_the_address_has_what_the_code_is_bound_by_and_nothing_secret(
        self, api: Api, provider: OpenIdProcess
    ) -> None:
        started = await start(api, K, "partner")

        address = urlsplit(started["authorizationUrl"])
        asked = {name: value for name, (value,) in parse_qs(address.query).items()}
        assert f"{address.scheme}://{address.netloc}" == provider.issuer
        assert (asked["response_type"], asked["scope"]) == ("code", "openid")
        assert (asked["code_challenge_method"], asked["redirect_uri"]) == ("S256", REDIRECT)
        assert asked["state"] == started["state"]
        secrets = {asked[name] for name in ("state", "nonce", "code_challenge")} | {
            started["token"]
        }
        assert len(secrets) == 4
        (kept,) = await api.sources.mongo.find("externalVisits", {})
        assert [secret for secret in secrets if secret in repr(kept)] == []

    async def test_a_visit_ends_once_in_its_portal_for_its_purpose_and_in_time(
        self, api: Api, taro: Person, clock: Clock
    ) -> None:
        """MB-18: a token of another portal, used before, of another act, too late."""
        await linked(api, taro.token, "partner", "Ichiro")
        visit = await start(api, K, "partner")
        given = await back(visit, "Ichiro")
        to_link = await start_link(api, taro.token, "partner")
        linking = {"token": to_link["token"], "state": to_link["state"], "code": "any"}
        wrong_token = [("WRONG_TOKEN", "input.token")]

        assert faults(await complete(api, "aozora", given)) == wrong_token
        assert faults(await complete(api, K, given, token="never\u200b")) == wrong_token
        assert faults(await complete(api, K, given, token=given["state"])) == wrong_token
        assert faults(await complete(api, K, given, state="")) == [("WRONG_STATE", "input.state")]
        assert faults(await complete(api, K, linking)) == wrong_token
        assert faults(await link(api, taro.token, given)) == wrong_token
        clock.advance(minutes=10)
        assert faults(await complete(api, K, given)) == wrong_token
        clock.advance(minutes=-10)

        both = await asyncio.gather(*(complete(api, K, given) for _ in range(2)))

        assert sorted((code_in(each) for each in both), key=str) == [None, "WRONG_TOKEN"]

    async def test_a_visit_to_link_needs_the_password_again_and_the_session_that_began_it(
        self, api: Api, taro: Person
    ) -> None:
        jiro = await member(api, "jiro88")
        assert code_in(await start_link(api, None, "partner")) == "NOT_LOGGED_IN"
        assert code_in(await unlink(api, None, "x")) == "NOT_LOGGED_IN"
        assert code_in(await start_link(api, taro.token, "partner")) == "PASSWORD_NEEDED"
        await confirm(api, taro.token)
        given = await back(await start_link(api, taro.token, "partner"), "Ichiro")
        assert code_in(await link(api, jiro.token, given)) == "PASSWORD_NEEDED"
        await confirm(api, jiro.token)

        refused = await link(api, jiro.token, given)

        assert faults(refused) == [("WRONG_TOKEN", "input.token")]
        assert code_in(await link(api, None, given)) == "NOT_LOGGED_IN"
        assert (await link(api, taro.token, given))["userErrors"] == []

    async def test_a_session_that_ends_while_the_provider_is_asked_links_nothing(
        self, api: Api, taro: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask = api.sources.openid.account

        async def asked(*given: Any) -> OutsideAccount:
            await api.sources.sessions.end_all(taro.member)
            return await ask(*given)

        await confirm(api, taro.token)
        given = await back(await start_link(api, taro.token, "partner"), "Ichiro")
        monkeypatch.setattr(api.sources.openid, "account", asked)
        assert code_in(await link(api, taro.token, given)) == "NOT_LOGGED_IN"
        assert code_in(await enter(api, "Ichiro")) == "NOT_LINKED"

    async def test_codes_of_another_visit_of_nobody_and_of_another_provider_let_nobody_in(
        self, api: Api, taro: Person
    ) -> None:
        await linked(api, taro.token, "partner", "Ichiro")
        stolen = await back(await start(api, K, "partner"), "Ichiro")
        for changes in (
            {"code": stolen["code"]},
            {"code": "a" * 5_000},
            {"code": "\u202eコード"},
            {"issuer": "https://id.example"},
            {"issuer": None},
        ):
            started = await start(api, K, "partner")
            given = {"token": started["token"], "state": started["state"], "code": "x"}
            given |= {"issuer": stolen["issuer"]} | changes
            done = await complete(api, K, given)
            assert (done["session"], code_in(done)) == (None, "PROVIDER_REFUSED"), changes

    async def test_nobody_is_sent_away_with_what_is_not_set_up(self, api: Api) -> None:
        for portal, key, redirect, expected in (
            ("sakura", "partner", REDIRECT, ("UNKNOWN_PORTAL", "input.portal")),
            ("denki-jtb", "partner", REDIRECT, ("NO_SUCH_PROVIDER", "input.provider")),
            (K, "cloud", REDIRECT, ("NO_SUCH_PROVIDER", "input.provider")),
            ("aozora", "wind", REDIRECT, ("NO_SUCH_PROVIDER", "input.provider")),
            (K, "partner", REDIRECT.upper(), ("WRONG_REDIRECT", "input.redirectUri")),
            (K, "partner", f"{REDIRECT}&x=1", ("WRONG_REDIRECT", "input.redirectUri")),
            (K, "partner", "", ("WRONG_REDIRECT", "input.redirectUri")),
        ):
            payload = await start(api, portal, key, redirect)
            assert (faults(payload), payload["authorizationUrl"]) == ([expected], None)

        assert await api.sources.mongo.find("externalVisits", {}) == []
        assert (await api.data(PROVIDERS, key="aozora"))["portal"]["externalProviders"] == [
            {"key": "cloud", "label": {"ja": "くもID", "en": "Cloud account"}}
        ]

    async def test_a_client_address_may_begin_so_many_that_do_not_end_well(
        self, api: Api, taro: Person, settings: Settings
    ) -> None:
        sources = replace(api.sources, settings=replace(settings, external_log_ins_per_address=2))
        async with Api.serving(sources) as strict:
            await linked(strict, taro.token, "partner", "Ichiro")
            for _ in range(3):
                assert (await enter(strict, "Ichiro"))["session"] is not None
            for _ in range(2):
                assert (await start(strict, K, "partner"))["userErrors"] == []

            (error,) = (await start(strict, K, "partner"))["userErrors"]
            (other,) = (await start_link(strict, taro.token, "partner"))["userErrors"]

            assert error["code"] == other["code"] == "TOO_MANY_REQUESTS"
            assert error["retryAt"] is not None
            assert (await log_in(strict, **TARO))["session"] is not None


async def test_a_provider_that_is_frozen_down_or_new_stops_nothing_else(
    api: Api, taro: Person, provider: OpenIdProcess, settings: Settings
) -> None:
    """MB-18: works only while the provider answers, and never locks out the password."""
    await linked(api, taro.token, "partner", "Ichiro")
    given = await back(await start(api, K, "partner"), "Ichiro")
    hasty = replace(settings, external_seconds=0.3)
    mongo = Mongo(settings.mongodb_url, database=api.sources.mongo.name)
    async with Api.serving(open_sources(hasty, mongo, api.sources.clock)) as hurried:
        provider.freeze()
        try:
            refused, entered = await asyncio.gather(
                complete(hurried, K, given), log_in(hurried, **TARO)
            )
        finally:
            provider.thaw()
    assert (code_in(refused), code_in(entered)) == ("PROVIDER_DOWN", None)

    late = await start(api, K, "partner")
    provider.end()
    try:
        given |= {"token": late["token"], "state": late["state"]}
        assert code_in(await complete(api, K, given)) == "PROVIDER_DOWN"
    finally:
        provider.start()
    assert (await enter(api, "Ichiro"))["session"]["member"] == {"id": taro.member_id}


async def test_no_secret_of_a_log_in_is_logged(
    api: Api, taro: Person, provider: OpenIdProcess, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), structlog.testing.capture_logs() as logs:
        await linked(api, taro.token, "partner", "Ichiro")
        started = await start(api, K, "partner")
        given = await back(started, "Ichiro")
        session = (await complete(api, K, given))["session"]
        again = await start(api, K, "partner")
        wrong = given | {"token": again["token"], "state": again["state"]}
        assert code_in(await complete(api, K, wrong)) == "PROVIDER_REFUSED"

    ours = [each for each in caplog.records if each.name.partition(".")[0] not in _BROWSER]
    written = repr((logs, [record.getMessage() for record in ours]))
    assert "invalid_grant" in written
    secrets = [SECRET, given["code"], given["token"], given["state"], again["token"]]
    secrets += [session["accessToken"], "Ichiro", "taro@example.jp", REDIRECT]
    assert [secret for secret in secrets if secret in written] == []


async def test_other_signatures_and_ways_to_show_the_secret_do_too(node: tuple[str, ...]) -> None:
    """MB-18: ES256, the secret in the form; keys that are new since; a secret that is wrong."""
    provider = OpenIdProcess("ES256", "client_secret_post")
    departure = Departure(REDIRECT, "state", "nonce", "v" * 43)
    clients = read_providers(f"{provider.setting('a')} {provider.setting('b', 'wrong')}")
    known = OpenIdProviders(clients, 5, utc_now)

    async def account(key: str) -> str:
        found = await signed_in(await known.address(key, departure), "Ichiro")
        return (await known.account(key, departure, Arrival(found.code, found.issuer))).subject

    try:
        assert await account("a") == "Ichiro"
        with pytest.raises(ProviderRefused, match=r"^invalid_client$"):
            await account("b")
        provider.end()
        provider.start()
        assert await account("a") == "Ichiro"
    finally:
        provider.end()
        await known.close()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("KENSHIN_EXTERNAL_PROVIDERS", "partner=http://kenshin:SECRET@id.example"),
        ("KENSHIN_EXTERNAL_REDIRECTS", "portal.example/back"),
    ],
)
def test_a_setting_that_cannot_work_is_told_at_start_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(name, text)

    with pytest.raises(ClickException, match=f"^{name} must be") as told:
        read_settings()

    assert "SECRET" not in str(told.value)
