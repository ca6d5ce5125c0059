"""What one request knows: who asks, when, and the loaders of what it reads.

Over WebSocket a context serves a whole connection; then its loaders keep nothing, and the session is
looked up again for every operation and every event.
"""

from datetime import datetime

from domain.errors import NotFound, Unauthenticated
from domain.members import Session
from domain.portal import Portal
from resolvers.loaders import Loaders
from resolvers.sources import Sources


def bearer_token(authorization: str) -> str | None:
    """Token of an `Authorization: Bearer` value; None for any other value."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


class RequestContext:
    """Context of an operation; `authorization` is the header's or connection parameter's value."""

    def __init__(
        self,
        sources: Sources,
        authorization: str | None,
        request_id: str,
        *,
        lasting: bool = False,
    ) -> None:
        self.sources = sources
        self.request_id = request_id
        self.loaders = Loaders(sources.reads, keep=not lasting)
        self.session: Session | None = None
        self.connection_params: dict[str, object] = {}
        self._authorization = authorization
        self._lasting = lasting
        self._now = None if lasting else sources.clock()

    @property
    def now(self) -> datetime:
        """One instant for a whole request; the present on a lasting connection."""
        return self._now or self.sources.clock()

    async def authenticate(self, authorization: str | None) -> Session | None:
        """Take up the session of an `authorization` value, None without one."""
        self._authorization = authorization
        self.session = None
        return await self.viewer_session()

    async def viewer_session(self) -> Session | None:
        """Session of who asks, None for nobody; raises Unauthenticated for one that is not valid."""
        if self.session is None:
            if self._authorization is not None:
                self.session = await self._session_of(self._authorization)
        elif self._lasting:
            await self.recheck()
        return self.session

    async def require_session(self) -> Session:
        session = await self.viewer_session()
        if session is None:
            raise Unauthenticated("log in first: send Authorization: Bearer <access token>")
        return session

    async def recheck(self) -> None:
        """Raises Unauthenticated if the session has ended since it was taken up."""
        if self.session is not None:
            session = await self.loaders.session(self.session.id, self.now)
            if session is None:
                raise Unauthenticated("the session has ended: log in again")
            self.session = session

    def adopt(self, session: Session | None) -> None:
        """Go on as the member who just logged in, or as nobody."""
        self.session = session
        self._authorization = None

    def require_owner(self, owner: str) -> None:
        """The one owner check: raises NotFound unless the object belongs to who asks."""
        if self.session is None or self.session.member != owner:
            raise NotFound

    def portal(self, key: str) -> Portal:
        return self.sources.portals[key]

    async def _session_of(self, authorization: str) -> Session:
        token = bearer_token(authorization)
        if token is None:
            raise Unauthenticated("authorization must be: Bearer <access token>")
        session = await self.loaders.session_by_token(token, self.now)
        if session is None:
            raise Unauthenticated("the access token is wrong or has ended")
        return session
