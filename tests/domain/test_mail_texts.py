"""Templates: those that ship fill in for every kind; wrong ones are refused when they are read."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.mail_texts import MAIL_TEXT_FOLDER, read_mail_texts
from datasources.portal_files import read_portals
from domain.mail_texts import one_line, parse_mail_text
from domain.outbox import Channel, InvalidMessage, Language, MailKind, is_date, is_instant
from tests.messages import AT, VALUES, message

TEXTS = read_mail_texts()
PORTAL = read_portals()["mirai"]
SHOWN = (
    VALUES
    | {name: "2040年6月15日 12:10" for name, value in VALUES.items() if value == AT}
    | {"from_on": "2040年5月10日", "last_on": "2040年6月9日", "due_on": "2040年7月6日"}
    | {"read_on": "2040年6月8日"}
)
ENGLISH = (
    SHOWN
    | {name: "2040-06-15 12:10 (Japan time)" for name in SHOWN if is_instant(name)}
    | {name: VALUES[name] for name in SHOWN if is_date(name)}
)
KIND = MailKind.NEW_DEVICE


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("language", Language)
def test_every_text_says_all_values_of_its_kind_and_who_writes(
    kind: MailKind, language: Language
) -> None:
    text = TEXTS[kind, language].filled(message(kind, language=language), PORTAL)

    shown = SHOWN if language is Language.JA else ENGLISH
    assert [name for name in kind.needs if shown[name] not in text.body] == []
    assert PORTAL.name in text.subject
    assert PORTAL.company in text.body
    assert "$" not in text.subject + text.body
    assert "\n" not in text.subject


def test_there_is_one_file_for_each_kind_and_language_and_no_other() -> None:
    assert {file.name for file in MAIL_TEXT_FOLDER.iterdir()} == {
        f"{kind.lower()}.{language}.txt" for kind in MailKind for language in Language
    }


def test_the_page_about_the_outbox_lists_every_kind_with_its_values() -> None:
    page = MAIL_TEXT_FOLDER.parents[1] / "docs" / "outbox.md"

    rows = re.findall(r"^\| `([A-Z_]+)` \|(.*?)\|", page.read_text("utf-8"), re.MULTILINE)

    assert {kind: set(re.findall(r"\w+", values)) for kind, values in rows} == {
        kind.value: set(kind.needs) for kind in MailKind
    }


def test_no_secret_stands_in_a_subject() -> None:
    """Subjects are shown on locked phones, and written down by mail servers."""
    for (kind, language), text in TEXTS.items():
        subject = text.filled(message(kind, language=language), PORTAL).subject
        told = {name: value for name, value in message(kind).values.items() if value in subject}
        assert told.keys() <= {"document"}, kind  # terms, which anybody may read


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "expected a subject, an empty line and a body"),
        ("Subject only", "expected a subject, an empty line and a body"),
        ("\n\n${device} ${at}", "expected a subject, an empty line and a body"),
        ("Subject\nno empty line\n${device} ${at}", "expected a subject, an empty line and a body"),
        ("Subject\n\n${device} ${at} ${at", r"a \$ must begin \$\{name\}, or be written \$\$"),
        ("Subject\n\n${device} ${at} 5$", r"a \$ must begin \$\{name\}, or be written \$\$"),
        ("Subject ${link}\n\n${device} ${at}", "NEW_DEVICE has no value link"),
        ("Subject\n\n${at}", "nothing is said of device"),
    ],
)
def test_a_wrong_template_is_refused_with_the_reason(source: str, problem: str) -> None:
    with pytest.raises(InvalidMessage, match=problem):
        parse_mail_text(KIND, Language.JA, source)


def test_a_missing_and_a_wrong_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidMessage, match=r"portals/mail/registration_link\.ja\.txt: is missing"
    ):
        read_mail_texts(tmp_path)

    for file in MAIL_TEXT_FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "new_device.en.txt").write_text("Subject\n\n${at}")
    with pytest.raises(InvalidMessage, match=r"portals/mail/new_device\.en\.txt: nothing is said"):
        read_mail_texts(tmp_path)


@given(st.text(st.characters(codec=None)))
def test_what_a_value_holds_is_shown_as_it_is_on_one_line(value: str) -> None:
    text = TEXTS[KIND, Language.JA]
    plain = text.filled(message(KIND, device="DEVICE"), PORTAL)

    filled = text.filled(message(KIND, device=value), PORTAL)

    assert filled.subject == plain.subject
    assert filled.body == plain.body.replace("DEVICE", one_line(value))
    assert len(filled.body.splitlines()) == len(plain.body.splitlines())


def test_what_breaks_a_line_or_hides_is_a_space() -> None:
    assert one_line("a\r\nb\u2028c\u202ed\u200be\x00f\ud800g") == "a  b c d e f g"
    assert one_line("検針　花子 𠮷野 é 👪") == "検針　花子 𠮷野 é 👪"


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    filled = TEXTS[KIND, Language.JA].filled(message(KIND, device="${company} $$"), PORTAL)

    assert "端末: ${company} $$\n" in filled.body


def test_every_portal_stands_in_its_own_mails() -> None:
    other = replace(PORTAL, name="ほかの窓口", company="ほかの会社")

    filled = TEXTS[KIND, Language.JA].filled(message(KIND), other)

    assert filled.subject.startswith("【ほかの窓口】")
    assert filled.body.endswith("ほかの会社\nこのメールは送信専用です。\n")
    assert {kind.channel for kind in MailKind} == {Channel.MAIL, Channel.LETTER}
