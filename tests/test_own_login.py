"""Giving the password again, and changing it and the login ID (MB-14)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from tests.api import Api, Clock
from tests.logging_in import WHO, WRONG, code_in, code_of, confirm, fail, log_in
from tests.stream import live, store
from tests.world import PASSWORD, World, password_hash

CHANGE = """
mutation ($current: String!, $new: String!) {
  changePassword(input: {currentPassword: $current, newPassword: $new}) {
    userErrors { code field retryAt }
  }
}
"""
CHANGE_ID = """
mutation ($loginId: String!) {
  changeLoginId(input: {loginId: $loginId}) {
    member { loginId }
    userErrors { code field }
  }
}
"""
NEW = "Tulip-field-88"
CAROL = {"portal": "hepco", "loginId": "carol"}

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No heartbeat comes between what is said."""
    return replace(settings, heartbeat_seconds=60.0, login_ids_per_person=3)


async def change(
    api: Api, token: str | None, new: str = NEW, current: str = PASSWORD
) -> dict[str, Any]:
    data = await api.data(CHANGE, token, current=current, new=new)
    payload: dict[str, Any] = data["changePassword"]
    return payload


async def change_id(api: Api, token: str | None, login_id: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await api.data(CHANGE_ID, token, loginId=login_id))["changeLoginId"]
    return payload


class TestPassword:
    async def test_the_new_password_logs_in_and_the_old_one_does_not(
        self, api: Api, world: World
    ) -> None:
        assert (await change(api, world.alice.token))["userErrors"] == []

        assert await code_of(api) == "WRONG_LOGIN"
        assert await code_of(api, password=NEW) is None

    async def test_all_other_sessions_end_with_their_subscriptions(
        self, api: Api, world: World
    ) -> None:
        mine = (await log_in(api))["session"]
        async with live(api, world.alice) as socket:
            await change(api, mine["accessToken"])
            await store(world, world.alice.facility, 1)

            assert await socket.error_code() == "UNAUTHENTICATED"
        assert await api.code(WHO, world.alice.token) == "UNAUTHENTICATED"
        assert (await api.data(WHO, mine["accessToken"]))["viewer"] is not None

    async def test_a_wrong_present_password_changes_nothing_and_counts(
        self, api: Api, world: World
    ) -> None:
        for _ in range(10):
            payload = await change(api, world.alice.token, current=WRONG)
            assert payload["userErrors"] == [
                {"code": "WRONG_PASSWORD", "field": ["input", "currentPassword"], "retryAt": None}
            ]
        refused = await change(api, world.alice.token)

        assert refused["userErrors"] == [
            {"code": "LOCKED", "field": None, "retryAt": "2040-06-16T06:00:00+09:00"}
        ]
        assert await code_of(api) == "LOCKED"

    @pytest.mark.parametrize(
        ("new", "code"),
        [
            ("", "REQUIRED"),
            ("a1", "TOO_SHORT"),
            ("Tulip-field-88" * 30, "TOO_LONG"),
            (f" {NEW}", "STRAY_SPACE"),
            ("Tulip-😀-field", "BAD_CHARACTER"),
            ("Tulip-\u200bfield", "BAD_CHARACTER"),
            ("Tulip-\u202efield", "BAD_CHARACTER"),
            ("12345678", "BREACHED"),
        ],
    )
    async def test_a_password_that_the_portal_does_not_take_is_named_as_the_wrong_field(
        self, api: Api, world: World, new: str, code: str
    ) -> None:
        payload = await change(api, world.alice.token, new)

        assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
            (code, ["input", "newPassword"])
        ]
        assert await code_of(api) is None

    async def test_the_present_password_is_no_new_one(self, api: Api, world: World) -> None:
        await change(api, world.alice.token)

        payload = await change(api, world.alice.token, NEW, NEW)

        assert code_in(payload) == "SAME_PASSWORD"

    async def test_of_two_changes_at_once_one_wins(self, api: Api, world: World) -> None:
        tokens = [world.alice.token, (await log_in(api))["session"]["accessToken"]]

        payloads = await asyncio.gather(
            *(change(api, token, f"{NEW}{place}") for place, token in enumerate(tokens))
        )

        codes = [code_in(payload) for payload in payloads]
        assert codes.count(None) == 1
        assert {*codes} <= {None, "WRONG_PASSWORD", "NOT_LOGGED_IN"}
        winner = f"{NEW}{codes.index(None)}"
        assert await code_of(api, password=winner) is None

    async def test_the_member_is_told(self, api: Api, world: World) -> None:
        profile = MemberProfile("山田花子", None, "hanako@example.jp", None)
        await api.sources.members.put(
            "denki-jtb", "alice@example.jp", password_hash(), MemberState.ACTIVE, profile
        )

        await change(api, world.alice.token)

        (told,) = await api.sources.mongo.find("outbox", {})
        assert (told["kind"], told["to"]) == ("PASSWORD_CHANGED", "hanako@example.jp")

    async def test_nobody_has_no_password(self, api: Api) -> None:
        assert code_in(await change(api, None)) == "NOT_LOGGED_IN"

    async def test_a_log_in_that_is_under_way_with_the_old_password_opens_nothing(
        self, api: Api, world: World
    ) -> None:
        known = await api.sources.members.by_login("denki-jtb", "alice@example.jp")
        assert known is not None
        await change(api, world.alice.token)

        async def note(transaction: Any) -> bool:
            return await api.sources.members.note_log_in(known, api.sources.clock(), transaction)

        assert await api.sources.mongo.transaction(note) is False


class TestConfirmation:
    async def test_what_needs_the_password_again_says_so_and_takes_it_for_ten_minutes(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        token = world.carol.token
        assert code_in(await change_id(api, token, "carol0002")) == "PASSWORD_NEEDED"
        assert (await confirm(api, token))["userErrors"] == []

        clock.advance(minutes=10, seconds=-1)
        assert (await change_id(api, token, "carol0002"))["member"] == {"loginId": "carol0002"}
        clock.advance(seconds=1)

        assert code_in(await change_id(api, token, "carol0003")) == "PASSWORD_NEEDED"

    async def test_it_lasts_for_the_session_that_gave_it_alone(
        self, api: Api, world: World
    ) -> None:
        other = (await log_in(api, **CAROL))["session"]
        await confirm(api, world.carol.token)

        payload = await change_id(api, other["accessToken"], "carol0002")

        assert code_in(payload) == "PASSWORD_NEEDED"

    async def test_within_one_request_it_counts_for_what_comes_after(
        self, api: Api, world: World
    ) -> None:
        query = """
        mutation ($password: String!) {
          confirmPassword(input: {password: $password}) { userErrors { code } }
          changeLoginId(input: {loginId: "carol0002"}) { userErrors { code } }
        }
        """

        data = await api.data(query, world.carol.token, password=PASSWORD)

        assert [payload["userErrors"] for payload in data.values()] == [[], []]

    async def test_a_wrong_one_confirms_nothing_and_counts(self, api: Api, world: World) -> None:
        for _ in range(9):
            await fail(api, 1, **CAROL)

        payload = await confirm(api, world.carol.token, WRONG)

        assert payload["userErrors"] == [
            {"code": "WRONG_PASSWORD", "field": ["input", "password"], "retryAt": None}
        ]
        assert code_in(await change_id(api, world.carol.token, "carol0002")) == "PASSWORD_NEEDED"
        assert code_in(await confirm(api, world.carol.token)) == "LOCKED"

    async def test_nobody_confirms_nothing(self, api: Api) -> None:
        assert code_in((await api.data(CONFIRM_NOBODY))["confirmPassword"]) == "NOT_LOGGED_IN"


CONFIRM_NOBODY = 'mutation { confirmPassword(input: {password: "x"}) { userErrors { code } } }'


class TestLoginId:
    async def test_the_new_id_logs_in_and_the_old_one_does_not(
        self, api: Api, world: World
    ) -> None:
        await confirm(api, world.carol.token)

        payload = await change_id(api, world.carol.token, "carol0002")

        assert payload == {"member": {"loginId": "carol0002"}, "userErrors": []}
        assert await code_of(api, **CAROL) == "WRONG_LOGIN"
        assert await code_of(api, **CAROL | {"loginId": "carol0002"}) is None

    async def test_an_id_that_somebody_has_is_refused_whatever_its_case(
        self, api: Api, world: World
    ) -> None:
        await world.person("hepco", "dave0001", facilities=0)
        await confirm(api, world.carol.token)

        payload = await change_id(api, world.carol.token, "DAVE0001")

        assert payload == {
            "member": None,
            "userErrors": [{"code": "LOGIN_ID_TAKEN", "field": ["input", "loginId"]}],
        }

    async def test_two_who_want_one_id_at_once_do_not_both_get_it(
        self, api: Api, world: World
    ) -> None:
        dave = await world.person("hepco", "dave0001", facilities=0)
        tokens = [world.carol.token, dave.token]
        for token in tokens:
            await confirm(api, token)

        payloads = await asyncio.gather(*(change_id(api, token, "popular1") for token in tokens))

        codes = sorted((code_in(payload) for payload in payloads), key=str)
        assert codes == ["LOGIN_ID_TAKEN", None]

    async def test_nobody_finds_out_which_of_many_ids_are_taken(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        await world.person("hepco", "dave0001", facilities=0)
        await confirm(api, world.carol.token)
        asked = ["dave0001", "DAVE0001", "dave0001", "dave0001", "carol0002"]
        told = [code_in(await change_id(api, world.carol.token, each)) for each in asked]
        assert told == ["LOGIN_ID_TAKEN"] * 3 + ["TOO_MANY_REQUESTS"] * 2

        clock.advance(minutes=20)
        await confirm(api, world.carol.token)
        assert code_in(await change_id(api, world.carol.token, "carol0002")) is None

    @pytest.mark.parametrize("login_id", ["", "c", "carol 002", "キャロル0002", "c" * 300])
    async def test_an_id_that_the_portal_does_not_take_is_named_as_the_wrong_field(
        self, api: Api, world: World, login_id: str
    ) -> None:
        await confirm(api, world.carol.token)

        payload = await change_id(api, world.carol.token, login_id)

        assert payload["member"] is None
        assert payload["userErrors"][0]["field"] == ["input", "loginId"]

    async def test_the_password_is_no_id(self, api: Api, world: World) -> None:
        secret = "Tulip0Field88"
        await change(api, world.carol.token, secret)
        await confirm(api, world.carol.token, secret)

        payload = await change_id(api, world.carol.token, secret)

        assert payload["userErrors"] == [
            {"code": "SAME_AS_PASSWORD", "field": ["input", "loginId"]}
        ]

    async def test_a_portal_may_not_let_members_change_it(self, api: Api, world: World) -> None:
        await confirm(api, world.alice.token)

        payload = await change_id(api, world.alice.token, "alice2@example.jp")

        assert code_in(payload) == "NOT_CHANGEABLE"
