"""Templates of messages from the files of `portals/mail/`: one for each kind and language."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from domain.mail_texts import MailText, parse_mail_text
from domain.outbox import InvalidMessage, Language, MailKind

MAIL_TEXT_FOLDER: Final = Path(__file__).resolve().parents[1] / "portals" / "mail"
"Beside the packages, in a checkout as in an installation."

_KEPT: Final = 128
"More than there are kinds and languages."

MailTexts = Mapping[tuple[MailKind, Language], MailText]


def read_mail_texts(folder: Path = MAIL_TEXT_FOLDER) -> MailTexts:
    """All templates; raises InvalidMessage naming the file of a wrong or missing one."""
    return {
        (kind, language): _read(folder / f"{kind.value.lower()}.{language}.txt", kind, language)
        for kind in MailKind
        for language in Language
    }


_parsed = lru_cache(_KEPT)(parse_mail_text)
"Templates are read with every start of an application, and again by what checks them before it."


def _read(file: Path, kind: MailKind, language: Language) -> MailText:
    try:
        return _parsed(kind, language, file.read_text("utf-8"))
    except FileNotFoundError:
        raise InvalidMessage(f"portals/mail/{file.name}: is missing") from None
    except (InvalidMessage, UnicodeDecodeError) as error:
        raise InvalidMessage(f"portals/mail/{file.name}: {error}") from None
