"""Asking for a forgotten ID or password by e-mail (MB-11)."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from domain.members import Joining, Member, MemberProfile, MemberState
from domain.settings import Settings
from tests.api import Api, Clock
from tests.logging_in import code_in, code_of
from tests.policies import SHIPPED
from tests.recovering import (
    EMAIL,
    LOGIN_ID,
    NEW,
    PORTAL,
    REQUEST,
    REQUEST_ID,
    asked,
    join,
    link_token,
    request,
    request_id,
    reset,
    token_in,
)
from tests.registering import messages
from tests.world import World, password_hash

NOBODYS = "nobody@example.jp"
BOTH = pytest.mark.parametrize("mutation", [REQUEST, REQUEST_ID])


@pytest.mark.parametrize("portal", sorted(SHIPPED))
async def test_every_portal_mails_a_link_that_sets_a_new_password(
    api: Api, clock: Clock, portal: str
) -> None:
    """MB-11."""
    member = await join(api, portal)

    token = await link_token(api, portal)

    (mail,) = await messages(api.sources, "PASSWORD_RESET")
    ends_at = clock.now + timedelta(minutes=SHIPPED[portal].recovery.link_minutes)
    assert (mail["portal"], mail["member"], mail["to"]) == (portal, member, EMAIL)
    assert mail["values"]["login_id"] == LOGIN_ID
    assert datetime.fromisoformat(mail["values"]["ends_at"]) == ends_at
    assert (await reset(api, token, portal=portal))["userErrors"] == []
    assert await code_of(api, portal=portal, loginId=LOGIN_ID) == "WRONG_LOGIN"
    assert await code_of(api, portal=portal, loginId=LOGIN_ID, password=NEW) is None
    (told,) = await messages(api.sources, "PASSWORD_CHANGED")
    assert (told["member"], told["to"]) == (member, EMAIL)


@pytest.mark.parametrize("portal", sorted(SHIPPED))
async def test_every_portal_mails_the_login_id(api: Api, portal: str) -> None:
    """MB-11."""
    await join(api, portal)

    assert (await request_id(api, portal))["userErrors"] == []

    (mail,) = await messages(api.sources, "LOGIN_ID_REMINDER")
    assert (mail["to"], mail["values"]) == (EMAIL, {"login_ids": LOGIN_ID})


async def test_mail_is_in_the_language_that_was_asked_for(api: Api) -> None:
    await join(api)
    await request(api, language="EN")
    await request_id(api, language="EN")

    found = await messages(api.sources, "PASSWORD_RESET")
    found += await messages(api.sources, "LOGIN_ID_REMINDER")
    assert [mail["language"] for mail in found] == ["en", "en"]


async def test_whatever_case_was_entered_mail_goes_to_the_address_that_the_member_gave(
    api: Api,
) -> None:
    await join(api)

    await request(api, email=EMAIL.upper())
    await request_id(api, email=EMAIL.upper())

    assert [mail["to"] for mail in await api.sources.mongo.find("outbox", {})] == [EMAIL] * 2


@BOTH
async def test_the_answer_for_an_address_that_no_member_has_is_the_same_byte_for_byte(
    api: Api, mutation: str
) -> None:
    await join(api)
    answers = []
    for _ in range(4):
        for email in (EMAIL, NOBODYS):
            variables = {"input": asked(PORTAL, email)}
            answers.append(await api.post({"query": mutation, "variables": variables}))
    await api.sources.afterwards.close()

    ours, nobodys = answers[::2], answers[1::2]
    assert [each.content for each in ours] == [each.content for each in nobodys]
    assert [each.status_code for each in ours] == [each.status_code for each in nobodys]
    assert b"TOO_MANY_MAILS" in ours[-1].content
    assert {mail["to"] for mail in await api.sources.mongo.find("outbox", {})} == {EMAIL}


@BOTH
async def test_no_answer_waits_for_the_look_whether_a_member_has_the_address(
    api: Api, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    await join(api)
    answered = asyncio.Event()
    look = api.sources.members.by_email

    async def late(*given: Any) -> Any:
        await answered.wait()
        return await look(*given)

    monkeypatch.setattr(api.sources.members, "by_email", late)
    answer = await api.ask(mutation, input=asked(PORTAL, EMAIL))
    assert await api.sources.mongo.find("outbox", {}) == []
    answered.set()
    await api.sources.afterwards.close()

    assert "errors" not in answer
    assert len(await api.sources.mongo.find("outbox", {})) == 1


async def test_every_member_with_the_address_gets_a_link_that_names_the_login_id(api: Api) -> None:
    names = ("hanako88", "taro88")
    ids = [await join(api, login_id=name) for name in names]
    await join(api, "hepco", "elsewhere")

    await request(api)

    mails = await messages(api.sources, "PASSWORD_RESET")
    links = {mail["values"]["login_id"]: token_in(mail) for mail in mails}
    assert links.keys() == set(names)
    assert {mail["member"] for mail in mails} == set(ids)
    assert (await reset(api, links["taro88"]))["userErrors"] == []
    assert await code_of(api, portal=PORTAL, loginId="hanako88") is None
    assert await code_of(api, portal=PORTAL, loginId="taro88", password=NEW) is None


async def test_one_mail_names_all_login_ids_of_the_address(api: Api) -> None:
    for name in ("taro88", "hanako88"):
        await join(api, login_id=name)
    await join(api, login_id="other88", email=NOBODYS)

    await request_id(api)

    (mail,) = await messages(api.sources, "LOGIN_ID_REMINDER")
    assert mail["values"] == {"login_ids": "hanako88, taro88"}


async def test_who_has_left_gets_no_mail(api: Api) -> None:
    await join(api, state=MemberState.WITHDRAWN)

    assert (await request(api))["userErrors"] == []
    assert (await request_id(api))["userErrors"] == []

    assert await api.sources.mongo.find("outbox", {}) == []


async def test_who_waits_for_a_first_password_by_postcard_is_told_the_id_but_sent_no_link(
    api: Api, clock: Clock
) -> None:
    """MB-7: an e-mail does not show who lives at the address of the contract."""
    profile = MemberProfile("検針 花子", None, EMAIL, None)
    member = Member("a" * 24, "hokulink", "hanako88", MemberState.ACTIVE, profile)
    first = Joining(
        member,
        password_hash(),
        one_member_each=False,
        password_ends_at=clock.now + timedelta(days=30),
    )

    async def work(transaction: Any) -> None:
        await api.sources.members.add(first, transaction)

    await api.sources.mongo.transaction(work)

    assert (await request(api, "hokulink"))["userErrors"] == []
    assert (await request_id(api, "hokulink"))["userErrors"] == []

    assert [mail["kind"] for mail in await api.sources.mongo.find("outbox", {})] == [
        "LOGIN_ID_REMINDER"
    ]


class TestLimits:
    async def test_an_address_gets_three_mails_at_once_then_one_in_twenty_minutes(
        self, api: Api, clock: Clock
    ) -> None:
        await join(api)
        assert [code_in(await request(api)) for _ in range(3)] == [None] * 3

        assert (await request(api))["userErrors"] == [
            {
                "code": "TOO_MANY_MAILS",
                "message": "this address was sent enough mail: wait a while",
                "field": None,
                "retryAt": "2040-06-15T12:30:00+09:00",
            }
        ]
        assert code_in(await request_id(api)) == "TOO_MANY_MAILS"
        clock.advance(minutes=20)
        codes = [code_in(await request_id(api)), code_in(await request(api))]

        assert codes == [None, "TOO_MANY_MAILS"]
        assert len(await api.sources.mongo.find("outbox", {})) == 4

    async def test_the_last_link_outlasts_the_limit(self, api: Api) -> None:
        await join(api)
        for _ in range(3):
            token = await link_token(api)
        await request(api)

        assert (await reset(api, token))["userErrors"] == []

    async def test_twenty_requests_in_one_document_send_three_mails(self, api: Api) -> None:
        await join(api)
        fields = "\n".join(
            f'r{number}: requestPasswordReset(input: {{portal: "{PORTAL}", email: "{EMAIL}", '
            "language: JA}) { userErrors { code } }"
            for number in range(20)
        )

        data = await api.data(f"mutation {{ {fields} }}")
        await api.sources.afterwards.close()

        codes = [code_in(payload) for payload in data.values()]
        assert codes == [None] * 3 + ["TOO_MANY_MAILS"] * 17
        assert len(await messages(api.sources, "PASSWORD_RESET")) == 3

    async def test_one_address_sends_mail_to_no_more_than_twenty_members(self, api: Api) -> None:
        for number in range(21):
            await join(api, "hepco", f"hanako{number:02}")

        await request(api, "hepco")

        assert len(await messages(api.sources, "PASSWORD_RESET")) == 20


class TestClients:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, recoveries_per_address=2)

    async def test_a_client_may_not_go_through_addresses(self, api: Api) -> None:
        codes = [code_in(await request(api, email=f"{name}@example.jp")) for name in "ab"]
        refused = await request_id(api, email="c@example.jp")

        assert codes == [None, None]
        assert refused["userErrors"] == [
            {
                "code": "TOO_MANY_REQUESTS",
                "message": "too many requests: wait a while",
                "field": None,
                "retryAt": "2040-06-15T12:40:00+09:00",
            }
        ]


class TestBadInput:
    @pytest.mark.parametrize(
        ("email", "code"),
        [
            ("", "REQUIRED"),
            ("hanako\uff20example.jp", "FULL_WIDTH_AT"),
            ("hanako@example,jp", "COMMA_FOR_DOT"),
            (" hanako@example.jp", "STRAY_SPACE"),
            ("h" * 300 + "@example.jp", "TOO_LONG"),
            ("hanako\u202e@example.jp", "BAD_CHARACTER"),
        ],
    )
    async def test_an_address_that_is_none_is_named(self, api: Api, email: str, code: str) -> None:
        for payload in (await request(api, email=email), await request_id(api, email=email)):
            assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
                (code, ["input", "email"])
            ]

    async def test_a_portal_that_there_is_not(self, api: Api) -> None:
        payloads = [
            await request(api, "nowhere"),
            await request_id(api, "nowhere"),
            await reset(api, "token", portal="nowhere"),
        ]
        assert [code_in(payload) for payload in payloads] == ["UNKNOWN_PORTAL"] * 3


async def test_no_address_and_no_token_is_logged(api: Api, world: World) -> None:
    await join(api)
    with structlog.testing.capture_logs() as logs:
        token = await link_token(api)
        await request_id(api)
        await reset(api, token)
        await reset(api, token)

    written = repr(logs)
    assert "request" in written
    secrets = (EMAIL, LOGIN_ID, token, NEW, world.alice.token)
    assert [secret for secret in secrets if secret in written] == []
