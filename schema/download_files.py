"""GET /files/{token}: a file, made when it is asked for, sent once it is whole.

It is written beside memory and hashed before the first byte leaves: what goes wrong on the way is a
clear error, the entity tag is that of the content, and a client that is gone leaves nothing behind.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, cast
from urllib.parse import quote
from weakref import WeakValueDictionary

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send
from xxhash import xxh3_128

from datasources.room import Room
from domain.downloads import DownloadFormat, Grant, file_name
from domain.errors import KenshinError
from resolvers.app_access import note_seen
from resolvers.context import RequestContext
from resolvers.downloads import visit
from resolvers.file_makers import MAKERS
from resolvers.sources import Sources
from resolvers.threads import in_thread
from schema.conditional import matches
from schema.errors import public

_IN_MEMORY: Final = 1 << 20
"Bytes of a file that is kept in memory; of a larger one none are."
_BLOCK: Final = 1 << 16

_MEDIA_TYPES: Final[Mapping[DownloadFormat, bytes]] = {
    DownloadFormat.CSV: b"text/csv; charset=utf-8; header=present",
    DownloadFormat.XLSX: b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    DownloadFormat.GREEN_BUTTON: b"application/atom+xml; charset=utf-8",
    DownloadFormat.PDF: b"application/pdf",
}
_STATUSES: Final = {
    "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "CONSENT_REQUIRED": HTTPStatus.FORBIDDEN,
    "POSTCARD_IN_TRANSIT": HTTPStatus.FORBIDDEN,
    "NOT_YET_AVAILABLE": HTTPStatus.FORBIDDEN,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "LINK_ENDED": HTTPStatus.GONE,
    "LIMIT_EXCEEDED": HTTPStatus.TOO_MANY_REQUESTS,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
}
_OF_ALL: Final = [
    (b"cache-control", b"private, no-cache"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
]


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that is written."""

    name: str
    format: DownloadFormat
    tag: bytes
    size: int


class FilesView:
    """The endpoint of one process: it makes so many files at once, and one of each member."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._room = Room(sources.settings.files_at_once)
        self._rooms: WeakValueDictionary[str, Room] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _while_connected(receive, self._answer(scope, send))

    async def _answer(self, scope: Scope, send: Send) -> None:
        authorization, request_id = _header(scope, b"authorization"), scope["state"]["request_id"]
        try:
            context, grant = await visit(
                self._sources, scope["path_params"]["token"], authorization, request_id
            )
            # Until it is sent, so that who reads slowly holds no more than one file.
            async with self._rooms.setdefault(_holder(context), Room(1)).taken(1):
                with SpooledTemporaryFile(_IN_MEMORY) as spooled:
                    out = cast("BinaryIO", spooled)
                    made = await self._made(context, grant, out)
                    await self._send(made, out, scope, send)
        except Exception as error:
            known = public(error)
            if not isinstance(known, KenshinError):
                raise
            await _send_error(known, send)

    async def _made(self, context: RequestContext, grant: Grant, out: BinaryIO) -> _Made:
        async with self._room.taken(1):
            file = await MAKERS[grant.document.kind, grant.format](context, grant.document)
            await file.write(out)
            await note_seen(context)
            tag, size = await in_thread(partial(_tag_and_size, out))
        return _Made(file_name(file.name), grant.format, tag, size)

    async def _send(self, made: _Made, out: BinaryIO, scope: Scope, send: Send) -> None:
        headers = [*_OF_ALL, (b"etag", made.tag)]
        known = _header(scope, b"if-none-match")
        if matches(None if known is None else known.encode("latin-1"), made.tag):
            await _send_start(HTTPStatus.NOT_MODIFIED, headers, send)
            await _send_body(b"", send)
            return
        headers += [
            (b"content-type", _MEDIA_TYPES[made.format]),
            (b"content-length", b"%d" % made.size),
            (b"content-disposition", _attachment(made.name)),
            (b"accept-ranges", b"none"),
        ]
        await _send_start(HTTPStatus.OK, headers, send)
        if scope["method"] != "HEAD":
            await self._send_content(out, send)
        await _send_body(b"", send)

    async def _send_content(self, out: BinaryIO, send: Send) -> None:
        """Raises ClientDisconnect for a client that takes nothing for too long, or has just gone."""
        out.seek(0)
        while block := await in_thread(partial(out.read, _BLOCK)):
            try:
                async with asyncio.timeout(self._sources.settings.slow_download_seconds):
                    await _send_body(block, send, more=True)
            # uvloop refuses to write to a connection that broke before the server heard of it.
            except (TimeoutError, RuntimeError):
                raise ClientDisconnect from None


async def _while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Do some work; it is cancelled, and ClientDisconnect raised, when the client goes away."""
    working, gone = asyncio.create_task(work), asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait([working, gone], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        working.result()
    finally:
        gone.cancel()
        working.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    """Come back when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_error(error: KenshinError, send: Send) -> None:
    shown = {"message": str(error), **error.extensions}
    headers = [*_OF_ALL, (b"content-type", b"application/json")]
    status = _STATUSES.get(error.code, HTTPStatus.BAD_REQUEST)
    await _send_start(status, headers, send)
    await _send_body(orjson.dumps({"error": shown}), send)


async def _send_start(status: HTTPStatus, headers: list[tuple[bytes, bytes]], send: Send) -> None:
    await send({"type": "http.response.start", "status": int(status), "headers": headers})


async def _send_body(body: bytes, send: Send, *, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


def _holder(context: RequestContext) -> str:
    """Whose file it is: the member's, or an app's for them. `visit` has looked the session up."""
    return "" if context.session is None else context.session.holder


def _header(scope: Scope, name: bytes) -> str | None:
    found = [value for key, value in scope["headers"] if key == name]
    return b",".join(found).decode("latin-1") if found else None


def _tag_and_size(out: BinaryIO) -> tuple[bytes, int]:
    """Strong entity tag of a file's content, and its bytes."""
    out.seek(0)
    digest = xxh3_128()
    while block := out.read(_BLOCK):
        digest.update(block)
    return b'"%b"' % digest.hexdigest().encode(), out.tell()


def _attachment(name: str) -> bytes:
    """Content-Disposition with a name in any script (RFC 6266)."""
    suffix = name.rpartition(".")[2]
    return (
        f"attachment; filename=\"download.{suffix}\"; filename*=UTF-8''{quote(name, '')}".encode()
    )
