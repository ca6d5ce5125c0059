"""Files for members: addresses that are given out, and what is written when they are fetched.

What can be fetched, and by which maker, is `file_makers`; how files are sent `schema.download_files`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from domain.downloads import FORMATS, Document, DownloadFormat, Grant, opened, signed
from domain.errors import BadInput, Forbidden, LimitExceeded
from domain.lockout import Allowance
from domain.members import Session
from domain.slots import TOKYO
from resolvers.context import RequestContext
from resolvers.sources import Sources
from resolvers.threads import in_thread

PATH: Final = "/files/"
_KEY: Final = "downloads"

Write = Callable[[BinaryIO], Awaitable[None]]
"Writes the whole file; called once, and what was written is thrown away if it raises."


@dataclass(frozen=True, slots=True)
class File:
    """A file that can be written: what members save it as, and its content.

    The same data must give the same bytes, since their hash is the entity tag: no time of making.
    """

    name: str
    write: Write


Maker = Callable[[RequestContext, Document], Awaitable[File]]
"""Gives a file of a document; raises KenshinError, as NotFound unless it belongs to who asks.

The context is that of the session which the address was given to, looked up again.
"""


@dataclass(frozen=True, slots=True)
class Download:
    """Address of a file, until `ends_at`."""

    url: str
    ends_at: datetime


async def download(
    context: RequestContext, document: Document, file_format: DownloadFormat
) -> Download:
    """Address of a document of who asks; the caller has checked that it is theirs.

    Raises BadInput for a format that there is not of this kind of document.
    """
    session = await context.require_session()
    context.require_proven()
    formats = FORMATS[document.kind]
    if file_format not in formats:
        raise BadInput(f"format must be {' or '.join(formats)} here, found {file_format}")
    settings = context.sources.settings
    life = timedelta(minutes=settings.download_minutes)
    ends_at = min(context.now + life, session.ends_at).replace(microsecond=0)
    grant = Grant(document, file_format, session.member, session.id, ends_at)
    token = signed(grant, await _key(context.sources, context.now))
    return Download(f"{settings.public_url.rstrip('/')}{PATH}{token}", ends_at)


async def visit(
    sources: Sources, token: str, authorization: str | None, request_id: str
) -> tuple[RequestContext, Grant]:
    """Who fetches a file, and which.

    Raises NotFound for an altered address, LinkEnded for an old one, Unauthenticated once the session
    that asked for it has ended, Forbidden if another member sends its own authorization along.
    """
    now = sources.clock()
    grant = opened(token, await _key(sources, now), now)
    asked_by = Session(grant.session, grant.member, "", grant.ends_at)
    context = RequestContext(sources, None, request_id, resumed=asked_by)
    session = await context.require_session()
    context.require_proven()
    if authorization is not None:
        sender = await RequestContext(sources, authorization, request_id).require_session()
        if sender.member != grant.member:
            raise Forbidden("this address was given to another member")
    await _count(context, session.holder)
    return context, grant


async def _count(context: RequestContext, holder: str) -> None:
    """Count a file of a member, or of an app for them.

    Raises LimitExceeded once there were too many in an hour.
    """
    most = context.sources.settings.downloads_per_member
    if not most:
        return
    name = f"download\0{holder}"
    again = await context.sources.addresses.take(name, context.now, Allowance(most))
    if again is not None:
        at = again.astimezone(TOKYO).isoformat(timespec="seconds")
        raise LimitExceeded(f"at most {most} files may be fetched in an hour: the next one at {at}")


async def write_bytes(out: BinaryIO, make: Callable[[], bytes]) -> None:
    """Write what a function gives that takes long: it runs in a thread."""
    out.write(await in_thread(make))


async def _key(sources: Sources, now: datetime) -> bytes:
    return await sources.signing_keys.key(_KEY, now)
