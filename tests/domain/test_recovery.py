"""What answers are compared by, what a new one may be, and whose an answer must be (MB-11)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.members import Credentials, Member, MemberProfile, MemberState, RecoveryAnswer
from domain.policy import RecoveryWay
from domain.recovery import GivenAnswer, Recollection, answer_faults, answer_key, meant
from tests.policies import PORTALS

HANAKO = Credentials(
    Member(
        "a",
        "aozora",
        "Hanako88",
        MemberState.ACTIVE,
        MemberProfile("検針 花子", None, "home@example.jp", None),
        fields={"nickname": "はな"},
    ),
    "hash",
    (),
    1,
    recovery=RecoveryAnswer("CLOUD", "hash of the answer"),
)
TARO = replace(
    HANAKO, member=replace(HANAKO.member, id="b", login_id="taro88", fields={"nickname": "たろ"})
)
BY_QUESTION = Recollection(
    RecoveryWay.SECRET_QUESTION, "home@example.jp", "hanako88", "CLOUD", None, "入道雲"
)
BY_NICKNAME = Recollection(
    RecoveryWay.KEYWORD_AND_NICKNAME, "home@example.jp", None, None, "は な", "入道雲"
)


@pytest.mark.parametrize(
    "typed",
    [
        "Cumulus Nimbus",
        "ＣＵＭＵＬＵＳ\u3000ＮＩＭＢＵＳ",
        " cumulusnimbus ",
        "CumuLus\u00a0nimbus",
    ],
)
def test_width_spaces_and_case_of_an_answer_do_not_matter(typed: str) -> None:
    assert answer_key(typed) == "cumulusnimbus"


def test_another_answer_is_another_one() -> None:
    assert len({answer_key(text) for text in ("ポチ", "ポチ2", "ぽち", "タマ", "ホチ")}) == 5
    assert answer_key("ﾎﾟﾁ") == answer_key("ポチ")


@given(st.text(st.characters(codec=None)))
def test_a_key_is_its_own_key_whatever_was_typed(text: str) -> None:
    assert answer_key(answer_key(text)) == answer_key(text)
    assert answer_key(f" {text}\u3000") == answer_key(text)


@pytest.mark.parametrize(
    ("portal", "question", "answer", "expected"),
    [
        ("mirai", "PET", "ポチ", []),
        ("mirai", None, "ポチ", [("REQUIRED", "question")]),
        ("mirai", "pet", "", [("UNKNOWN_CHOICE", "question"), ("REQUIRED", "answer")]),
        ("mirai", "PET", "ポ" * 21, [("TOO_LONG", "answer")]),
        ("mirai", "PET", "\u202eポチ", [("BAD_CHARACTER", "answer")]),
        ("mirai", "PET", "😀", [("BAD_CHARACTER", "answer")]),
        ("mirai", "PET", "\ud800", [("BAD_CHARACTER", "answer")]),
        ("hapie", None, "かんでん太郎", []),
        ("hapie", None, "kanden", [("HALF_WIDTH", "answer")]),
        ("hapie", None, "か" * 11, [("TOO_LONG", "answer")]),
    ],
)
def test_a_new_answer_has_the_form_that_the_portal_asks_for(
    portal: str, question: str | None, answer: str, expected: list[tuple[str, str]]
) -> None:
    rule = PORTALS[portal].recovery
    faults = answer_faults(rule, GivenAnswer(question, answer), ("recovery",))
    assert [(fault.code, ".".join(fault.field)) for fault in faults] == [
        (code, f"recovery.{name}") for code, name in expected
    ]


class TestWhoIsMeant:
    def test_it_is_the_one_of_whom_question_and_login_id_are_right(self) -> None:
        assert meant([HANAKO, TARO], BY_QUESTION) is HANAKO
        assert meant([HANAKO], replace(BY_QUESTION, login_id=None)) is HANAKO

    def test_it_is_the_one_of_whom_the_nickname_is_right(self) -> None:
        assert meant([HANAKO, TARO], BY_NICKNAME) is HANAKO
        assert meant([HANAKO, TARO], replace(BY_NICKNAME, nickname="タロ")) is None
        assert meant([HANAKO, TARO], replace(BY_NICKNAME, nickname="たろ")) is TARO

    @pytest.mark.parametrize(
        "entered",
        [
            replace(BY_QUESTION, login_id="hanako8"),
            replace(BY_QUESTION, login_id=""),
            replace(BY_QUESTION, question="STAR"),
            replace(BY_QUESTION, question=None),
            replace(BY_NICKNAME, nickname=""),
            replace(BY_NICKNAME, nickname="\ud800"),
            replace(BY_NICKNAME, login_id="taro88"),
        ],
    )
    def test_it_is_nobody_if_anything_is_wrong(self, entered: Recollection) -> None:
        assert meant([HANAKO, TARO], entered) is None

    def test_it_is_nobody_who_has_no_answer_or_no_nickname(self) -> None:
        assert meant([replace(HANAKO, recovery=None)], BY_QUESTION) is None
        nameless = replace(HANAKO, member=replace(HANAKO.member, fields={}))
        assert meant([nameless], replace(BY_NICKNAME, nickname="")) is None

    def test_it_is_nobody_of_two_who_could_be_meant(self) -> None:
        """Only one answer is judged, so that time does not tell how many there are."""
        twin = replace(TARO, member=replace(TARO.member, fields={"nickname": "はな"}))
        assert meant([HANAKO, twin], BY_NICKNAME) is None
        assert meant([HANAKO, twin], replace(BY_NICKNAME, login_id="taro88")) is twin
