"""Who sits before the consent page: a cookie that begins as a mere number and becomes a log-in.

Until then its one use is that forms can be told from those of other sites. It is replaced by the
access token of the log-in, which therefore nobody could foist on the browser before.
"""

import hmac
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from datasources.tokens import new_token
from domain.errors import Unauthenticated
from domain.members import Session
from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.clients import client_of

_VISIT: Final = "kenshin-visit"
_DEVICE: Final = "kenshin-device"
_PATH: Final = "/oauth"
_DEVICE_SECONDS: Final = 400 * 24 * 3600
"As long as a device is known that is not used."


class Browser:
    """The cookies of a request, and those that its answer sets."""

    def __init__(self, request: Request, *, secure: bool) -> None:
        self._secure = secure
        self._cookies = request.cookies
        self._given: dict[str, str] = {}
        known = self._cookies.get(self._name(_VISIT))
        self.visit = known or new_token()
        if known is None:
            self._given[_VISIT] = self.visit

    @property
    def device(self) -> str | None:
        """Token of a device that has shown a second factor."""
        return self._cookies.get(self._name(_DEVICE))

    @property
    def csrf(self) -> str:
        """What a form of this visit has, and a form of another site cannot have."""
        return hmac.digest(self.visit.encode(), b"form", "sha256").hex()

    def has_sent(self, csrf: str | None) -> bool:
        """Whether a form is one of this visit."""
        return hmac.compare_digest((csrf or "").encode(), self.csrf.encode())

    def logged_in(self, access_token: str, device_token: str | None) -> None:
        """Go on as who has logged in."""
        self._given[_VISIT] = access_token
        if device_token is not None:
            self._given[_DEVICE] = device_token

    def logged_out(self) -> None:
        """Go on as nobody."""
        self._given[_VISIT] = new_token()

    def take(self, reply: Response) -> Response:
        """The answer with the cookies that it sets."""
        for name, value in self._given.items():
            reply.set_cookie(
                self._name(name),
                value,
                max_age=_DEVICE_SECONDS if name == _DEVICE else None,
                path=_PATH,
                secure=self._secure,
                httponly=True,
                samesite="lax",
            )
        return reply

    def _name(self, name: str) -> str:
        # Of this prefix a browser takes cookies by https alone.
        return f"__Secure-{name}" if self._secure else name


async def session_of(context: RequestContext) -> Session | None:
    """The member's own session behind a visit, None for nobody's."""
    try:
        session = await context.viewer_session()
    except Unauthenticated:
        return None
    return session if session is not None and session.app is None else None


def context_of(sources: Sources, request: Request, token: str | None) -> RequestContext:
    """Context of what is done for a page."""
    return RequestContext(
        sources,
        None if token is None else f"Bearer {token}",
        request.scope["state"]["request_id"],
        client=client_of(request.scope),
    )
