"""/session: the refresh token of the member's page, in a cookie that its scripts cannot read.

A client like any other, the page logs in by GraphQL and hands the refresh token in here. From then on
it holds nothing but access tokens, in memory: `/session/refresh` gives it the next one. The cookie is
good for these addresses alone, and only pages of this server may ask here, not those that CORS lets in.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import BadInput, Forbidden, KenshinError, RateLimited, Unauthenticated
from resolvers.refusals import Refused
from resolvers.sessions import refresh_session
from resolvers.sources import Sources
from schema.errors import public
from schema.oauth.answers import issuer_of
from schema.oauth.points import take_points
from schema.oauth.visits import context_of
from schema.scalars import tokyo_text

PATH: Final = "/session"

_NAME: Final = "kenshin-session"
_MOST_BYTES: Final = 2048
"Of a body, whose one token has 66."
_DAY_SECONDS: Final = 24 * 3600
_AGAIN: Final = timedelta(seconds=10)
"""Within this a cookie that was used gets the same answer again. A page that is loaded twice at once,
or whose answer was lost, would else look like a thief."""
_NOT_KEPT: Final = {"cache-control": "no-store"}
_STATUSES: Final = {
    "BAD_INPUT": HTTPStatus.BAD_REQUEST,
    "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
}

_Act = Callable[[Request, "_Cookie"], Awaitable[Response]]


def session_routes(sources: Sources) -> Sequence[Route]:
    """What the member's page asks about its session."""
    view = _SessionView(sources)
    return [
        Route(PATH, view.session, methods=["POST", "DELETE"]),
        Route(f"{PATH}/refresh", view.refresh, methods=["POST"]),
    ]


class _SessionView:
    """Whatever a page asks, and how it is answered."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def session(self, request: Request) -> Response:
        """POST keeps a refresh token, DELETE ends the session that is kept."""
        return await self._answer(request, self._end if request.method == "DELETE" else self._keep)

    async def refresh(self, request: Request) -> Response:
        """The next access token of the session that is kept; 204 if none is."""
        return await self._answer(request, self._refresh)

    async def _answer(self, request: Request, act: _Act) -> Response:
        try:
            _require_own_page(request, self._sources.settings.public_url)
            return await act(request, _Cookie(self._sources, request))
        except Exception as error:
            known = public(error)
            if not isinstance(known, KenshinError):
                raise
            return _refusal(known)

    async def _keep(self, request: Request, cookie: "_Cookie") -> Response:
        token = await _refresh_token(request)
        await take_points(self._sources, request)
        found = await self._sources.sessions.by_refresh_token(token, self._sources.clock())
        if found is None or found.app is not None:
            raise Unauthenticated("the refresh token is wrong, was used, or has ended")
        return cookie.put(token, _nothing())

    async def _refresh(self, request: Request, cookie: "_Cookie") -> Response:
        token = cookie.token
        if not token:
            return _nothing()
        await take_points(self._sources, request)
        context = context_of(self._sources, request, None)
        try:
            entered = await refresh_session(context, token, _AGAIN)
        except Refused:
            return cookie.drop(_refusal(Unauthenticated("the session has ended: log in again")))
        opened = entered.opened
        content = {
            "accessToken": opened.access_token,
            "expiresAt": tokyo_text(opened.session.ends_at),
            "duties": opened.session.duties,
        }
        return cookie.put(opened.refresh_token, _json(content))

    async def _end(self, request: Request, cookie: "_Cookie") -> Response:
        """However it goes, this browser is logged out."""
        if not cookie.token:
            return _nothing()
        try:
            await take_points(self._sources, request)
            sessions, now = self._sources.sessions, self._sources.clock()
            found = await sessions.by_refresh_token(cookie.token, now)
            if found is None:  # perhaps the next cookie is still on its way to the browser
                found = await sessions.robbed(cookie.token)
            if found is not None and found.app is None:
                await sessions.end(found.id)
        except Exception as error:
            known = public(error)
            if not isinstance(known, KenshinError):
                raise
            return cookie.drop(_refusal(known))
        return cookie.drop(_nothing())


class _Cookie:
    """The cookie of a request, and how its answer changes it."""

    def __init__(self, sources: Sources, request: Request) -> None:
        self._secure = issuer_of(sources.settings, request).startswith("https:")
        self._seconds = sources.settings.refresh_days * _DAY_SECONDS
        # Of this prefix a browser takes no cookie from another host, not even from one of the same
        # domain, which could else log a member in as somebody. It wants the path of all addresses.
        self._name = f"__Host-{_NAME}" if self._secure else _NAME
        self._path = "/" if self._secure else PATH
        self.token = request.cookies.get(self._name, "")

    def put(self, token: str, reply: Response) -> Response:
        """The answer with the cookie, which lasts as long as a session that is not refreshed."""
        return self._set(reply, token, self._seconds)

    def drop(self, reply: Response) -> Response:
        """The answer without it."""
        return self._set(reply, "", 0)

    def _set(self, reply: Response, value: str, seconds: int) -> Response:
        reply.set_cookie(
            self._name,
            value,
            max_age=seconds,
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )
        return reply


def _require_own_page(request: Request, public_url: str) -> None:
    """Raises Forbidden for what may come from a page of another origin.

    Browsers tell it by `Sec-Fetch-Site`, and where they don't, by `Origin`: one of the two is needed.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = {_origin(str(url)) for url in (request.url, public_url) if url}
    if site != "same-origin" and (site is not None or origin not in own):
        raise Forbidden("only pages of this server may ask here")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def _refresh_token(request: Request) -> str:
    """The token of a body; raises BadInput. No form can send one, so no foreign page without CORS."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind.strip().lower() != "application/json":
        raise BadInput("Content-Type must be application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise BadInput(f"the body must be at most {_MOST_BYTES} bytes")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    token = content.get("refreshToken") if isinstance(content, dict) else None
    if not isinstance(token, str) or not token:
        raise BadInput('the body must be JSON: {"refreshToken": "…"}')
    return token


def _nothing() -> Response:
    return Response(status_code=int(HTTPStatus.NO_CONTENT), headers=_NOT_KEPT)


def _json(content: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(content), int(status), _NOT_KEPT, "application/json")


def _refusal(error: KenshinError) -> Response:
    content = {"error": {"message": str(error), **error.extensions}}
    reply = _json(content, _STATUSES.get(error.code, HTTPStatus.BAD_REQUEST))
    if isinstance(error, RateLimited):
        reply.headers["retry-after"] = str(error.retry_after)
    return reply
