"""Sessions that are stolen, that last too long, and that their member looks at and ends."""

from dataclasses import replace
from typing import Any

import pytest

from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from tests.api import Api, Clock
from tests.logging_in import LOG_IN, WHO, code_in, input_of, log_in, refresh
from tests.stream import live, store
from tests.world import World, password_hash

ALICE = {"viewer": {"loginId": "alice@example.jp"}}
SESSIONS = "{ viewer { sessions { id program openedAt usedAt endsAt current } } }"
END = "mutation ($id: ID!) { endSession(input: {id: $id}) { userErrors { code field } } }"
END_OTHERS = "mutation { endOtherSessions { ended userErrors { code field } } }"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No heartbeat comes between what is said."""
    return replace(settings, heartbeat_seconds=60.0)


async def opened(api: Api, **changes: str) -> dict[str, Any]:
    session: dict[str, Any] = (await log_in(api, **changes))["session"]
    return session


async def is_over(api: Api, token: str) -> bool:
    answer = await api.ask(WHO, token)
    if "errors" not in answer:
        assert answer["data"]["viewer"] is not None
        return False
    return bool(answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED")


async def sessions(api: Api, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.data(SESSIONS, token))["viewer"]["sessions"]
    return found


async def end(api: Api, token: str | None, session: str) -> str | None:
    return code_in((await api.data(END, token, id=session))["endSession"])


class TestTheft:
    async def test_a_used_refresh_token_ends_the_session_of_those_that_came_after_it(
        self, api: Api
    ) -> None:
        first = await opened(api)
        second = (await refresh(api, first["refreshToken"]))["session"]
        third = (await refresh(api, second["refreshToken"]))["session"]
        assert not await is_over(api, third["accessToken"])

        payload = await refresh(api, first["refreshToken"])

        assert payload == {
            "session": None,
            "userErrors": [{"code": "WRONG_TOKEN", "field": ["input", "refreshToken"]}],
        }
        assert await is_over(api, third["accessToken"])
        assert code_in(await refresh(api, third["refreshToken"])) == "WRONG_TOKEN"

    async def test_other_sessions_of_the_member_go_on(self, api: Api, world: World) -> None:
        first = await opened(api)
        await refresh(api, first["refreshToken"])

        await refresh(api, first["refreshToken"])

        assert await api.data(WHO, world.alice.token) == ALICE

    async def test_live_subscriptions_of_the_session_end_with_it(
        self, api: Api, world: World
    ) -> None:
        first = await opened(api)
        second = (await refresh(api, first["refreshToken"]))["session"]
        thief = replace(world.alice, token=second["accessToken"])
        async with live(api, thief) as socket, live(api, world.alice) as other:
            await refresh(api, first["refreshToken"])
            await store(world, world.alice.facility, 1)

            assert await socket.error_code() == "UNAUTHENTICATED"
            assert (await other.reading())["reading"]["kwh"] == 0.001

    async def test_the_member_is_told_once(self, api: Api) -> None:
        profile = MemberProfile("山田花子", None, "hanako@example.jp", None)
        await api.sources.members.put(
            "denki-jtb", "alice@example.jp", password_hash(), MemberState.ACTIVE, profile
        )
        body = {"query": LOG_IN, "variables": {"input": input_of()}}
        answer = await api.post(body, **{"user-agent": FIREFOX})
        first = answer.json()["data"]["logIn"]["session"]
        await refresh(api, first["refreshToken"])

        for _ in range(2):
            await refresh(api, first["refreshToken"])

        (told,) = await api.sources.mongo.find("outbox", {})
        assert (told["kind"], told["to"]) == ("SESSION_THEFT", "hanako@example.jp")
        assert told["values"]["device"] == "Firefox, Windows"

    async def test_a_token_that_only_begins_like_one_ends_the_session_too(self, api: Api) -> None:
        session = await opened(api)
        family = session["refreshToken"].partition(".")[0]

        await refresh(api, f"{family}.made-up")

        assert await is_over(api, session["accessToken"])

    @pytest.mark.parametrize("token", ["", ".", "never.given", "x" * 300, "アリス.ボブ"])
    async def test_a_token_that_was_never_given_ends_nothing(self, api: Api, token: str) -> None:
        session = await opened(api)

        assert code_in(await refresh(api, token)) == "WRONG_TOKEN"

        assert not await is_over(api, session["accessToken"])

    async def test_a_token_that_was_not_used_in_time_is_no_theft(
        self, api: Api, clock: Clock
    ) -> None:
        session = await opened(api)
        clock.advance(days=31)

        assert code_in(await refresh(api, session["refreshToken"])) == "WRONG_TOKEN"

        assert await api.sources.mongo.find("endings", {}) == []


class TestAbsoluteEnd:
    async def test_a_session_ends_after_ninety_days_however_often_it_is_refreshed(
        self, api: Api, clock: Clock
    ) -> None:
        session = await opened(api)
        for _ in range(4):
            clock.advance(days=20)
            session = (await refresh(api, session["refreshToken"]))["session"]
        clock.advance(days=10, minutes=-30)
        session = (await refresh(api, session["refreshToken"]))["session"]

        assert not await is_over(api, session["accessToken"])
        clock.advance(minutes=30)

        assert await is_over(api, session["accessToken"])
        assert code_in(await refresh(api, session["refreshToken"])) == "WRONG_TOKEN"


class TestList:
    async def test_a_member_sees_all_sessions_and_which_one_asks(
        self, api: Api, clock: Clock
    ) -> None:
        clock.advance(minutes=5)
        body = {"query": LOG_IN, "variables": {"input": input_of()}}
        answer = await api.post(body, **{"user-agent": FIREFOX})
        session = answer.json()["data"]["logIn"]["session"]
        clock.advance(minutes=5)
        session = (await refresh(api, session["refreshToken"]))["session"]

        newer, older = await sessions(api, session["accessToken"])

        assert newer.pop("id") != older.pop("id")
        assert newer == {
            "program": "Firefox, Windows",
            "openedAt": "2040-06-15T12:15:00+09:00",
            "usedAt": "2040-06-15T12:20:00+09:00",
            "endsAt": "2040-07-15T12:20:00+09:00",
            "current": True,
        }
        assert (older["openedAt"], older["current"]) == ("2040-06-15T12:10:00+09:00", False)

    async def test_sessions_that_are_over_and_of_others_are_not_listed(
        self, api: Api, clock: Clock
    ) -> None:
        clock.advance(days=30)
        session = await opened(api)

        (only,) = await sessions(api, session["accessToken"])

        assert only["current"] is True

    async def test_of_very_many_the_hundred_last_used_are_listed(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        for _ in range(101):
            clock.advance(seconds=1)
            await api.sources.sessions.open(world.alice.member, "denki-jtb", clock.now)

        found = await sessions(api, world.alice.token)

        assert len(found) == 100
        assert found[0]["usedAt"] == "2040-06-15T12:11:41+09:00"


class TestEnd:
    async def test_a_session_that_is_ended_is_over_and_the_others_go_on(
        self, api: Api, world: World
    ) -> None:
        lost = await opened(api)
        (lost_id,) = [
            session["id"]
            for session in await sessions(api, lost["accessToken"])
            if session["current"]
        ]

        assert await end(api, world.alice.token, lost_id) is None

        assert await is_over(api, lost["accessToken"])
        assert len(await sessions(api, world.alice.token)) == 1
        assert await end(api, world.alice.token, lost_id) == "NO_SUCH_SESSION"

    async def test_a_session_of_another_is_answered_as_if_it_were_not_there(
        self, api: Api, world: World
    ) -> None:
        (mine,) = await sessions(api, world.alice.token)

        for person in (world.bob, world.carol):
            assert await end(api, person.token, mine["id"]) == "NO_SUCH_SESSION"
        assert await end(api, None, mine["id"]) == "NOT_LOGGED_IN"

        assert not await is_over(api, world.alice.token)

    @pytest.mark.parametrize("session", ["", "nonsense", "RGV2aWNlOjE"])
    async def test_an_id_of_something_else_is_none(
        self, api: Api, world: World, session: str
    ) -> None:
        assert await end(api, world.alice.token, session) == "NO_SUCH_SESSION"
        assert await end(api, world.alice.token, world.alice.member_id) == "NO_SUCH_SESSION"

    async def test_who_ends_the_own_session_goes_on_as_nobody(self, api: Api, world: World) -> None:
        (mine,) = await sessions(api, world.alice.token)
        query = """
        mutation ($id: ID!) {
          one: endSession(input: {id: $id}) { userErrors { code } }
          two: logOut { userErrors { code } }
        }
        """

        data = await api.data(query, world.alice.token, id=mine["id"])

        assert data["one"]["userErrors"] == []
        assert data["two"]["userErrors"] == [{"code": "NOT_LOGGED_IN"}]

    async def test_all_others_end_with_their_subscriptions_and_nobody_else_s(
        self, api: Api, world: World
    ) -> None:
        mine = await opened(api)
        await opened(api)
        async with live(api, world.alice) as socket:
            data = await api.data(END_OTHERS, mine["accessToken"])
            await store(world, world.alice.facility, 1)

            assert await socket.error_code() == "UNAUTHENTICATED"
        assert data["endOtherSessions"] == {"ended": 2, "userErrors": []}
        assert not await is_over(api, mine["accessToken"])
        assert not await is_over(api, world.bob.token)

    async def test_nobody_has_no_other_sessions(self, api: Api) -> None:
        data = await api.data(END_OTHERS)

        assert data["endOtherSessions"]["ended"] == 0
        assert code_in(data["endOtherSessions"]) == "NOT_LOGGED_IN"
