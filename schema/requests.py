"""Around every request: an id, one log line, and an answer for what nobody expected."""

import logging
import time
from typing import Any, Final

import orjson
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resolvers.downloads import PATH as FILES
from schema.errors import INTERNAL_MESSAGE, internal_extensions

_log = structlog.get_logger()
_GONE: Final = 499
"The client went away; nobody reads this status but the log."

_QUIET: Final = frozenset({"/healthz", "/readyz"})


def new_request_id() -> str:
    return time.time_ns().to_bytes(8, "big").hex()


def log_request(kind: str, path: str, status: int | None, started: float, request_id: str) -> None:
    """One line for a request, or a socket, that began at `time.perf_counter() == started`."""
    log = _log.bind()  # whose methods are found at once, those of `_log` by a detour
    if log.is_enabled_for(logging.INFO):
        ms = round((time.perf_counter() - started) * 1000, 1)
        log.info("request", kind=kind, path=path, status=status, ms=ms, request_id=request_id)


class RequestLog:
    """ASGI middleware. Logs say what was asked for and how it ended, nothing of its content.

    The state of a request has its `request_id`, and its `status` once it is answered.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = new_request_id()
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        started = time.perf_counter()

        async def send_noting(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.close"}:
                state["status"] = message.get("status", message.get("code", 0))
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
        if scope["path"] not in _QUIET:
            kind = scope.get("method", "WEBSOCKET")
            log_request(kind, _shown(scope["path"]), state.get("status"), started, request_id)


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
