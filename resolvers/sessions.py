"""Logging in and out."""

from dataclasses import dataclass
from enum import StrEnum

from datasources.sessions import OpenedSession
from domain.errors import Unauthenticated
from domain.members import MemberState
from resolvers.context import RequestContext
from resolvers.passwords import Passwords

_passwords = Passwords()
_MAX_SECRET_LENGTH = 200


class Refusal(StrEnum):
    """Why no session was opened: the `code` of a user error."""

    UNKNOWN_PORTAL = "UNKNOWN_PORTAL"
    WRONG_LOGIN = "WRONG_LOGIN"
    WRONG_TOKEN = "WRONG_TOKEN"  # noqa: S105 - a code, not a token
    NOT_LOGGED_IN = "NOT_LOGGED_IN"


@dataclass(frozen=True, slots=True)
class LogIn:
    portal: str
    login_id: str
    password: str


async def log_in(context: RequestContext, given: LogIn) -> OpenedSession | Refusal:
    """Open a session; the answer never tells whether the login ID exists (MB-9)."""
    sources = context.sources
    if given.portal not in sources.portals:
        return Refusal.UNKNOWN_PORTAL
    if len(given.login_id) > _MAX_SECRET_LENGTH or len(given.password) > _MAX_SECRET_LENGTH:
        return Refusal.WRONG_LOGIN
    found = await sources.members.by_login(given.portal, given.login_id)
    member, password_hash = found or (None, None)
    right = await _passwords.matches(password_hash, given.password)
    if not right or member is None or member.state is MemberState.WITHDRAWN:
        return Refusal.WRONG_LOGIN
    opened = await sources.sessions.open(member.id, member.portal, context.now)
    context.adopt(opened.session)
    return opened


async def refresh_session(context: RequestContext, refresh_token: str) -> OpenedSession | Refusal:
    """New tokens for a session; the refresh token works once."""
    opened = await context.sources.sessions.refresh(refresh_token, context.now)
    if opened is None:
        return Refusal.WRONG_TOKEN
    context.adopt(opened.session)
    return opened


async def log_out(context: RequestContext) -> Refusal | None:
    """End the session of who asks."""
    try:
        session = await context.require_session()
    except Unauthenticated:
        return Refusal.NOT_LOGGED_IN
    await context.sources.sessions.end(session.id)
    context.adopt(None)
    return None
