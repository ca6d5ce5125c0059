"""Sessions by GraphQL: logging in, tokens and their end, refreshing, logging out."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from domain.members import MemberProfile, MemberState
from domain.readings import Direction
from resolvers import passwords
from resolvers.imports import Import, RecordKind
from tests.api import Api, Clock
from tests.changing import joined
from tests.world import PASSWORD, World, password_hash

LOG_IN = """
mutation ($input: LogInInput!) {
  logIn(input: $input) {
    session { accessToken refreshToken expiresAt member { loginId } }
    challenge { kind }
    userErrors { code message field }
  }
}
"""
REFRESH = """
mutation ($refreshToken: String!) {
  refreshSession(input: {refreshToken: $refreshToken}) {
    session { accessToken refreshToken expiresAt member { loginId } }
    userErrors { code message field }
  }
}
"""
LOG_OUT = "mutation { logOut { userErrors { code message field } } }"
WHO = "{ viewer { loginId } }"
ALICE = {"viewer": {"loginId": "alice@example.jp"}}
ARGON2ID_OF_OWASP = "$argon2id$v=19$m=19456,t=2,p=1$"

pytestmark = pytest.mark.usefixtures("world")

WRONG_LOGIN = {
    "session": None,
    "challenge": None,
    "userErrors": [
        {"code": "WRONG_LOGIN", "message": "login ID or password is wrong", "field": None}
    ],
}
WRONG_LOG_INS = {
    "wrong password": {"password": "wrong horse 1"},
    "password in another case": {"password": PASSWORD.upper()},
    "no password": {"password": ""},
    "password beyond any": {"password": "p" * 255},
    "unknown ID": {"loginId": "nobody@example.jp"},
    "no ID": {"loginId": ""},
    "ID beyond any": {"loginId": "i" * 255},
    "ID of another portal": {"portal": "hepco"},
    "ID with a zero-width character": {"loginId": "\u200balice@example.jp"},
    "ID with a right-to-left mark": {"loginId": "alice\u202e@example.jp"},
    "ID in full width": {"loginId": "ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｊｐ"},
    "ID with a null": {"loginId": "alice@example.jp\0"},
    "password of an emoji": {"password": "😀"},
}
WRONG_TOKEN = {
    "session": None,
    "userErrors": [
        {
            "code": "WRONG_TOKEN",
            "message": "the token is wrong, was used or has ended",
            "field": ["input", "refreshToken"],
        }
    ],
}
NOT_LOGGED_IN = {
    "userErrors": [{"code": "NOT_LOGGED_IN", "message": "nobody is logged in", "field": None}]
}


async def log_in(api: Api, **changes: str) -> dict[str, Any]:
    given = {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": PASSWORD} | changes
    payload: dict[str, Any] = (await api.data(LOG_IN, input=given))["logIn"]
    return payload


async def opened(api: Api) -> dict[str, Any]:
    """A session of Alice that she opened herself."""
    session: dict[str, Any] = (await log_in(api))["session"]
    return session


async def refresh(api: Api, token: str, access_token: str | None = None) -> dict[str, Any]:
    data = await api.data(REFRESH, access_token, refreshToken=token)
    payload: dict[str, Any] = data["refreshSession"]
    return payload


async def session_count(api: Api) -> int:
    count: int = await api.sources.mongo["sessions"].count_documents({})
    return count


async def assert_ended(api: Api, access_token: str) -> None:
    answer = await api.ask(WHO, access_token)
    (error,) = answer["errors"]
    assert answer["data"] == {"viewer": None}
    assert error["path"] == ["viewer"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert error["message"] == "the access token is wrong or has ended"


class TestLogIn:
    async def test_the_right_password_opens_a_session_for_an_hour(self, api: Api) -> None:
        payload = await log_in(api)
        session = payload["session"]
        assert payload["userErrors"] == []
        assert payload["challenge"] is None
        assert session["expiresAt"] == "2040-06-15T13:10:00+09:00"
        assert session["member"] == {"loginId": "alice@example.jp"}
        assert await api.data(WHO, session["accessToken"]) == ALICE

    async def test_every_wrong_log_in_has_the_same_answer_and_opens_nothing(self, api: Api) -> None:
        before = await session_count(api)
        answers = {what: await log_in(api, **changes) for what, changes in WRONG_LOG_INS.items()}
        assert answers == dict.fromkeys(WRONG_LOG_INS, WRONG_LOGIN)
        assert await session_count(api) == before

    async def test_an_unknown_id_costs_one_password_check_as_a_known_one_does(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checked: list[str] = []
        verify = passwords._verify

        def noting(stored: str, password: str) -> bool:
            kind_and_costs, _salt, _hash = stored.rsplit("$", 2)
            checked.append(kind_and_costs)
            return verify(stored, password)

        monkeypatch.setattr(passwords, "_verify", noting)
        await log_in(api, loginId="nobody@example.jp")
        assert len(checked) == 1
        await log_in(api, password="wrong horse 1")
        assert checked == checked[:1] * 2

    async def test_a_portal_that_is_not_there_is_named_as_the_wrong_field(self, api: Api) -> None:
        assert await log_in(api, portal="nowhere") == {
            "session": None,
            "challenge": None,
            "userErrors": [
                {
                    "code": "UNKNOWN_PORTAL",
                    "message": "there is no such portal",
                    "field": ["input", "portal"],
                }
            ],
        }

    @pytest.mark.parametrize("field", ["portal", "loginId", "password"])
    async def test_half_a_character_is_refused_before_anything_is_asked(
        self, api: Api, field: str
    ) -> None:
        given = {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": PASSWORD}
        fields = ", ".join(f'{name}: "{text}"' for name, text in given.items() if name != field)
        half = f'{fields}, {field}: "\\ud800"'
        literal = f"mutation {{ logIn(input: {{{half}}}) {{ userErrors {{ code }} }} }}"
        body = orjson.dumps({"query": LOG_IN, "variables": {"input": given | {field: "half"}}})

        assert await api.code(literal) == "BAD_INPUT"
        response = await api.client.post(
            "/graphql",
            content=body.replace(b'"half"', b'"\\ud800"'),
            headers={"content-type": "application/json"},
        )
        assert response.status_code == 400

    @pytest.mark.parametrize("login_id", ["ALICE@EXAMPLE.JP", " Alice@example.jp "])
    async def test_case_and_outer_spaces_of_an_id_do_not_matter(
        self, api: Api, login_id: str
    ) -> None:
        session = (await log_in(api, loginId=login_id))["session"]
        assert session["member"] == {"loginId": "alice@example.jp"}

    async def test_the_longest_address_that_may_be_registered_logs_in(self, api: Api) -> None:
        """MB-3 (J): the ID is the address, of up to 254 characters."""
        longest = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.jp"
        email = longest.replace(".jp", f".{'e' * (254 - len(longest) - 1)}.jp")
        assert len(email) == 254
        await joined(api, "denki-jtb", email, email)
        assert (await log_in(api, loginId=email))["userErrors"] == []

    async def test_a_withdrawn_member_is_answered_as_if_unknown(self, api: Api) -> None:
        nothing = MemberProfile("退会済み", None, None, None)
        await api.sources.members.put(
            "denki-jtb", "alice@example.jp", password_hash(), MemberState.WITHDRAWN, nothing
        )
        before = await session_count(api)
        assert await log_in(api) == WRONG_LOGIN
        assert await session_count(api) == before

    async def test_the_payload_shows_the_member_who_just_logged_in(
        self, api: Api, world: World
    ) -> None:
        query = """
        mutation ($input: LogInInput!) {
          logIn(input: $input) {
            session { member { loginId facilities(first: 1) { nodes { name } } } }
          }
        }
        """
        given = {"portal": "hepco", "loginId": "carol", "password": PASSWORD}
        payload = (await api.data(query, world.alice.token, input=given))["logIn"]
        assert payload["session"]["member"] == {
            "loginId": "carol",
            "facilities": {"nodes": [{"name": world.carol.facility.name}]},
        }

    async def test_two_log_ins_of_one_request_each_show_their_own_member(
        self, api: Api, world: World
    ) -> None:
        query = """
        mutation ($alice: LogInInput!, $bob: LogInInput!) {
          first: logIn(input: $alice) { ...Shown }
          second: logIn(input: $bob) { ...Shown }
        }
        fragment Shown on LogInPayload {
          session { accessToken member { loginId facilities(first: 1) { nodes { id } } } }
        }
        """
        one = {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": PASSWORD}
        data = await api.data(query, alice=one, bob=one | {"loginId": "bob@example.jp"})
        for field, person in {"first": world.alice, "second": world.bob}.items():
            session = data[field]["session"]
            seen = session["member"]["facilities"]["nodes"]
            assert seen == [{"id": person.facility_id}]
            who = await api.data("{ viewer { id } }", session["accessToken"])
            assert who == {"viewer": {"id": person.member_id}}


class TestTokens:
    async def test_nobody_is_no_error(self, api: Api) -> None:
        assert await api.data(WHO) == {"viewer": None}

    async def test_a_token_that_was_never_given_is_refused(self, api: Api) -> None:
        await assert_ended(api, "never-given")

    async def test_a_refresh_token_is_no_access_token(self, api: Api) -> None:
        await assert_ended(api, (await opened(api))["refreshToken"])

    @pytest.mark.parametrize("authorization", ["Basic YWxpY2U6eA==", "Bearer", "x"])
    async def test_another_form_of_authorization_is_refused(
        self, api: Api, authorization: str
    ) -> None:
        response = await api.post({"query": WHO}, authorization=authorization)
        answer = response.json()
        (error,) = answer["errors"]
        assert answer["data"] == {"viewer": None}
        assert error["extensions"] == {"code": "UNAUTHENTICATED"}
        assert error["message"] == "authorization must be: Bearer <access token>"

    async def test_the_word_bearer_may_be_of_any_case(self, api: Api, world: World) -> None:
        response = await api.post({"query": WHO}, authorization=f"bearer {world.alice.token}")
        assert response.json()["data"] == ALICE

    async def test_a_token_works_to_its_last_second(self, api: Api, clock: Clock) -> None:
        session = await opened(api)
        clock.advance(minutes=60, seconds=-1)
        assert await api.data(WHO, session["accessToken"]) == ALICE
        clock.advance(seconds=1)
        await assert_ended(api, session["accessToken"])

    async def test_only_hashes_of_tokens_are_stored(self, api: Api, world: World) -> None:
        session = await opened(api)
        access = hashlib.sha256(session["accessToken"].encode()).digest()
        stored = await api.sources.mongo["sessions"].find_one({"accessHash": access})
        assert stored["refreshHash"] == hashlib.sha256(session["refreshToken"].encode()).digest()
        assert stored["member"] == world.alice.member
        assert session["accessToken"] not in str(stored)
        assert session["refreshToken"] not in str(stored)

    @pytest.mark.usefixtures("owasp_passwords")
    async def test_a_password_is_stored_as_argon2id_with_the_costs_of_owasp(
        self, api: Api, tmp_path: Path
    ) -> None:
        file = tmp_path / "members.ndjson"
        member = {"portal": "hepco", "loginId": "dave", "password": PASSWORD, "name": "Dave"}
        file.write_bytes(orjson.dumps(member))
        members = Import(
            file, RecordKind.MEMBERS, None, Direction.IMPORT, ZoneInfo("Asia/Tokyo"), None
        )
        await members.run(api.sources, lambda size: None)
        stored = await api.sources.mongo["members"].find_one({"loginKey": "dave"})
        assert stored["passwordHash"].startswith(ARGON2ID_OF_OWASP)
        assert PASSWORD not in str(stored)
        assert (await log_in(api, portal="hepco", loginId="dave"))["userErrors"] == []


class TestRefresh:
    async def test_new_tokens_work_and_the_old_ones_are_dead(self, api: Api, clock: Clock) -> None:
        old = await opened(api)
        clock.advance(minutes=10)
        payload = await refresh(api, old["refreshToken"])
        new = payload["session"]
        assert payload["userErrors"] == []
        assert new["expiresAt"] == "2040-06-15T13:20:00+09:00"
        assert new["member"] == {"loginId": "alice@example.jp"}
        assert await api.data(WHO, new["accessToken"]) == ALICE
        await assert_ended(api, old["accessToken"])

    async def test_a_token_that_was_used_is_refused(self, api: Api) -> None:
        old = await opened(api)
        await refresh(api, old["refreshToken"])
        assert await refresh(api, old["refreshToken"]) == WRONG_TOKEN

    async def test_of_two_refreshes_at_once_with_one_token_one_wins(self, api: Api) -> None:
        token = (await opened(api))["refreshToken"]
        payloads = await asyncio.gather(*(refresh(api, token) for _ in range(4)))
        assert sum(payload["session"] is not None for payload in payloads) == 1
        assert sum(payload == WRONG_TOKEN for payload in payloads) == 3

    async def test_an_access_token_refreshes_nothing(self, api: Api) -> None:
        session = await opened(api)
        assert await refresh(api, session["accessToken"]) == WRONG_TOKEN
        assert await api.data(WHO, session["accessToken"]) == ALICE

    async def test_a_refresh_works_when_the_access_token_of_the_request_has_ended(
        self, api: Api, clock: Clock
    ) -> None:
        old = await opened(api)
        clock.advance(days=30, seconds=-1)
        await assert_ended(api, old["accessToken"])
        payload = await refresh(api, old["refreshToken"], old["accessToken"])
        assert await api.data(WHO, payload["session"]["accessToken"]) == ALICE

    async def test_a_session_that_was_not_refreshed_for_thirty_days_is_over(
        self, api: Api, clock: Clock
    ) -> None:
        old = await opened(api)
        clock.advance(days=30)
        assert await refresh(api, old["refreshToken"]) == WRONG_TOKEN


class TestLogOut:
    async def test_both_tokens_are_dead_and_other_sessions_live(
        self, api: Api, world: World
    ) -> None:
        session = await opened(api)
        assert await api.data(LOG_OUT, session["accessToken"]) == {"logOut": {"userErrors": []}}
        await assert_ended(api, session["accessToken"])
        assert await refresh(api, session["refreshToken"]) == WRONG_TOKEN
        assert await api.data(WHO, world.alice.token) == ALICE

    async def test_nobody_is_told_so_and_ends_nothing(self, api: Api) -> None:
        before = await session_count(api)
        assert await api.data(LOG_OUT) == {"logOut": NOT_LOGGED_IN}
        assert await session_count(api) == before

    async def test_a_session_that_has_ended_is_nobodys(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        clock.advance(hours=1)
        assert await api.data(LOG_OUT, world.alice.token) == {"logOut": NOT_LOGGED_IN}

    async def test_after_it_the_request_goes_on_as_nobody(self, api: Api, world: World) -> None:
        query = (
            "mutation { one: logOut { userErrors { code } } two: logOut { userErrors { code } } }"
        )
        data = await api.data(query, world.alice.token)
        assert data["one"] == {"userErrors": []}
        assert data["two"] == {"userErrors": [{"code": "NOT_LOGGED_IN"}]}
