"""Mail that lands in a folder, for the demo and for development: one `.eml` file each."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from datasources.mail import Mail, MailDelayed
from datasources.private_files import write_private

_ID: Final = re.compile(r"[0-9a-f]{24}")
"No other name of a file is ever read."


@dataclass(frozen=True, slots=True)
class StoredMail:
    id: str
    at: datetime
    sender: str
    to: str
    subject: str
    body: str


class MailFolder:
    """A folder of mails; a mail that comes again takes the place of its first copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def carry(self, mail: Mail) -> None:
        try:
            await asyncio.to_thread(self._write, mail)
        except OSError as error:
            raise MailDelayed(type(error).__name__) from None

    async def rest(self) -> None:
        """Nothing is held."""

    async def newest(self, limit: int) -> list[StoredMail]:
        """The newest mails first."""
        return await asyncio.to_thread(self._newest, limit)

    async def mail(self, key: str) -> StoredMail | None:
        """One mail; None if there is none of this id."""
        return await asyncio.to_thread(self._read, key) if _ID.fullmatch(key) else None

    def _write(self, mail: Mail) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_private(self._folder / f"{mail.id}.eml", mail.content)

    def _newest(self, limit: int) -> list[StoredMail]:
        files = [file for file in self._folder.glob("*.eml") if _ID.fullmatch(file.stem)]
        files.sort(key=lambda file: file.stat().st_mtime_ns, reverse=True)
        return [mail for file in files[:limit] if (mail := self._read(file.stem))]

    def _read(self, key: str) -> StoredMail | None:
        try:
            content = (self._folder / f"{key}.eml").read_bytes()
        except FileNotFoundError:
            return None
        mail = message_from_bytes(content)
        body = mail.get_payload(decode=True)
        return StoredMail(
            id=key,
            at=parsedate_to_datetime(mail["Date"]),
            sender=_shown(mail, "From"),
            to=_shown(mail, "To"),
            subject=_shown(mail, "Subject"),
            body=body.decode() if isinstance(body, bytes) else "",
        )


def _shown(mail: Message, name: str) -> str:
    """A header as a reader shows it."""
    return str(make_header(decode_header(mail[name].replace("\r\n", ""))))
