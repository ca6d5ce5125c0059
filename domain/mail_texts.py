"""The texts of messages: checked templates, and filling them in for one message.

A template's first line is the subject, after an empty line comes the body; `${name}` stands for a value
of the message, or for `portal_name` or `company`. A template that does not use exactly the values of
its kind is refused when it is read, so that filling in cannot fail later.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from string import Template
from typing import Final

from domain.outbox import InvalidMessage, Language, MailKind, Message, is_date, is_instant
from domain.portal import Portal
from domain.slots import TOKYO

_OF_THE_PORTAL: Final = frozenset({"portal_name", "company"})
_INSTANTS: Final[Mapping[Language, str]] = {
    Language.JA: "{0.year}年{0.month}月{0.day}日 {0:%H:%M}",
    Language.EN: "{0:%Y-%m-%d %H:%M} (Japan time)",
}
_DATES: Final[Mapping[Language, str]] = {
    Language.JA: "{0.year}年{0.month}月{0.day}日",
    Language.EN: "{0:%Y-%m-%d}",
}
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that would break a line, turn its direction round or hide: what a client
sent, such as the name of its device, may not shape a mail of ours."""


@dataclass(frozen=True, slots=True)
class MailText:
    """A checked template of one kind in one language."""

    language: Language
    subject: Template
    body: Template

    def filled(self, message: Message, portal: Portal) -> "FilledText":
        """What this message says."""
        values = {name: self._shown(name, value) for name, value in message.values.items()}
        values |= {"portal_name": one_line(portal.name), "company": one_line(portal.company)}
        return FilledText(self.subject.substitute(values), self.body.substitute(values))

    def _shown(self, name: str, value: str) -> str:
        if is_instant(name):
            at = datetime.fromisoformat(value).astimezone(TOKYO)
            return _INSTANTS[self.language].format(at)
        if is_date(name):
            return _DATES[self.language].format(date.fromisoformat(value))
        return one_line(value)


@dataclass(frozen=True, slots=True)
class FilledText:
    subject: str = field(repr=False)
    body: str = field(repr=False)


def parse_mail_text(kind: MailKind, language: Language, source: str) -> MailText:
    """A template from its file; raises InvalidMessage."""
    subject, _, rest = source.partition("\n")
    empty, _, body = rest.partition("\n")
    if not subject.strip() or empty.strip() or not body.strip():
        raise InvalidMessage("expected a subject, an empty line and a body")
    text = MailText(language, Template(subject.strip()), Template(body.strip() + "\n"))
    used: set[str] = set()
    for part in (text.subject, text.body):
        if not part.is_valid():
            raise InvalidMessage("a $ must begin ${name}, or be written $$")
        used.update(part.get_identifiers())
    if unknown := sorted(used - kind.needs - _OF_THE_PORTAL):
        raise InvalidMessage(f"{kind} has no value {unknown[0]}")
    if unused := sorted(kind.needs - used):
        raise InvalidMessage(f"nothing is said of {unused[0]}")
    return text


def one_line(text: str) -> str:
    """A text without characters that are no mark of their own; a space stands for each."""
    return "".join(" " if unicodedata.category(char) in _UNSEEN else char for char in text)
