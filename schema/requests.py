"""Around every request: an id, one log line, a count, and an answer for what nobody expected."""

import logging
import time
from typing import Any, Final

import orjson
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from datasources.logs import REQUEST
from resolvers.downloads import PATH as FILES
from schema.errors import INTERNAL_MESSAGE, internal_extensions
from schema.tallies import OTHER, Tallies

REQUEST_ID: Final = "x-request-id"
"Header of every answer."

_ID_HEADER: Final = REQUEST_ID.encode()
_log = structlog.get_logger()
_GONE: Final = 499
"The client went away; nobody reads this status but the log."

_GRAPHQL: Final = "/graphql"
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS: Final = frozenset({"GET", "POST", "HEAD", "OPTIONS", "WEBSOCKET"})
_ROUTES: Final = frozenset(
    {
        "",
        ".well-known",
        "assets",
        "dev",
        "examples",
        "graphql",
        "healthz",
        "ingest",
        "metrics",
        "oauth",
        "readyz",
        "session",
        "widget.js",
    }
) | {FILES.strip("/")}
"First parts of the paths that there are."


def new_request_id() -> str:
    return time.time_ns().to_bytes(8, "big").hex()


def id_header(request_id: str) -> tuple[bytes, bytes]:
    """Header of an answer that names its request."""
    return _ID_HEADER, request_id.encode()


def log_request(kind: str, path: str, status: int | None, started: float, request_id: str) -> None:
    """One line for a request, or a socket, that began at `time.perf_counter() == started`."""
    log = _log.bind()  # whose methods are found at once, those of `_log` by a detour
    if log.is_enabled_for(logging.INFO):
        ms = round((time.perf_counter() - started) * 1000, 1)
        log.info("request", kind=kind, path=path, status=status, ms=ms, request_id=request_id)


class RequestLog:
    """ASGI middleware. Logs say what was asked for and how it ended, nothing of its content.

    The state of a request has its `request_id`, and its `status` once it is answered. Every line that
    is logged on the way has the id too.
    """

    def __init__(self, app: ASGIApp, tallies: Tallies) -> None:
        self._app = app
        self._tallies = tallies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = new_request_id()
        REQUEST.set(request_id)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        started = time.perf_counter()

        async def send_noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                state["status"] = message["status"]
                message["headers"] = [*message.get("headers", ()), id_header(request_id)]
            elif message["type"] == "websocket.close":
                state["status"] = message.get("code", 0)
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except ClientDisconnect:
            state.setdefault("status", _GONE)
        except Exception:
            _log.exception("internal error", request_id=request_id)
            if scope["type"] != "http" or "status" in state:
                raise
            await _answer_internal(send_noting, request_id)
        self._note(scope, started)

    def _note(self, scope: Scope, started: float) -> None:
        method, path, state = scope.get("method", "WEBSOCKET"), scope["path"], scope["state"]
        status = state.get("status")
        self._tallies.request(
            method if method in _METHODS else OTHER,
            route(path),
            status or 0,
            time.perf_counter() - started,
        )
        if path not in _QUIET:
            log_request(method, _shown(path), status, started, state["request_id"])


def route(path: str) -> str:
    """What a path is counted under: its first part, if there is anything."""
    if path == _GRAPHQL:
        return _GRAPHQL
    first = path.lstrip("/").partition("/")[0]
    return f"/{first}" if first in _ROUTES else OTHER


def _shown(path: str) -> str:
    """A path without the secret that the address of a file has."""
    return f"{FILES}…" if path.startswith(FILES) else path


async def _answer_internal(send: Send, request_id: str) -> None:
    error: dict[str, Any] = {
        "message": INTERNAL_MESSAGE,
        "extensions": internal_extensions(request_id),
    }
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps({"errors": [error]})})
