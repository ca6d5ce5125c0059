"""Mails as they are written: any value stays where it belongs, and Japanese comes through."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datasources.mail import envelope_address, mail_of
from datasources.mail_texts import read_mail_texts
from datasources.portal_files import read_portals
from domain.mail_texts import one_line
from domain.outbox import Channel, Dispatch, InvalidMessage, MailKind, Message, kinds_of
from tests.api import NOW
from tests.messages import message

TEXTS = read_mail_texts()
PORTALS = read_portals()
SENDER = "no-reply@portal.example"
HEADERS = [
    "Content-Type",
    "MIME-Version",
    "Content-Transfer-Encoding",
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "Content-Language",
    "Auto-Submitted",
]


def written(message: Message, name: str | None = None) -> bytes:
    """A message as bytes; `name` instead of the portal's."""
    portal = PORTALS[message.portal]
    if name is not None:
        portal = replace(portal, name=name)
    text = TEXTS[message.kind, message.language].filled(message, portal)
    dispatch = Dispatch("b" * 24, "<b@portal.example>", message, 1, NOW, NOW + timedelta(days=2))
    return mail_of(dispatch, text, portal, SENDER).content


def sender_of(content: bytes) -> tuple[str, str]:
    """Name and address, read by other code than the standard library's newest: that adds spaces."""
    name, address = parseaddr(message_from_bytes(content)["From"].replace("\r\n", ""))
    return str(make_header(decode_header(name))), address


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, EmailMessage, policy=default)


@pytest.mark.parametrize("kind", kinds_of(Channel.MAIL))
@pytest.mark.parametrize("portal", sorted(PORTALS))
def test_a_mail_reads_as_it_was_written(kind: MailKind, portal: str) -> None:
    sent = message(kind, portal=portal)
    text = TEXTS[kind, sent.language].filled(sent, PORTALS[portal])

    mail = read(written(sent))

    assert (mail["Message-ID"], mail["Date"].datetime) == ("<b@portal.example>", NOW)
    assert str(mail["Subject"]) == text.subject
    assert sender_of(written(sent)) == (PORTALS[portal].name, SENDER)
    assert [to.addr_spec for to in mail["To"].addresses] == ["hanako@example.jp"]
    assert mail.get_content() == text.body.replace("\n", "\r\n")
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_mail_is_the_same_at_every_attempt_and_any_server_takes_it() -> None:
    content = written(message())

    assert written(message()) == content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert b"\n" not in content.replace(b"\r\n", b"")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200))
@example("a b" * 40)
@example("あ" * 60 + " 】 会員 a b")
def test_any_name_of_a_portal_reads_as_it_was_written(name: str) -> None:
    content = written(message(), name)

    assert sender_of(content)[0].split() == one_line(name).split()
    assert "".join(read(content)["Subject"].split()) == "".join(
        f"【{one_line(name)}】パスワードが変更されました".split()
    )


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec="utf-8"), min_size=1))
def test_no_value_can_begin_a_header_or_change_who_gets_the_mail(device: str, name: str) -> None:
    mail = read(written(message(MailKind.NEW_DEVICE, device=device), name))

    assert mail.keys() == HEADERS
    assert [to.addr_spec for to in mail["To"].addresses] == ["hanako@example.jp"]
    assert mail["From"].addresses[0].addr_spec == SENDER
    assert mail.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("address", "envelope"),
    [
        ("hanako@example.jp", "hanako@example.jp"),
        ("Hanako+bill_1@mail.example.co.jp", "Hanako+bill_1@mail.example.co.jp"),
        ("h..anako.@carrier.example", '"h..anako."@carrier.example'),
        (".hanako@carrier.example", '".hanako"@carrier.example'),
        ("a@localhost", "a@localhost"),
    ],
)
def test_an_address_is_told_to_servers_as_they_want_it(address: str, envelope: str) -> None:
    assert envelope_address(address) == envelope

    mail = read(written(message(to=address)))
    (to,) = mail["To"].addresses
    assert f"{to.username}@{to.domain}" == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "hanako",
        "hanako@",
        "@example.jp",
        "hanako@example..jp",
        "hanako@-example.jp",
        "hanako＠example.jp",
        "花子@example.jp",
        "hanako@例.jp",
        "hanako@example.jp ",
        "hana ko@example.jp",
        "hanako@example.jp\r\nBcc: all@example.jp",
        "hanako@example.jp>, <all@example.jp",
        "hanako@example.jp,all@example.jp",
        "Hanako <hanako@example.jp>",
        '"hanako"@example.jp',
        "hanako\x00@example.jp",
        "hanako\u200b@example.jp",
        f"{'a' * 65}@example.jp",
        f"a@{'b.' * 130}jp",
    ],
)
def test_what_is_no_address_is_refused_and_not_quoted_in_the_reason(address: str) -> None:
    with pytest.raises(InvalidMessage, match=r"^not an e-mail address$"):
        written(message(to=address or "@"))
