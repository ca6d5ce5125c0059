"""Mails as RFC 5322 wants them, and what everything that carries them promises.

Addresses and values can come from anybody: no line ends come near a header, and addresses are checked.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.header import Header
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from typing import Final, Protocol

from domain.mail_texts import FilledText, one_line
from domain.outbox import Dispatch, InvalidMessage
from domain.portal import Portal

_POLICY: Final = compat32.clone(linesep="\r\n")
"Its younger sisters lose spaces of a subject between words that they encode."
_MAX_ADDRESS: Final = 254
"RFC 5321, 4.5.3.1.3."
_LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


class MailRefused(Exception):
    """A mail will never be taken: its recipient or its content is refused. The text says why."""


class MailDelayed(Exception):
    """It could not be handed over now; later it may. The text says why."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail on its way to one address."""

    id: str
    to: str = field(repr=False)
    "As SMTP is told; checked."
    content: bytes = field(repr=False)


class Carrier(Protocol):
    """Something that carries mails away, one after the other."""

    async def carry(self, mail: Mail) -> None:
        """Hand a mail over for good; raises MailRefused or MailDelayed."""

    async def rest(self) -> None:
        """There is nothing to carry at present."""


OpenCarrier = Callable[[], Carrier]


def mail_of(dispatch: Dispatch, text: FilledText, portal: Portal, sender: str) -> Mail:
    """The mail of a message, the same for every attempt; raises InvalidMessage for a bad address."""
    to = envelope_address(dispatch.message.to)
    mail = MIMEText(text.body.replace("\n", "\r\n"), "plain", "utf-8", policy=_POLICY)
    mail["Message-ID"] = dispatch.message_id
    mail["Date"] = format_datetime(dispatch.created_at)
    mail["From"] = f"{_words('From', portal.name)} <{envelope_address(sender)}>"
    mail["To"] = to
    mail["Subject"] = _words("Subject", text.subject)
    mail["Content-Language"] = dispatch.message.language.value
    mail["Auto-Submitted"] = "auto-generated"
    return Mail(dispatch.id, to, mail.as_bytes())


def _words(header: str, text: str) -> str:
    """A text as encoded words."""
    return Header(one_line(text), "utf-8", header_name=header).encode(linesep="")


def envelope_address(address: str) -> str:
    """An e-mail address as SMTP is told it; raises InvalidMessage.

    Some Japanese carriers gave out local parts with dots where none may be; those are quoted.
    """
    local, _, domain = address.rpartition("@")
    if len(address) > _MAX_ADDRESS or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise InvalidMessage("not an e-mail address")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return f'"{local}"@{domain}'
    return address
