"""What the address of a file says: which file, for whose session, and until when. Signed, not kept.

Who may have which file is asked again when it is fetched; an address alone proves nothing but that it
was given out.
"""

import hmac
import json
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from domain.errors import LinkEnded, NotFound

_LABEL: Final = b"kenshin download 1\0"
"So that what is signed here passes for nothing else, and later forms can be told apart."
_UNFIT: Final = re.compile(r'[\\/:*?"<>|]|^\.')
_LONGEST_STEM: Final = 60
"Characters of a file's name before its suffix; in UTF-8 they may take four bytes each, of 255."


class DownloadFormat(StrEnum):
    CSV = "CSV"
    XLSX = "XLSX"
    GREEN_BUTTON = "GREEN_BUTTON"
    PDF = "PDF"


class DocumentKind(StrEnum):
    USAGE = "USAGE"
    BILL = "BILL"
    INVOICE = "INVOICE"
    CERTIFICATE = "CERTIFICATE"


FORMATS: Final[Mapping[DocumentKind, tuple[DownloadFormat, ...]]] = {
    DocumentKind.USAGE: (
        DownloadFormat.CSV,
        DownloadFormat.XLSX,
        DownloadFormat.GREEN_BUTTON,
    ),
    DocumentKind.BILL: (DownloadFormat.PDF, DownloadFormat.CSV),
    DocumentKind.INVOICE: (DownloadFormat.PDF,),
    DocumentKind.CERTIFICATE: (DownloadFormat.PDF,),
}
"In which formats each kind of document is given."


@dataclass(frozen=True, slots=True)
class Document:
    """What a file is of: `key` is the id of the object, `values` whatever else names the file."""

    kind: DocumentKind
    key: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A member may fetch a document in a format, as long as that session lasts, before `ends_at`."""

    document: Document
    format: DownloadFormat
    member: str
    session: str
    ends_at: datetime


def file_name(wanted: str) -> str:
    """A name that every system takes: no separators, no control or invisible characters, not long."""
    stem, dot, suffix = wanted.rpartition(".")
    shown = "".join(c for c in stem if unicodedata.category(c)[0] != "C")
    return f"{_UNFIT.sub('_', shown)[:_LONGEST_STEM]}{dot}{suffix}"


def signed(grant: Grant, key: bytes) -> str:
    """A grant as text for a URL, with its signature; seconds of `ends_at` are whole."""
    document = grant.document
    said = [
        document.kind,
        document.key,
        list(document.values),
        grant.format,
        grant.member,
        grant.session,
        int(grant.ends_at.timestamp()),
    ]
    text = _text(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())
    return f"{text}.{_signature(text, key)}"


def opened(token: str, key: bytes, now: datetime) -> Grant:
    """The grant in a token.

    Raises NotFound unless every character is as it was given out, LinkEnded once its time is over.
    """
    text, _, signature = token.partition(".")
    # Compared as texts: other last characters would give the same bytes.
    if not hmac.compare_digest(signature.encode(), _signature(text, key).encode()):
        raise NotFound("this is no address of a file: it was altered, or cut off")
    kind, object_key, values, file_format, member, session, ends = json.loads(_bytes(text))
    ends_at = datetime.fromtimestamp(ends, UTC)
    if now >= ends_at:
        raise LinkEnded
    document = Document(DocumentKind(kind), object_key, tuple(values))
    return Grant(document, DownloadFormat(file_format), member, session, ends_at)


def _signature(text: str, key: bytes) -> str:
    return _text(hmac.digest(key, _LABEL + text.encode(), sha256))


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
