"""The straight way to one endpoint."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Straight:
    """ASGI middleware that hands HTTP requests of one path to their endpoint, around a framework.

    Its layers and routes cost more than reading the request, and nearly all requests are for this
    one path.
    """

    def __init__(self, app: ASGIApp, path: str, endpoint: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        straight = scope["type"] == "http" and scope["path"] == self._path
        await (self._endpoint if straight else self._app)(scope, receive, send)
