"""The straight way to what nearly everybody wants."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Straight:
    """ASGI middleware that hands requests of one path to their endpoint, around a framework.

    Its layers and routes cost more than reading the request, and nearly all requests are for this
    one path. `endpoints` has one for `http` and one for `websocket`.
    """

    def __init__(self, app: ASGIApp, path: str, endpoints: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._path = path
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["type"])
        if endpoint is None or scope["path"] != self._path:
            endpoint = self._app
        await endpoint(scope, receive, send)
