"""Secret keywords: set by the member, and one of them asked for on a new device (MB-10)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from tests.api import Api, Clock
from tests.logging_in import ANSWER, WHO, code_in, confirm, log_in
from tests.test_own_login import NEW, change
from tests.world import Person, World, password_hash

SET = """
mutation ($keywords: [String!]!) {
  setKeywords(input: {keywords: $keywords}) { deviceToken userErrors { code field } }
}
"""
DEVICES = "{ viewer { hasKeywords devices { id program knownSince usedAt } } }"
FORGET = "mutation ($id: ID!) { forgetDevice(input: {id: $id}) { userErrors { code field } } }"
KEYWORDS = ["さくら", "Blue Bird", "2718"]
ERIN = {"portal": "hokulink", "loginId": "erin"}
LOCKED_UNTIL = "2040-06-16T06:00:00+09:00"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Accounts alone are counted here."""
    return replace(settings, wrong_log_ins_per_address=0)


@pytest.fixture
async def erin(api: Api, world: World) -> Person:
    """A member of a portal with a second factor who has set no keywords."""
    return await world.person("hokulink", "erin", facilities=0)


@pytest.fixture
async def device(api: Api, erin: Person) -> str:
    """Token of the device on which Erin has set the keywords."""
    await confirm(api, erin.token)
    payload = await set_keywords(api, erin.token)
    assert payload["userErrors"] == []
    token: str = payload["deviceToken"]
    return token


async def set_keywords(
    api: Api, token: str | None, keywords: list[str] = KEYWORDS
) -> dict[str, Any]:
    payload: dict[str, Any] = (await api.data(SET, token, keywords=keywords))["setKeywords"]
    return payload


async def challenged(api: Api) -> dict[str, Any]:
    """The challenge of a log-in with the right password on a new device."""
    payload = await log_in(api, **ERIN)
    assert payload["session"] is None
    assert payload["userErrors"] == []
    challenge: dict[str, Any] = payload["challenge"]
    return challenge


async def answer(api: Api, token: str, keyword: str) -> dict[str, Any]:
    data = await api.data(ANSWER, input={"token": token, "answer": keyword})
    payload: dict[str, Any] = data["answerChallenge"]
    return payload


async def answered(api: Api) -> dict[str, Any]:
    """What the right answer on a new device gives."""
    challenge = await challenged(api)
    payload = await answer(api, challenge["token"], KEYWORDS[challenge["position"] - 1])
    assert payload["userErrors"] == []
    return payload


async def forget(api: Api, token: str | None, device_id: str) -> str | None:
    return code_in((await api.data(FORGET, token, id=device_id))["forgetDevice"])


async def devices(api: Api, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.data(DEVICES, token))["viewer"]["devices"]
    return found


@pytest.mark.usefixtures("erin")
class TestSetting:
    async def test_without_keywords_the_password_opens_a_session(self, api: Api) -> None:
        payload = await log_in(api, **ERIN)

        assert payload["challenge"] is None
        assert await api.data(DEVICES, payload["session"]["accessToken"]) == {
            "viewer": {"hasKeywords": False, "devices": []}
        }

    async def test_the_device_on_which_they_were_set_is_known(
        self, api: Api, erin: Person, device: str
    ) -> None:
        payload = await log_in(api, **ERIN, deviceToken=device)

        assert payload["challenge"] is None
        assert payload["session"] is not None
        assert (await api.data(DEVICES, erin.token))["viewer"]["hasKeywords"] is True
        assert len(await devices(api, erin.token)) == 1

    async def test_only_hashes_are_kept(self, api: Api, device: str) -> None:
        (member,) = await api.sources.mongo.find("members", {"portal": "hokulink"})
        (known,) = await api.sources.mongo.find("devices", {})

        assert [one.startswith("$argon2id$") for one in member["keywordHashes"]] == [True] * 3
        assert not any(keyword in repr(member) for keyword in KEYWORDS)
        assert device not in repr(known)

    @pytest.mark.parametrize(
        ("keywords", "code", "field"),
        [
            ([], "WRONG_KEYWORD_COUNT", ["keywords"]),
            (KEYWORDS[:2], "WRONG_KEYWORD_COUNT", ["keywords"]),
            ([*KEYWORDS, "four"], "WRONG_KEYWORD_COUNT", ["keywords"]),
            (["a", "b", ""], "REQUIRED", ["keywords", "2"]),
            (["a", "b" * 300, "c"], "TOO_LONG", ["keywords", "1"]),
            (["a", "\u200bb", "c"], "BAD_CHARACTER", ["keywords", "1"]),
            (["😀", "b", "c"], "BAD_CHARACTER", ["keywords", "0"]),
            (["a", "b", "A"], "SAME_KEYWORD", ["keywords", "2"]),
        ],
    )
    async def test_keywords_that_the_portal_does_not_take_are_named(
        self, api: Api, erin: Person, keywords: list[str], code: str, field: list[str]
    ) -> None:
        await confirm(api, erin.token)

        payload = await set_keywords(api, erin.token, keywords)

        assert payload == {
            "deviceToken": None,
            "userErrors": [{"code": code, "field": ["input", *field]}],
        }
        assert (await log_in(api, **ERIN))["session"] is not None

    async def test_the_password_is_needed_again(self, api: Api, erin: Person) -> None:
        assert code_in(await set_keywords(api, erin.token)) == "PASSWORD_NEEDED"
        assert code_in(await set_keywords(api, None)) == "NOT_LOGGED_IN"

    async def test_a_portal_without_a_second_factor_has_none(self, api: Api, world: World) -> None:
        await confirm(api, world.alice.token)

        assert code_in(await set_keywords(api, world.alice.token)) == "NO_SECOND_FACTOR"

    async def test_new_keywords_make_every_other_device_new(
        self, api: Api, erin: Person, device: str
    ) -> None:
        other = await answered(api)

        payload = await set_keywords(api, erin.token, ["x", "y", "z"])

        assert (await log_in(api, **ERIN, deviceToken=device))["challenge"] is not None
        assert (await log_in(api, **ERIN, deviceToken=other["deviceToken"]))["challenge"]
        assert (await log_in(api, **ERIN, deviceToken=payload["deviceToken"]))["session"]


@pytest.mark.usefixtures("device")
class TestChallenge:
    async def test_a_new_device_is_asked_for_one_keyword_and_is_known_after_it(
        self, api: Api
    ) -> None:
        challenge = await challenged(api)
        assert challenge["kind"] == "SECRET_KEYWORD"
        assert challenge["position"] in {1, 2, 3}
        assert challenge["expiresAt"] == "2040-06-15T12:20:00+09:00"

        payload = await answer(api, challenge["token"], KEYWORDS[challenge["position"] - 1])

        assert await api.data(WHO, payload["session"]["accessToken"]) == {
            "viewer": {"loginId": "erin"}
        }
        again = await log_in(api, **ERIN, deviceToken=payload["deviceToken"])
        assert again["session"] is not None
        assert again["deviceToken"] is None

    async def test_width_case_and_outer_spaces_of_an_answer_do_not_matter(
        self, api: Api, erin: Person
    ) -> None:
        await confirm(api, erin.token)
        await set_keywords(api, erin.token, ["abc", "ＡＢＣＤ", "アイウ"])
        typed = [" ＡＢＣ", "abcd ", "ｱｲｳ"]
        for _ in range(3):
            challenge = await challenged(api)
            payload = await answer(api, challenge["token"], typed[challenge["position"] - 1])
            assert payload["userErrors"] == []

    async def test_the_same_keyword_is_asked_for_until_it_is_answered(self, api: Api) -> None:
        asked = {(await challenged(api))["position"] for _ in range(12)}

        assert len(asked) == 1

    @pytest.mark.parametrize("token", ["", "never given", "other"])
    async def test_a_device_token_that_is_none_of_the_member_s_is_a_new_device(
        self, api: Api, world: World, token: str
    ) -> None:
        if token == "other":
            frank = await world.person("hokulink", "frank", facilities=0)
            await confirm(api, frank.token)
            token = (await set_keywords(api, frank.token))["deviceToken"]

        assert (await log_in(api, **ERIN, deviceToken=token))["challenge"] is not None

    async def test_a_challenge_is_answered_once(self, api: Api) -> None:
        challenge = await challenged(api)
        keyword = KEYWORDS[challenge["position"] - 1]

        payloads = await asyncio.gather(
            *(answer(api, challenge["token"], keyword) for _ in range(5))
        )

        codes = [code_in(payload) for payload in payloads]
        assert (codes.count(None), codes.count("WRONG_CHALLENGE")) == (1, 4)

    async def test_a_wrong_answer_uses_the_challenge_up(self, api: Api) -> None:
        challenge = await challenged(api)
        wrong = await answer(api, challenge["token"], "wrong")
        assert wrong["session"] is wrong["deviceToken"] is None
        assert wrong["userErrors"][0]["code"] == "WRONG_ANSWER"
        assert wrong["userErrors"][0]["field"] == ["input", "answer"]

        late = await answer(api, challenge["token"], KEYWORDS[challenge["position"] - 1])

        assert code_in(late) == "WRONG_CHALLENGE"

    async def test_a_keyword_of_another_position_is_wrong(self, api: Api) -> None:
        challenge = await challenged(api)

        payload = await answer(api, challenge["token"], KEYWORDS[challenge["position"] % 3])

        assert code_in(payload) == "WRONG_ANSWER"

    async def test_a_challenge_lasts_ten_minutes(self, api: Api, clock: Clock) -> None:
        late, in_time = await challenged(api), await challenged(api)
        keyword = KEYWORDS[late["position"] - 1]
        clock.advance(minutes=10, milliseconds=-1)
        assert (await answer(api, in_time["token"], keyword))["session"] is not None
        clock.advance(milliseconds=1)

        assert code_in(await answer(api, late["token"], keyword)) == "WRONG_CHALLENGE"

    async def test_a_challenge_of_an_old_password_is_dead(self, api: Api, erin: Person) -> None:
        challenge = await challenged(api)
        assert (await change(api, erin.token, NEW))["userErrors"] == []

        payload = await answer(api, challenge["token"], KEYWORDS[challenge["position"] - 1])

        assert code_in(payload) == "WRONG_CHALLENGE"

    @pytest.mark.parametrize("token", ["", "never given", "\u200b"])
    async def test_a_token_that_was_never_given_answers_nothing(self, api: Api, token: str) -> None:
        assert code_in(await answer(api, token, KEYWORDS[0])) == "WRONG_CHALLENGE"

    async def test_a_wrong_password_is_never_asked_for_more(self, api: Api) -> None:
        payload = await log_in(api, **ERIN, password="wrong horse 1")

        assert (payload["challenge"], code_in(payload)) == (None, "WRONG_LOGIN")

    async def test_wrong_answers_count_though_every_password_was_right(self, api: Api) -> None:
        codes = [
            code_in(await answer(api, (await challenged(api))["token"], f"guess {place}"))
            for place in range(10)
        ]
        assert codes == ["WRONG_ANSWER"] * 10

        payload = await log_in(api, **ERIN)

        assert code_in(payload) == "LOCKED"
        assert payload["userErrors"][0]["retryAt"] == LOCKED_UNTIL

    async def test_a_lock_also_refuses_the_right_answer(self, api: Api) -> None:
        challenge = await challenged(api)
        for _ in range(10):
            assert code_in(await log_in(api, **ERIN, password="wrong horse 1")) == "WRONG_LOGIN"

        payload = await answer(api, challenge["token"], KEYWORDS[challenge["position"] - 1])

        assert payload["userErrors"] == [{"code": "LOCKED", "field": None, "retryAt": LOCKED_UNTIL}]

    async def test_the_member_is_told_of_a_new_device(self, api: Api) -> None:
        profile = MemberProfile("山田花子", None, "hanako@example.jp", None)
        await api.sources.members.put(
            "hokulink", "erin", password_hash(), MemberState.ACTIVE, profile
        )

        await answered(api)

        (told,) = await api.sources.mongo.find("outbox", {})
        assert (told["kind"], told["to"]) == ("NEW_DEVICE", "hanako@example.jp")
        assert told["values"]["device"].startswith("python-httpx")


@pytest.mark.usefixtures("device")
class TestDevices:
    async def test_devices_are_listed_the_last_used_first(
        self, api: Api, erin: Person, device: str, clock: Clock
    ) -> None:
        clock.advance(minutes=1)
        await answered(api)
        clock.advance(minutes=1)
        await log_in(api, **ERIN, deviceToken=device)

        first, second = await devices(api, erin.token)

        assert (first["knownSince"], first["usedAt"]) == (
            "2040-06-15T12:10:00+09:00",
            "2040-06-15T12:12:00+09:00",
        )
        assert second["knownSince"] == second["usedAt"] == "2040-06-15T12:11:00+09:00"

    async def test_a_forgotten_device_is_new_and_its_sessions_are_over(
        self, api: Api, erin: Person, clock: Clock
    ) -> None:
        clock.advance(minutes=1)
        lost = await answered(api)
        newest, _ = await devices(api, erin.token)

        assert await forget(api, erin.token, newest["id"]) is None

        assert len(await devices(api, erin.token)) == 1
        assert await api.code(WHO, lost["session"]["accessToken"]) == "UNAUTHENTICATED"
        again = await log_in(api, **ERIN, deviceToken=lost["deviceToken"])
        assert again["challenge"] is not None

    async def test_who_forgets_the_own_device_goes_on_as_nobody(
        self, api: Api, erin: Person
    ) -> None:
        (mine,) = await devices(api, erin.token)
        query = """
        mutation ($id: ID!) {
          one: forgetDevice(input: {id: $id}) { userErrors { code } }
          two: logOut { userErrors { code } }
        }
        """

        data = await api.data(query, erin.token, id=mine["id"])

        assert data["one"]["userErrors"] == []
        assert data["two"]["userErrors"] == [{"code": "NOT_LOGGED_IN"}]

    async def test_a_device_of_another_is_answered_as_if_it_were_not_there(
        self, api: Api, world: World, erin: Person, device: str
    ) -> None:
        (mine,) = await devices(api, erin.token)

        assert await forget(api, world.alice.token, mine["id"]) == "NO_SUCH_DEVICE"
        assert await forget(api, erin.token, "nonsense") == "NO_SUCH_DEVICE"
        assert await forget(api, None, mine["id"]) == "NOT_LOGGED_IN"

        assert (await log_in(api, **ERIN, deviceToken=device))["session"] is not None

    async def test_a_device_that_was_not_used_for_long_is_new_again(
        self, api: Api, device: str, clock: Clock
    ) -> None:
        clock.advance(days=399)
        assert (await log_in(api, **ERIN, deviceToken=device))["session"] is not None
        clock.advance(days=400)

        assert (await log_in(api, **ERIN, deviceToken=device))["challenge"] is not None

    async def test_who_has_withdrawn_since_the_challenge_is_not_let_in(self, api: Api) -> None:
        challenge = await challenged(api)
        nothing = MemberProfile("退会済み", None, None, None)
        await api.sources.members.put(
            "hokulink", "erin", password_hash(), MemberState.WITHDRAWN, nothing
        )

        payload = await answer(api, challenge["token"], KEYWORDS[challenge["position"] - 1])

        assert (payload["session"], code_in(payload)) == (None, "WRONG_CHALLENGE")
