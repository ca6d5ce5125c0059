"""Setting a new password with the link of a mail (MB-11)."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any, NoReturn

import pytest
from pymongo.errors import AutoReconnect

from datasources.mongo import Mongo
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from resolvers.sources import open_sources
from tests.api import Api, Clock
from tests.logging_in import REFRESH, WHO, WRONG, code_in, code_of, fail, log_in
from tests.recovering import EMAIL, LOGIN_ID, NEW, PORTAL, join, link_token, request, reset
from tests.registering import messages
from tests.stream import live, store
from tests.test_own_login import change
from tests.world import World, password_hash

HANAKO = {"portal": PORTAL, "loginId": LOGIN_ID}
WRONG_TOKEN = [
    {
        "code": "WRONG_TOKEN",
        "message": "the token is wrong, was used or has ended",
        "field": ["input", "token"],
        "retryAt": None,
    }
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No heartbeat comes between what is said, and many at once may wait for each other."""
    return replace(settings, heartbeat_seconds=60.0, database_timeout_seconds=15.0)


class TestLinks:
    async def test_a_link_works_once(self, api: Api) -> None:
        await join(api)
        token = await link_token(api)

        assert (await reset(api, token))["userErrors"] == []
        assert (await reset(api, token, "Other88field"))["userErrors"] == WRONG_TOKEN
        assert await code_of(api, **HANAKO, password=NEW) is None

    async def test_of_many_at_once_exactly_one_wins(self, api: Api) -> None:
        await join(api)
        token = await link_token(api)
        wanted = [f"Tulip88field{number}" for number in range(4)]

        done = await asyncio.gather(*(reset(api, token, new) for new in wanted))

        winners = [new for new, payload in zip(wanted, done, strict=True) if not code_in(payload)]
        losers = [payload["userErrors"] for payload in done if code_in(payload)]
        assert len(winners) == 1
        assert losers == [WRONG_TOKEN] * 3
        assert await code_of(api, **HANAKO, password=winners[0]) is None
        assert len(await messages(api.sources, "PASSWORD_CHANGED")) == 1

    async def test_of_two_in_two_processes_exactly_one_wins(
        self, api: Api, settings: Settings, clock: Clock
    ) -> None:
        await join(api)
        token = await link_token(api)
        mongo = Mongo(settings.mongodb_url, database=api.sources.mongo.name)
        async with Api.serving(open_sources(settings, mongo, clock)) as other:
            done = await asyncio.gather(*(reset(each, token) for each in (api, other) * 2))

        assert sorted(code_in(payload) or "" for payload in done) == ["", *["WRONG_TOKEN"] * 3]
        assert len(await messages(api.sources, "PASSWORD_CHANGED")) == 1

    async def test_a_newer_link_kills_the_older_one(self, api: Api) -> None:
        await join(api)
        older, newer = await link_token(api), await link_token(api)

        assert (await reset(api, older))["userErrors"] == WRONG_TOKEN
        assert (await reset(api, newer))["userErrors"] == []

    async def test_a_link_ends_to_the_millisecond(self, api: Api, clock: Clock) -> None:
        await join(api)
        token = await link_token(api)
        clock.advance(minutes=59, seconds=59.999)
        assert code_in(await reset(api, token, "short")) == "TOO_SHORT"
        clock.advance(seconds=0.001)

        assert (await reset(api, token))["userErrors"] == WRONG_TOKEN

    async def test_a_link_of_another_portal_is_wrong_there_and_stays_good_here(
        self, api: Api
    ) -> None:
        for portal in (PORTAL, "hepco"):
            await join(api, portal)
        token = await link_token(api)

        assert (await reset(api, token, portal="hepco"))["userErrors"] == WRONG_TOKEN
        assert (await reset(api, token))["userErrors"] == []

    async def test_an_altered_token_is_wrong(self, api: Api) -> None:
        await join(api)
        token = await link_token(api)
        altered = [
            "",
            token[:-1],
            token.swapcase(),
            f"{token}\0",
            f"{token} ",
            "\u202e" + token,
            token * 1000,
        ]

        for text in altered:
            assert (await reset(api, text))["userErrors"] == WRONG_TOKEN

    async def test_only_the_hash_of_a_token_is_kept_with_its_member(self, api: Api) -> None:
        await join(api)
        token = await link_token(api)

        (kept,) = await api.sources.mongo.find("passwordResets", {})

        assert kept.keys() == {"_id", "portal", "tokenHash", "mark", "endsAt"}
        assert token not in repr(kept)

    async def test_a_change_of_the_password_kills_the_link(self, api: Api) -> None:
        await join(api)
        token = await link_token(api)
        session = (await log_in(api, **HANAKO))["session"]
        assert code_in(await change(api, session["accessToken"], "Other88field")) is None

        assert (await reset(api, token))["userErrors"] == WRONG_TOKEN

    async def test_another_address_kills_the_link(self, api: Api) -> None:
        await join(api)
        token = await link_token(api)
        await join(api, email="new@example.jp")

        assert (await reset(api, token))["userErrors"] == WRONG_TOKEN

    async def test_who_has_left_has_no_link(self, api: Api) -> None:
        await join(api)
        token = await link_token(api)
        await join(api, state=MemberState.WITHDRAWN)

        assert (await reset(api, token))["userErrors"] == WRONG_TOKEN

    async def test_nor_has_who_moved_out_more_than_24_months_ago(self, api: Api) -> None:
        """MB-15."""
        member = await join(api)
        world = World(api.sources)
        home = await world.place(PORTAL, member)
        token = await link_token(api)
        (contract,) = home.contracts
        ended = replace(contract, end_on=date(2038, 6, 1))
        await world.change(home, contracts=(ended,))

        assert (await reset(api, token))["userErrors"] == WRONG_TOKEN
        assert (await request(api))["userErrors"] == []
        assert len(await messages(api.sources, "PASSWORD_RESET")) == 1


class TestPassword:
    @pytest.mark.parametrize(
        ("new", "code"),
        [
            ("", "REQUIRED"),
            ("a1", "TOO_SHORT"),
            ("Tulip88field" * 30, "TOO_LONG"),
            ("Tulip\uff18field", "FULL_WIDTH"),
            ("Tulip88😀", "BAD_CHARACTER"),
            ("Tulip88\u200b", "BAD_CHARACTER"),
            ("Tulipfield", "NEEDS_DIGIT"),
            (LOGIN_ID.upper(), "SAME_AS_LOGIN_ID"),
            ("password1", "BREACHED"),
        ],
    )
    async def test_one_that_the_portal_does_not_take_is_named_and_leaves_the_link_good(
        self, api: Api, new: str, code: str
    ) -> None:
        """MB-4."""
        await join(api)
        token = await link_token(api)

        refused = await reset(api, token, new)

        assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
            (code, ["input", "newPassword"])
        ]
        assert await code_of(api, **HANAKO) is None
        assert (await reset(api, token))["userErrors"] == []

    async def test_who_waits_for_a_code_by_postcard_goes_on_waiting(self, api: Api) -> None:
        """MB-8."""
        await join(api, "mirai", state=MemberState.POSTCARD_IN_TRANSIT)
        token = await link_token(api, "mirai")

        assert (await reset(api, token, portal="mirai"))["userErrors"] == []

        (member,) = await api.sources.mongo.find("members", {})
        assert member["state"] == "POSTCARD_IN_TRANSIT"

    async def test_nothing_is_half_done_when_the_database_is_lost(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await join(api)
        token = await link_token(api)
        session = (await log_in(api, **HANAKO))["session"]

        async def lost(*_: Any) -> NoReturn:
            raise AutoReconnect

        with monkeypatch.context() as patched:
            patched.setattr(api.sources.outbox, "add", lost)
            query = (
                "mutation ($link: String!) { resetPassword(input: "
                f'{{portal: "{PORTAL}", token: $link, newPassword: "{NEW}"}})'
                " { userErrors { code } } }"
            )
            assert await api.code(query, link=token) == "UNAVAILABLE"

        assert (await api.data(WHO, session["accessToken"]))["viewer"] is not None
        assert await code_of(api, **HANAKO) is None
        assert (await reset(api, token))["userErrors"] == []


class TestSessions:
    async def test_all_sessions_end_with_their_refresh_tokens(self, api: Api) -> None:
        await join(api)
        sessions = [(await log_in(api, **HANAKO))["session"] for _ in range(2)]

        await reset(api, await link_token(api))

        for session in sessions:
            assert await api.code(WHO, session["accessToken"]) == "UNAUTHENTICATED"
            data = await api.data(REFRESH, refreshToken=session["refreshToken"])
            assert code_in(data["refreshSession"]) == "WRONG_TOKEN"

    async def test_a_subscription_ends(self, api: Api, world: World) -> None:
        profile = MemberProfile("検針 花子", None, EMAIL, None)
        await api.sources.members.put(
            "denki-jtb", "alice@example.jp", password_hash(), MemberState.ACTIVE, profile
        )
        token = await link_token(api, "denki-jtb")
        async with live(api, world.alice) as socket:
            await reset(api, token, portal="denki-jtb")
            await store(world, world.alice.facility, 1)

            assert await socket.error_code() == "UNAUTHENTICATED"

    async def test_the_rest_of_the_same_request_is_nobody_s_any_more(self, api: Api) -> None:
        await join(api)
        token = await link_token(api)
        session = (await log_in(api, **HANAKO))["session"]
        query = (
            "mutation ($link: String!) {"
            ' confirmPassword(input: {password: "correct horse 1"}) { userErrors { code } }'
            f' resetPassword(input: {{portal: "{PORTAL}", token: $link, newPassword: "{NEW}"}})'
            " { userErrors { code } }"
            f' changePassword(input: {{currentPassword: "{NEW}", newPassword: "Other88field"}})'
            " { userErrors { code } } }"
        )

        data = await api.data(query, session["accessToken"], link=token)

        assert [code_in(payload) for payload in data.values()] == [None, None, "NOT_LOGGED_IN"]


class TestLockout:
    async def test_a_lock_holds_until_its_hour(self, api: Api, clock: Clock) -> None:
        """MB-9."""
        await join(api)
        token = await link_token(api)
        await fail(api, 10, **HANAKO)

        assert (await reset(api, token))["userErrors"] == []

        assert await code_of(api, **HANAKO, password=NEW) == "LOCKED"
        clock.advance(hours=18)
        assert await code_of(api, **HANAKO, password=NEW) is None

    async def test_only_a_right_password_ends_the_row_of_wrong_ones(self, api: Api) -> None:
        """MB-9."""
        await join(api)
        await fail(api, 9, **HANAKO)
        await reset(api, await link_token(api))

        codes = await fail(api, 2, **HANAKO, password=WRONG)

        assert codes == ["WRONG_LOGIN", "LOCKED"]
