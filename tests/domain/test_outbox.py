"""Messages: what each kind says, whom it goes to, when a failed one is tried again (NO-4)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outbox import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Channel,
    InvalidMessage,
    Language,
    MailKind,
    Message,
    PostalAddress,
    cleaned,
    kinds_of,
    pause_before,
    postal_address,
    split_address,
)
from tests.messages import AT, HOME, message

TEXTS = st.text(st.characters(exclude_characters="\n"), min_size=1).filter(
    lambda text: text == text.strip() != ""
)


@pytest.mark.parametrize("kind", MailKind)
def test_a_message_says_exactly_what_its_kind_needs(kind: MailKind) -> None:
    whole = message(kind)
    assert whole.values.keys() == kind.needs

    with pytest.raises(InvalidMessage, match=rf"{kind}: expected the values \["):
        message(kind, surplus="x")
    for name in kind.needs:
        fewer = {key: value for key, value in whole.values.items() if key != name}
        with pytest.raises(InvalidMessage, match="expected the values"):
            Message(kind, "mirai", None, whole.to, Language.JA, fewer)


@pytest.mark.parametrize(
    ("at", "problem"),
    [
        ("", "PASSWORD_CHANGED: at must be an ISO 8601 instant"),
        ("tomorrow", "PASSWORD_CHANGED: at must be an ISO 8601 instant"),
        ("2040-06-15T03:10:00", "PASSWORD_CHANGED: at must have an offset"),
    ],
)
def test_an_instant_that_is_none_is_refused(at: str, problem: str) -> None:
    with pytest.raises(InvalidMessage, match=problem):
        message(at=at)


@pytest.mark.parametrize("on", ["", "tomorrow", "2040-02-30", "2040-06-15T03:10:00+00:00"])
def test_a_date_that_is_none_is_refused(on: str) -> None:
    with pytest.raises(InvalidMessage, match="READING: read_on must be an ISO 8601 date"):
        message(MailKind.READING, read_on=on)


def test_postcards_leave_as_letters_and_all_others_as_mail() -> None:
    assert kinds_of(Channel.LETTER) == [
        MailKind.POSTCARD_CODE,
        MailKind.FIRST_PASSWORD,
        MailKind.ACCOUNT_POSTCARD,
    ]
    assert set(kinds_of(Channel.MAIL)) | set(kinds_of(Channel.LETTER)) == set(MailKind)


@pytest.mark.parametrize(
    "to",
    ["", "hanako@example.jp", "060-0001\n検針 花子", "060-0001\n\n検針 花子", "\n札幌市\n花子"],
)
def test_a_letter_needs_a_postal_address(to: str) -> None:
    with pytest.raises(InvalidMessage, match="a postal address has"):
        Message(
            MailKind.POSTCARD_CODE, "mirai", None, to, Language.JA, {"code": "1", "ends_at": AT}
        )


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_a_postal_address_comes_back_as_it_was_written(
    code: str, lines: list[str], name: str
) -> None:
    address = PostalAddress(code, tuple(lines), name)
    assert split_address(postal_address(address)) == address


@pytest.mark.parametrize(
    "address",
    [
        PostalAddress("060-0001", (), "花子"),
        PostalAddress("060-0001", ("札幌市",), ""),
        PostalAddress("060-0001", ("札幌市\n中央区",), "花子"),
    ],
)
def test_a_postal_address_with_a_missing_or_broken_part_is_refused(address: PostalAddress) -> None:
    with pytest.raises(InvalidMessage, match="a p"):
        postal_address(address)


def test_a_mail_address_is_not_judged_when_a_message_is_written() -> None:
    assert message(to="no address at all").to == "no address at all"


def test_pauses_double_until_they_are_the_longest() -> None:
    pauses = [pause_before(attempt, 0.0) for attempt in range(2, 12)]

    assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert pauses[-1] == LONGEST_PAUSE


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_chance_takes_away_up_to_half_of_a_pause(attempt: int, chance: float) -> None:
    longest, pause = pause_before(attempt, 0.0), pause_before(attempt, chance)

    assert timedelta(0) < longest / 2 <= pause <= longest <= LONGEST_PAUSE


@given(st.text(st.characters(codec=None)))
def test_a_cleaned_text_can_be_written_anywhere(text: str) -> None:
    assert len(cleaned(text).encode()) >= len(text)
    assert cleaned("花\ud800子") == "花?子"
    assert cleaned(HOME) == HOME
