"""Which web pages may use the API from a browser: the answers of CORS, and the origins of sockets.

Nothing here keeps anybody out but browsers, on behalf of who uses them; every other client may leave
out the header. Nobody is known by a cookie at the GraphQL endpoint, so credentials are never allowed.
"""

import time
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datasources.mongo import PyMongoError, describe
from domain.errors import Forbidden
from resolvers.sources import Sources
from schema.http_protocol import WHOLE

_KEPT_SECONDS: Final = 30.0
"So long a new app's pages may have to wait; the pages of an unknown app would else read the database."

_log = structlog.get_logger()
_ASKED: Final = b"access-control-request-method"
_VARY: Final = b"origin"
_OF_ANSWERS: Final = (
    b"access-control-expose-headers",
    b"date, etag, ratelimit, ratelimit-policy, retry-after, x-request-id",
)
_OF_PREFLIGHTS: Final = (
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"7200"),
    (b"vary", _VARY),
    (b"content-length", b"0"),
)


class Origins:
    """The allow-list: pages of this server, those of the setting, and those of the apps."""

    def __init__(self, sources: Sources) -> None:
        settings = sources.settings
        own = urlsplit(settings.public_url)
        self._listed = frozenset({*settings.origins.split(), f"{own.scheme}://{own.netloc}"})
        self._apps = sources.apps
        self._of_apps: frozenset[str] = frozenset()
        self._read_at: float | None = None

    async def allow(self, origin: str, host: str) -> bool:
        """Whether pages of an origin may use the server, which was asked as `host`."""
        if origin.partition("://")[2] == host or origin in self._listed:
            return True
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > _KEPT_SECONDS:
            try:
                self._of_apps = await self._apps.origins()
            except PyMongoError as error:
                _log.warning("cannot read the origins of apps", error=describe(error))
            self._read_at = now
        return origin in self._of_apps


async def foreign(origins: Origins, scope: Scope) -> bool:
    """Whether a page that may not use the server sends the request."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    # Only browsers set the second, and a form of our own page may come from the origin `null`.
    if origin is None or headers.get(b"sec-fetch-site") == b"same-origin":
        return False
    host = headers.get(b"host", b"").decode("latin-1")
    return not await origins.allow(origin.decode("latin-1"), host)


async def for_pages(origins: Origins, scope: Scope, send: Send) -> Send | None:
    """How to answer a request that has an origin; None if it is answered already.

    Preflights are answered, and so are requests of pages that may not use the server.
    """
    headers = dict(scope["headers"])
    if await foreign(origins, scope):
        await _refuse(send)
        return None
    if scope["method"] == "OPTIONS" and _ASKED in headers:
        await _send(send, HTTPStatus.NO_CONTENT, [_allowed(headers[b"origin"]), *_OF_PREFLIGHTS])
        return None
    scope.get("extensions", {}).pop(WHOLE, None)
    return _allowing(headers[b"origin"], send)


class Cors:
    """ASGI middleware: CORS around what does not look at the origin itself.

    `public` is a path that pages of any origin may load.
    """

    def __init__(self, app: ASGIApp, origins: Origins, public: str) -> None:
        self._app = app
        self._origins = origins
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering: Send | None = send
        from_page = any(name == b"origin" for name, _ in scope.get("headers", ()))
        if scope["type"] == "http" and from_page and scope["path"] != self._public:
            answering = await for_pages(self._origins, scope, send)
        if answering is not None:
            await self._app(scope, receive, answering)


def _allowed(origin: bytes) -> tuple[bytes, bytes]:
    return (b"access-control-allow-origin", origin)


def _allowing(origin: bytes, send: Send) -> Send:
    async def send_allowing(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), _allowed(origin), _OF_ANSWERS, (b"vary", _VARY)]
            message = {**message, "headers": headers}
        await send(message)

    return send_allowing


async def _refuse(send: Send) -> None:
    error = Forbidden("pages of this origin may not use the API from a browser")
    body = orjson.dumps({"errors": [{"message": str(error), "extensions": error.extensions}]})
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"vary", _VARY),
    ]
    await _send(send, HTTPStatus.FORBIDDEN, headers, body)


async def _send(
    send: Send, status: HTTPStatus, headers: list[tuple[bytes, bytes]], body: bytes = b""
) -> None:
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
