"""A span around every request of HTTP, where a process sends traces."""

from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from schema.requests import route

if TYPE_CHECKING:
    from datasources.tracing import Tracing


class Traced:
    """ASGI middleware, inside of `RequestLog`."""

    def __init__(self, app: ASGIApp, tracing: "Tracing") -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, path, state = scope["method"], route(scope["path"]), scope["state"]
        known = {"http.request.method": method, "http.route": path}
        known["kenshin.request_id"] = state["request_id"]
        parent = next((text for name, text in scope["headers"] if name == b"traceparent"), b"")
        with self._tracing.span(f"{method} {path}", known, parent.decode("latin-1")) as span:
            await self._app(scope, receive, send)
            span.set_attribute("http.response.status_code", state.get("status", 0))
