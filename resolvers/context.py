"""What one request knows: who asks, when, and the loaders of what it reads.

The context of a subscription lasts; its loaders keep nothing, and the session is looked up again
whenever it is asked for.
"""

from datetime import date, datetime
from typing import Final

from datasources.app_tokens import PREFIX as OWN_PREFIX
from datasources.sessions import APP_PREFIX
from domain.clients import Client
from domain.consents import App, AppAccess, Scope
from domain.errors import (
    ConsentRequired,
    DutyFirst,
    NotFound,
    NotYetAvailable,
    PostcardInTransit,
    Unauthenticated,
)
from domain.facilities import Facility
from domain.first_login import MUTATIONS
from domain.members import Session
from domain.portal import Portal
from domain.rate_limits import Standing
from domain.slots import day_of_date, first_slot
from domain.staff import StaffVisit
from resolvers.loaders import Loaders
from resolvers.sources import Sources

_NOBODY_KNOWN: Final = Client()
Seen = tuple[Scope | None, int | None]
"What an app looks at: by which scope (None: only what there is), of which facility (None: none)."


def bearer_token(authorization: str) -> str | None:
    """Token of an `Authorization: Bearer` value; None for any other value."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


class RequestContext:
    """Context of an operation; `authorization` is the header's or connection parameter's value.

    A session that was valid before may be `resumed` instead: it is looked up when it is first needed.
    The client is known to mutations alone.
    """

    def __init__(
        self,
        sources: Sources,
        authorization: str | None,
        request_id: str,
        *,
        lasting: bool = False,
        resumed: Session | None = None,
        client: Client = _NOBODY_KNOWN,
    ) -> None:
        self.sources = sources
        self.client = client
        self.request_id = request_id
        self.loaders = Loaders(sources.reads, keep=not lasting)
        self.session: Session | None = None
        self.adopted = False
        "Whether somebody logged in or out."
        self.staff: StaffVisit | None = None
        "Who of the staff asks, once that was looked up."
        self.app: App | None = None
        "Which app asks for itself, once that was looked up; one that acts for a member has a session."
        self.points: Standing | None = None
        "What who asks has left to ask for, where that is counted."
        self.seen: set[Seen] = set()
        "What of its member's an app was let see, to be noted before it is answered."
        self.authorization = authorization
        "As it came; of no account once somebody logged in or out."
        self._authorization = authorization
        self._resumed = resumed
        self._lasting = lasting
        self._now = None if lasting else sources.clock()

    @property
    def now(self) -> datetime:
        """One instant for a whole request; the present on a lasting connection."""
        return self._now or self.sources.clock()

    async def viewer_session(self) -> Session | None:
        """Session of who asks, None for nobody; raises Unauthenticated for one that is not valid."""
        if self.session is None:
            if self._resumed is not None:
                self.session = await self._lasting_session(self._resumed)
            elif (token := self.bearer()) is not None:
                if token.startswith(OWN_PREFIX):
                    self.app = await self._app_of(token)
                else:
                    self.session = await self._session_of(token)
        elif self._lasting:
            self.session = await self._lasting_session(self.session)
        return self.session

    async def require_session(self, *, on_duty: bool = False) -> Session:
        """Session of who asks; raises Unauthenticated.

        Raises DutyFirst while the duties of the first log-in are open, unless that is no matter.
        """
        session = await self.viewer_session()
        if session is None:
            raise Unauthenticated("log in first: send Authorization: Bearer <access token>")
        if not on_duty:
            self.require_duties_done()
        return session

    def adopt(self, session: Session | None) -> None:
        """Go on as the member who just logged in, or as nobody."""
        self.session = session
        self.adopted = True
        self._authorization = self._resumed = None

    def receive(self, staff: StaffVisit | None) -> None:
        """Go on as the member of staff who just logged in, or as nobody."""
        self.staff = staff
        self.session = self._authorization = self._resumed = None

    def bearer(self) -> str | None:
        """Token that came with the request, None without; raises Unauthenticated for what is none."""
        if self._authorization is None:
            return None
        token = bearer_token(self._authorization)
        if token is None:
            raise Unauthenticated("authorization must be: Bearer <access token>")
        return token

    @property
    def for_app(self) -> bool:
        """Whether an app asks, for a member or for itself; known before anything is looked up."""
        known = self.session or self._resumed
        if known is not None:
            return known.app is not None
        token = bearer_token(self._authorization) if self._authorization else None
        return token is not None and token.startswith((APP_PREFIX, OWN_PREFIX))

    @property
    def access(self) -> AppAccess | None:
        """What an app that acts for a member may see; None for the member, who may see all of it."""
        return None if self.session is None else self.session.app

    @property
    def data_from(self) -> date | None:
        """First Tokyo day that may be seen by an app's consent; None: there is no such bound."""
        access = self.access
        return None if access is None else access.data_from

    @property
    def first_slot(self) -> int:
        """First half hour that may be seen by an app's consent, else one before all others."""
        opens_on = self.data_from
        return 0 if opens_on is None else first_slot(day_of_date(opens_on))

    async def require_app(self) -> App:
        """The app that asks for itself; raises Unauthenticated for anybody else."""
        await self.viewer_session()
        if self.app is None:
            raise Unauthenticated("an app asks for this, with a token of its own")
        return self.app

    def require_own_app(self, app: str) -> None:
        """The one check of what is an app's own: raises NotFound for anybody else."""
        if self.app is None or self.app.id != app:
            raise NotFound

    def require_staff(self) -> StaffVisit:
        """The one check of what only staff see; raises Unauthenticated for anybody else."""
        if self.staff is None:
            raise Unauthenticated("staff log in first, with staffLogIn")
        return self.staff

    def require_owner(self, owner: str, facility: int | None = None) -> None:
        """The one owner check: raises NotFound unless the object belongs to who asks.

        One of a facility must be of one that the consent names, if an app asks.
        """
        if self.session is None or self.session.member != owner:
            raise NotFound
        app = self.session.app
        if app is not None and facility is not None and facility not in app.facilities:
            raise NotFound

    def require_scope(self, what: str, *scopes: Scope, facility: int | None = None) -> None:
        """Raises ConsentRequired unless the member asks, or an app whose consent has one of the scopes.

        Notes that an app was let see it.
        """
        access = self.access
        if access is None:
            return
        given = [scope for scope in scopes if scope in access.scopes]
        if not given:
            one = " or ".join(scopes)
            raise ConsentRequired(f"{what} needs a consent to {one}", " ".join(scopes))
        self.seen.add((given[0], facility))

    def refuse_app(self, what: str) -> None:
        """Raises ConsentRequired if an app asks, for a member or for itself."""
        if self.for_app:
            raise ConsentRequired(f"{what} is open to no app")

    def require_from(self, slot: int) -> None:
        """Raises ConsentRequired for a half hour before those that an app may see."""
        if slot < self.first_slot:
            raise ConsentRequired(f"the consent opens what was used from {self.data_from} on")

    def require_duties_done(self) -> None:
        """Raises DutyFirst while who asks has duties of the first log-in to do."""
        if self.session is not None and self.session.duties:
            duty = self.session.duties[0]
            raise DutyFirst(
                f"the first log-in is not complete: {duty} comes next, with {MUTATIONS[duty]}",
                duty.value,
            )

    def require_proven(self) -> None:
        """Raises PostcardInTransit while who asks has still to show who they are (MB-8)."""
        if self.session is not None and self.session.in_transit:
            raise PostcardInTransit

    def forget(self) -> None:
        """Keep nothing of what was read so far: a long answer reads part after part."""
        self.loaders = Loaders(self.sources.reads, keep=not self._lasting)

    def require_open(self, facility: Facility) -> None:
        """Raises NotYetAvailable while policy keeps usage and bills of a facility closed (FA-4)."""
        if not self.portal(facility.portal).billing.opens_details(facility):
            raise NotYetAvailable("usage and bills open when a contract's start is registered")

    def portal(self, key: str) -> Portal:
        return self.sources.portals[key]

    async def _lasting_session(self, session: Session) -> Session:
        found = await self.loaders.session(session.id, self.now)
        if found is None:
            raise Unauthenticated("the session has ended: log in again")
        return found

    async def _app_of(self, token: str) -> App:
        sources = self.sources
        found = await sources.app_tokens.find(token, self.now)
        app = None if found is None else await sources.apps.by_id(found.app)
        if app is None or app.ended_at is not None:
            raise Unauthenticated("the access token is wrong or has ended")
        return app

    async def _session_of(self, token: str) -> Session:
        session = await self.loaders.session_by_token(token, self.now)
        if session is None:
            raise Unauthenticated("the access token is wrong or has ended")
        return session
