"""/oauth/authorize: a member logs in, sees what an app asks for, and allows it or not.

Every step is a form of the same address, whose query is what the app asked: it is judged anew each
time. Until app and redirect are found right, what is wrong is shown here and nobody is sent anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from domain.consent_texts import SCOPE_TEXTS
from domain.consents import Scope, earliest_day, latest_end
from domain.errors import RateLimited, Unavailable
from domain.members import Session
from domain.slots import date_at
from resolvers import app_authorization as resolve
from resolvers.consents import MayNotConsent, WishRefused
from resolvers.entering import Entered
from resolvers.refusals import Refusal, Refused
from resolvers.second_factor import Asked, answer
from resolvers.sessions import LogIn, log_in
from resolvers.sources import Sources
from schema.errors import public
from schema.oauth.answers import WrongForm, form_of, issuer_of, pairs_of, single
from schema.oauth.codes import OAuthCode, OAuthError
from schema.oauth.endpoints import require_this_api
from schema.oauth.judge import CodeRequest, code_request
from schema.oauth.pages import Frame, language_of, page
from schema.oauth.points import take_points
from schema.oauth.redirects import Redirect, sent_to
from schema.oauth.texts import FAULT_TEXTS, REFUSAL_TEXTS
from schema.oauth.visits import Browser, context_of, session_of
from schema.oauth.wishes import Given, fields_of, given_by, proposal

_TWICE: Final = timedelta(seconds=10)
"Within this a button that was pressed twice does the same again: the browser shows the second answer."

_Form = list[tuple[str, str]]


class WrongLink(Exception):
    """The app or its redirect are not right: there is nowhere to send anybody."""


class AuthorizeView:
    """The endpoint of a process."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def answer(self, request: Request) -> Response:
        """GET and POST."""
        frame = Frame(language_of(request, None))
        try:
            await take_points(self._sources, request)
            fields = pairs_of(request.url.query)
            frame = Frame(language_of(request, dict(fields).get("ui_locales")), fields)
            return await self._answer(request, frame, single(fields))
        except (WrongForm, WrongLink):
            return page("message", frame, HTTPStatus.BAD_REQUEST, about="wrong_app", **_NO_WAY)
        except RateLimited as limited:
            status = HTTPStatus.TOO_MANY_REQUESTS
            reply = page("message", frame, status, about="unavailable", **_NO_WAY)
            reply.headers["retry-after"] = str(limited.retry_after)
            return reply
        except Exception as error:
            if not isinstance(public(error), Unavailable):
                raise
            unavailable = HTTPStatus.SERVICE_UNAVAILABLE
            return page("message", frame, unavailable, about="unavailable", **_NO_WAY)

    async def _answer(self, request: Request, frame: Frame, fields: Mapping[str, str]) -> Response:
        issuer = issuer_of(self._sources.settings, request)
        app = await self._sources.apps.by_id(fields.get("client_id", ""))
        if app is None or app.ended_at or fields.get("redirect_uri") not in app.redirect_uris:
            raise WrongLink
        redirect = Redirect(fields["redirect_uri"], fields.get("state"), issuer)
        try:
            require_this_api(fields.get("resource"), issuer)
            asked = code_request(app, fields)
        except OAuthError as error:
            return redirect.with_(error=error.code, error_description=str(error))
        secure = issuer.startswith("https:")
        browser = Browser(request, secure=secure)
        frame = replace(frame, leads_to=redirect.address)
        visit = _Visit(self._sources, request, frame, browser, asked, redirect)
        if request.method != "POST":
            return browser.take(await visit.show())
        form = await form_of(request)
        return browser.take(await visit.take(form))


_NO_WAY: Final[Mapping[str, Any]] = {"csrf": None, "again": False}


@dataclass(frozen=True, slots=True)
class _Visit:
    """A request of somebody's browser for an app that is right."""

    sources: Sources
    request: Request
    frame: Frame
    browser: Browser
    asked: CodeRequest
    redirect: Redirect

    async def show(self) -> Response:
        """The page that comes first: to log in, or what the app asks for."""
        session = await self._session()
        return self._log_in_page() if session is None else await self._consent_page(session)

    async def take(self, form: _Form) -> Response:
        """What follows a form."""
        fields = dict(form)
        if not self.browser.has_sent(fields.get("csrf")):
            old = HTTPStatus.FORBIDDEN
            return self._page("message", old, about="old_page", csrf=None, again=True)
        match fields.get("step"):
            case "log-in":
                return await self._log_in(fields)
            case "answer":
                return await self._answer_challenge(fields)
            case "approve":
                return await self._approve(form)
            case "leave":
                await self._log_out()
                return self._again()
        await self._log_out()
        return self.redirect.with_(error=OAuthCode.ACCESS_DENIED)

    async def _session(self) -> Session | None:
        return await session_of(context_of(self.sources, self.request, self.browser.visit))

    async def _log_in(self, fields: Mapping[str, str]) -> Response:
        given = {name: fields.get(name, "") for name in ("portal", "login_id")}
        try:
            entered = await log_in(
                context_of(self.sources, self.request, None),
                LogIn(
                    **given, password=fields.get("password", ""), device_token=self.browser.device
                ),
            )
        except Refused as refused:
            return self._log_in_page(refused, **given)
        if isinstance(entered, Asked):
            return self._page("keyword", challenge=entered.token, position=entered.position)
        return await self._entered(entered)

    async def _answer_challenge(self, fields: Mapping[str, str]) -> Response:
        context = context_of(self.sources, self.request, None)
        try:
            entered = await answer(context, fields.get("challenge", ""), fields.get("keyword", ""))
        except Refused as refused:
            return self._log_in_page(refused)
        return await self._entered(entered)

    async def _approve(self, form: _Form) -> Response:
        session = await self._session()
        if session is None:
            return self._again()
        given = given_by(form)
        if given.everywhere:
            places = await resolve.offered_facilities(self.sources, session.member)
            given = replace(given, facilities=frozenset(place.number for place in places))
        try:
            wish = given.wish(self.asked.scopes, self.sources.clock())
            code = await resolve.approve(
                self.sources,
                session.member,
                self.asked.app,
                wish,
                self.redirect.address,
                self.asked.challenge,
            )
        except WishRefused as refused:
            return await self._consent_page(session, given, refused)
        except MayNotConsent:
            return self._may_not(session)
        await self.sources.sessions.shorten(session.id, self.sources.clock() + _TWICE)
        self.browser.logged_out()
        return self.redirect.with_(code=code)

    async def _log_out(self) -> None:
        """A log-in is for one decision."""
        session = await self._session()
        if session is not None:
            await self.sources.sessions.end(session.id)
        self.browser.logged_out()

    async def _entered(self, entered: Entered) -> Response:
        session = entered.opened.session  # whose refresh token nobody gets
        await self.sources.sessions.shorten(session.id, session.ends_at)
        self.browser.logged_in(entered.opened.access_token, entered.device_token)
        return self._again()

    def _again(self) -> Response:
        """The same page, asked for anew: nothing is sent twice by going back."""
        return sent_to(self.frame.here)

    def _log_in_page(
        self, refused: Refused | None = None, portal: str = "", login_id: str = ""
    ) -> Response:
        given = {
            "portal": portal or dict(self.frame.fields).get("portal", ""),
            "login_id": login_id,
        }
        errors: dict[str, str] = {}
        if refused is not None:
            field = "portal" if refused.code == Refusal.UNKNOWN_PORTAL else "login_id"
            errors[field] = REFUSAL_TEXTS[self.frame.language][Refusal(refused.code)]
        portals = self.sources.portals.values()
        return self._page("log_in", errors=errors, portals=portals, given=given)

    async def _consent_page(
        self, session: Session, given: Given | None = None, refused: WishRefused | None = None
    ) -> Response:
        if session.duties or session.in_transit:
            return self._may_not(session)
        now = self.sources.clock()
        member = await self.sources.members.by_id(session.member)
        places = await resolve.offered_facilities(self.sources, session.member)
        faults = fields_of(refused.faults if refused else ())
        texts = FAULT_TEXTS[self.frame.language]
        words = SCOPE_TEXTS[self.frame.language]
        return self._page(
            "consent",
            errors={field: texts[fault] for field, fault in faults.items()},
            login_id=member.login_id if member else "",
            facilities=places,
            scopes={scope.value: words[scope] for scope in Scope if scope in self.asked.scopes},
            given=given or proposal(places, self.asked.scopes, now),
            first=earliest_day(now),
            today=date_at(now),
            last=date_at(latest_end(now)),
            leads_to=self.redirect.address,
        )

    def _may_not(self, session: Session) -> Response:
        about = "in_transit" if session.in_transit else "duties"
        return self._page("message", HTTPStatus.FORBIDDEN, about=about, again=False)

    def _page(
        self,
        template: str,
        status: HTTPStatus = HTTPStatus.OK,
        errors: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response:
        frame = replace(self.frame, errors=errors or {})
        status = HTTPStatus.BAD_REQUEST if errors else status
        values = {"csrf": self.browser.csrf, "app": self.asked.app} | values
        return page(template, frame, status, **values)
