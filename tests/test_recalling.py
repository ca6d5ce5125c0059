"""Getting back ID and password by a secret answer or by keyword and nickname (MB-11)."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.members import MemberState
from resolvers import passwords
from tests.api import Api, Clock
from tests.logging_in import code_in, code_of, confirm, log_in
from tests.recovering import (
    EMAIL,
    NEW,
    RECOVER_ID,
    RECOVER_PASSWORD,
    join,
    recover_id,
    recover_password,
    remember,
    reset,
    set_answer,
)
from tests.registering import faults, messages
from tests.world import PASSWORD, World

MIRAI = "mirai"
LOGIN_ID = "Hanako_2040"
ENTERED: dict[str, str | None] = {
    "portal": MIRAI,
    "way": "SECRET_QUESTION",
    "email": EMAIL,
    "question": "PET",
    "answer": "ポチ",
}
FORGOTTEN = ENTERED | {"loginId": LOGIN_ID}
BY_NICKNAME: dict[str, str | None] = {
    "portal": "hapie",
    "way": "KEYWORD_AND_NICKNAME",
    "email": EMAIL,
    "nickname": "はなちゃん",
    "answer": "ふじさん",
}
NOBODYS = "nobody@example.jp"
MISFITS: list[tuple[dict[str, str | None], list[tuple[str, str]]]] = [
    ({"portal": "nowhere"}, [("UNKNOWN_PORTAL", "portal")]),
    ({"portal": "denki-jtb"}, [("NO_SUCH_WAY", "way")]),
    ({"way": "KEYWORD_AND_NICKNAME"}, [("NO_SUCH_WAY", "way")]),
    ({"way": "EMAIL_LINK"}, [("NO_SUCH_WAY", "way")]),
    (
        {"email": "hanako@example,jp", "loginId": "", "question": "STAR", "answer": " "},
        [
            ("COMMA_FOR_DOT", "email"),
            ("REQUIRED", "loginId"),
            ("UNKNOWN_CHOICE", "question"),
            ("REQUIRED", "answer"),
        ],
    ),
    ({"question": None, "nickname": "はな"}, [("REQUIRED", "question"), ("NOT_ASKED", "nickname")]),
    (
        BY_NICKNAME | {"nickname": None, "question": "PET"},
        [("REQUIRED", "nickname"), ("NOT_ASKED", "question")],
    ),
    (
        BY_NICKNAME
        | {
            "question": None,
            "nickname": "\ufdfa" * 255,
            "loginId": "h" * 255,
            "answer": "山" * 255,
        },
        [("TOO_LONG", "loginId"), ("TOO_LONG", "nickname"), ("TOO_LONG", "answer")],
    ),
]
"What is entered instead, and what is told of it."


@pytest.fixture
async def hanako(api: Api) -> str:
    """A member whose pet was called ポチ; gives her id."""
    member = await join(api, MIRAI, LOGIN_ID)
    await remember(api, member, "ポチ", "PET")
    return member


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Hashes that answers were compared with, without the costs of argon2id; of nobody's too."""
    counted: Counter[str] = Counter()

    def verify(stored: str, given: str) -> bool:
        counted[stored] += 1
        return stored == given

    monkeypatch.setattr(passwords, "_verify", verify)
    return counted


class TestSecrecy:
    async def test_nobody_can_tell_a_member_from_nobody_by_answer_or_cost(
        self, api: Api, judged: Counter[str]
    ) -> None:
        """MB-9, MB-11: wrong answers, those that lock, and those during the lock."""
        await remember(api, await join(api, MIRAI, LOGIN_ID), "ポチ", "PET", hashed=False)
        told, costs = [], []
        for mutation, given in ((RECOVER_ID, ENTERED), (RECOVER_PASSWORD, FORGOTTEN)) * 6:
            for email in (EMAIL, NOBODYS):
                before = judged.total()
                variables = {"input": given | {"email": email, "answer": "タマ"}}
                told.append(await api.post({"query": mutation, "variables": variables}))
                costs.append(judged.total() - before)

        ours, nobodys = told[::2], told[1::2]
        assert [each.content for each in ours] == [each.content for each in nobodys]
        assert [b"WRONG_PROOF" in each.content for each in ours] == [True] * 10 + [False] * 2
        assert b"RECOVERY_LOCKED" in ours[-1].content
        assert costs == [1] * 24
        assert judged["ポチ"] == 10


class TestGuessing:
    async def test_of_twenty_guesses_at_once_ten_are_judged_whatever_was_forgotten(
        self, api: Api, judged: Counter[str]
    ) -> None:
        await remember(api, await join(api, MIRAI, LOGIN_ID), "ポチ", "PET", hashed=False)
        wrong, shouted = {"answer": "タマ"}, {"email": EMAIL.upper()}
        told = await asyncio.gather(
            *(recover_id(api, **ENTERED | wrong) for _ in range(10)),
            *(recover_password(api, **FORGOTTEN | wrong | shouted) for _ in range(10)),
        )

        assert Counter(map(code_in, told)) == {"WRONG_PROOF": 10, "RECOVERY_LOCKED": 10}
        assert judged["ポチ"] == 10

    async def test_a_lock_refuses_the_right_answer_until_its_hour_and_nothing_else(
        self, api: Api, hanako: str, clock: Clock
    ) -> None:
        for _ in range(9):
            assert code_in(await recover_id(api, **ENTERED | {"answer": "タマ"})) == "WRONG_PROOF"
        assert (await recover_id(api, **ENTERED))["loginId"] == LOGIN_ID
        for _ in range(10):
            assert code_in(await recover_id(api, **ENTERED | {"answer": "タマ"})) == "WRONG_PROOF"

        (error,) = (await recover_password(api, **FORGOTTEN))["userErrors"]
        assert (error["code"], error["field"]) == ("RECOVERY_LOCKED", None)
        assert error["retryAt"] == "2040-06-16T06:00:00+09:00"
        assert await code_of(api, portal=MIRAI, loginId=LOGIN_ID) is None
        (mail,) = await messages(api.sources, "RECOVERY_LOCKED")
        assert (mail["member"], mail["to"]) == (hanako, EMAIL)

        clock.advance(hours=18)
        assert (await recover_password(api, **FORGOTTEN))["token"] is not None

    @pytest.mark.usefixtures("hanako")
    async def test_wrong_answers_count_against_where_they_come_from(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few = replace(api.sources.settings, wrong_log_ins_per_address=2)
        monkeypatch.setitem(vars(api.sources), "settings", few)
        assert (await recover_id(api, **ENTERED))["loginId"] == LOGIN_ID
        for email in ("a@example.jp", "b@example.jp"):
            assert code_in(await recover_id(api, **ENTERED | {"email": email})) == "WRONG_PROOF"

        assert code_in(await recover_id(api, **ENTERED)) == "TOO_MANY_ATTEMPTS"


class TestProof:
    @pytest.mark.usefixtures("hanako")
    async def test_everything_must_be_right_and_what_is_not_is_not_told(self, api: Api) -> None:
        await join(api, MIRAI, "Taro_2040", email="taro@example.jp")
        wrong: list[dict[str, str | None]] = [
            {"answer": "タマ"},
            {"answer": "ポチ" * 127},
            {"question": "SCHOOL"},
            {"loginId": "Hanako_2041"},
            {"loginId": "Taro_2040"},
            {"email": NOBODYS},
            {"email": "taro@example.jp", "loginId": "Taro_2040"},
        ]
        told = [await recover_password(api, **FORGOTTEN | change) for change in wrong]

        reason = {
            "code": "WRONG_PROOF",
            "message": "what was entered is not right; ask for a mail instead",
            "field": None,
            "retryAt": None,
        }
        assert told == [{"token": None, "endsAt": None, "userErrors": [reason]}] * len(wrong)
        assert (await recover_password(api, **FORGOTTEN))["userErrors"] == []

    async def test_what_does_not_fit_the_form_is_named_and_not_counted(self, api: Api) -> None:
        for change, expected in MISFITS:
            told = faults(await recover_password(api, **FORGOTTEN | change))
            assert told == [(code, f"input.{name}") for code, name in expected]

        assert await api.sources.mongo.find("logInAttempts", {}) == []

    async def test_who_may_not_log_in_gets_nothing_back(self, api: Api, clock: Clock) -> None:
        """MB-7, MB-15: who has left, has only a postcard's password, or moved out long ago."""
        left = await join(api, MIRAI, LOGIN_ID)
        await remember(api, left, "ポチ", "PET")
        await join(api, MIRAI, LOGIN_ID, state=MemberState.WITHDRAWN)
        assert code_in(await recover_id(api, **ENTERED)) == "WRONG_PROOF"

        await join(api, MIRAI, LOGIN_ID)
        ends_at = clock.now + timedelta(days=30)
        await api.sources.mongo["members"].update_one(
            {"_id": left}, {"$set": {"passwordEndsAt": ends_at}}
        )
        assert code_in(await recover_password(api, **FORGOTTEN)) == "WRONG_PROOF"
        assert (await recover_id(api, **ENTERED))["loginId"] == LOGIN_ID

        await join(api, MIRAI, LOGIN_ID)
        world = World(api.sources)
        home = await world.place(MIRAI, left)
        (contract,) = home.contracts
        await world.change(home, contracts=(replace(contract, end_on=date(2038, 6, 1)),))
        assert code_in(await recover_id(api, **ENTERED)) == "WRONG_PROOF"
        assert code_in(await recover_password(api, **FORGOTTEN)) == "WRONG_PROOF"

    async def test_of_members_with_one_address_the_nickname_says_which_is_meant(
        self, api: Api
    ) -> None:
        names = {"hanako88": "はなちゃん", "taro88": "たろう", "taro99": "たろう"}
        for name, nickname in names.items():
            await remember(api, await join(api, "hapie", name), "ふじさん", nickname=nickname)

        told = await recover_id(api, **BY_NICKNAME | {"nickname": "ハナ"})
        assert code_in(told) == "WRONG_PROOF"
        told = await recover_id(api, **BY_NICKNAME | {"answer": "ふじ さん"})
        assert (told["loginId"], code_in(told)) == ("hanako88", None)
        taro = BY_NICKNAME | {"nickname": "たろう"}
        assert code_in(await recover_id(api, **taro)) == "WRONG_PROOF"
        assert (await recover_password(api, **taro | {"loginId": "taro99"}))["token"]


class TestTokens:
    async def test_a_token_works_once_for_ten_minutes_in_its_portal(
        self, api: Api, hanako: str, clock: Clock
    ) -> None:
        first, late = [await recover_password(api, **FORGOTTEN) for _ in range(2)]
        assert late["endsAt"] == "2040-06-15T12:20:00+09:00"
        assert code_in(await reset(api, first["token"], portal=MIRAI)) == "WRONG_TOKEN"
        assert code_in(await reset(api, late["token"])) == "WRONG_TOKEN"
        clock.advance(minutes=9, seconds=59.999)
        assert code_in(await reset(api, late["token"], "short", portal=MIRAI)) == "TOO_SHORT"
        clock.advance(seconds=0.001)
        assert code_in(await reset(api, late["token"], portal=MIRAI)) == "WRONG_TOKEN"

        token = (await recover_password(api, **FORGOTTEN))["token"]
        done = await asyncio.gather(*(reset(api, token, portal=MIRAI) for _ in range(3)))
        assert Counter(map(code_in, done)) == {None: 1, "WRONG_TOKEN": 2}
        assert await code_of(api, portal=MIRAI, loginId=LOGIN_ID, password=NEW) is None
        (told,) = await messages(api.sources, "PASSWORD_CHANGED")
        assert told["member"] == hanako


class TestSetting:
    async def test_a_new_answer_replaces_the_old_one_and_the_member_is_told(
        self, api: Api, hanako: str
    ) -> None:
        """MB-14."""
        older = (await recover_password(api, **FORGOTTEN))["token"]
        mine = (await log_in(api, portal=MIRAI, loginId=LOGIN_ID))["session"]["accessToken"]
        new: dict[str, str | None] = {"question": "SCHOOL", "answer": "東小学校"}
        assert code_in(await set_answer(api, None, **new)) == "NOT_LOGGED_IN"
        assert code_in(await set_answer(api, mine, **new)) == "PASSWORD_NEEDED"
        await confirm(api, mine, PASSWORD)
        assert faults(await set_answer(api, mine, question="STAR", answer="😀")) == [
            ("UNKNOWN_CHOICE", "input.question"),
            ("BAD_CHARACTER", "input.answer"),
        ]
        assert await seen(api, mine) == (True, "PET")

        assert (await set_answer(api, mine, **new))["userErrors"] == []

        assert await seen(api, mine) == (True, "SCHOOL")
        (mail,) = await messages(api.sources, "RECOVERY_CHANGED")
        assert (mail["member"], mail["to"]) == (hanako, EMAIL)
        assert code_in(await reset(api, older, portal=MIRAI)) == "WRONG_TOKEN"
        assert code_in(await recover_id(api, **ENTERED)) == "WRONG_PROOF"
        assert (await recover_id(api, **ENTERED | new))["loginId"] == LOGIN_ID

    async def test_a_keyword_has_no_question_and_other_portals_have_neither(
        self, api: Api, world: World
    ) -> None:
        member = await join(api, "hapie", "hanako88")
        session = (await log_in(api, portal="hapie", loginId="hanako88"))["session"]
        mine = session["accessToken"]
        await confirm(api, mine, PASSWORD)
        assert await seen(api, mine) == (False, None)

        asked = await set_answer(api, mine, question="PET", answer="ふじさん")
        assert faults(asked) == [("NOT_ASKED", "input.question")]
        assert code_in(await set_answer(api, mine, answer="ふじさん")) is None

        assert await seen(api, mine) == (True, None)
        (kept,) = await api.sources.mongo.find("members", {"_id": member})
        assert kept["recovery"]["question"] is None
        assert kept["recovery"]["answerHash"].startswith("$argon2id$")
        assert "ふじさん" not in repr(kept)
        await confirm(api, world.alice.token, PASSWORD)
        assert code_in(await set_answer(api, world.alice.token, answer="a")) == "NO_SUCH_WAY"


async def seen(api: Api, token: str) -> tuple[bool, Any]:
    """Whether the viewer has an answer, and the key of its question."""
    query = "{ viewer { hasRecoveryAnswer recoveryQuestion { key label { ja en } } } }"
    viewer = (await api.data(query, token))["viewer"]
    question = viewer["recoveryQuestion"]
    return viewer["hasRecoveryAnswer"], question and question["key"]
