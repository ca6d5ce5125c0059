"""Files of the built page on their way out: small, tagged, and read from the disk once."""

import asyncio
import gzip
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple

import brotli
from starlette.requests import Request
from starlette.responses import Response

from schema.compression import negotiated, pays
from schema.conditional import etag_of, matches

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PAGE_FOLDER: Final = Path(__file__).resolve().parents[1] / "web" / "dist"
"Beside the packages, in a checkout as in an installation."

_MOST: Final = 128
"Bodies that are kept: of some thirty files in four codings."
_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
# What is compressed once may take longer than an answer: the largest file takes 0.4 s, in a thread, and
# is 5 to 10 % smaller for it.
_ENCODE: Final[Mapping[bytes, Callable[[bytes], bytes]]] = {
    b"zstd": lambda content: zstd.compress(content, 12),
    b"br": lambda content: brotli.compress(content, quality=9),
    b"gzip": lambda content: gzip.compress(content, 9, mtime=0),
    b"": lambda content: content,
}


class _File(NamedTuple):
    coding: str
    body: bytes
    tag: str


async def file_response(
    request: Request, path: Path, headers: Mapping[str, str], head: str = ""
) -> Response | None:
    """A file as the client likes it best; None if there is none. `head` is added to that of HTML."""
    coding = negotiated(request.headers.get("accept-encoding", "").encode("latin-1"))
    try:
        file = await asyncio.to_thread(_file, path, head, coding.token if coding else b"")
    except (OSError, ValueError):  # for a path that no file can have
        return None
    shared = {"etag": file.tag, "vary": "accept-encoding", **headers}
    known = request.headers.get("if-none-match")
    if known is not None and matches(known.encode("latin-1"), file.tag.encode()):
        return Response(status_code=int(HTTPStatus.NOT_MODIFIED), headers=shared)
    if file.coding:
        shared["content-encoding"] = file.coding
    return Response(file.body, headers=shared, media_type=_TYPES.get(path.suffix))


def _file(path: Path, head: str, token: bytes) -> _File:
    return _encoded(path, path.stat().st_mtime_ns, head, token)


@lru_cache(_MOST)
def _encoded(path: Path, _written: int, head: str, token: bytes) -> _File:
    """A file in a coding. A new build is another file: it was written later."""
    content = path.read_bytes()
    if head:
        content = content.replace(b"</head>", f"{head}</head>".encode(), 1)
    token = token if pays(len(content)) else b""
    return _File(token.decode(), _ENCODE[token](content), etag_of([content]).decode())
