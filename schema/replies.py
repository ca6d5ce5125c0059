"""Answers on their way out: entity tag, content coding, and the messages of ASGI."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, NamedTuple

from starlette.types import Scope, Send

from schema.compression import compressed, negotiated, pays
from schema.conditional import etag_of, matches
from schema.execution.rows import Text
from schema.http_protocol import WHOLE
from schema.requests import id_header

_NOT_MODIFIED: Final = HTTPStatus.NOT_MODIFIED
"Looked up once: members of an enum are slow to get at."

VARY: Final = b"accept, accept-encoding, authorization"
_FIXED: Final = (
    (b"vary", VARY),
    # No page, if a browser shows it.
    (b"content-security-policy", b"default-src 'none'"),
)

Headers = Mapping[bytes, bytes]


class Reply(NamedTuple):
    """A response whose body is in parts."""

    status: HTTPStatus
    media_type: str
    parts: Sequence[Text]
    headers: Headers = MappingProxyType({})


async def send_reply(reply: Reply, scope: Scope, send: Send) -> None:
    """Answer a request; the server may take the reply whole."""
    headers = [
        (b"content-type", _content_type(reply.media_type)),
        (b"content-length", b"%d" % sum(map(len, reply.parts))),
        *_FIXED,
        *reply.headers.items(),
    ]
    if reply.status is _NOT_MODIFIED:
        headers = headers[2:]
    status = int(reply.status)
    answer = scope.get("extensions", {}).get(WHOLE)
    if answer is not None:
        state = scope["state"]
        state["status"] = status
        headers.append(id_header(state["request_id"]))
        await answer(status, headers, reply.parts)
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"".join(reply.parts)})


@lru_cache(8)
def _content_type(media_type: str) -> bytes:
    return f"{media_type}; charset=utf-8".encode()


async def coded(reply: Reply, accept_encoding: bytes | None) -> Reply:
    """The reply compressed as the client asks, where that pays."""
    coding = negotiated(accept_encoding)
    if coding is None or not pays(sum(map(len, reply.parts))):
        return reply
    body = await compressed(reply.parts, coding)
    headers = {**reply.headers, b"content-encoding": coding.token}
    return Reply(reply.status, reply.media_type, [body], headers)


def tagged(reply: Reply, if_none_match: bytes | None, policy: bytes) -> Reply:
    """The reply with its entity tag, or that the client has it already, and who may keep it."""
    tag = etag_of((reply.media_type.encode(), *reply.parts))
    headers = {**reply.headers, b"etag": tag, b"cache-control": policy}
    if matches(if_none_match, tag):
        return Reply(_NOT_MODIFIED, reply.media_type, [b""], headers)
    return Reply(reply.status, reply.media_type, reply.parts, headers)
