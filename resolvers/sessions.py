"""Logging in and out, and the sessions that a member has."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from datasources.attempts import Account
from datasources.mongo import Transaction
from datasources.sessions import OpenedSession
from domain.consents import ConsentEnd
from domain.leaving import has_access
from domain.lockout import Verdict
from domain.members import Credentials, SessionRecord, login_key
from domain.policy import Duty
from domain.portal import Portal
from domain.text_forms import MAX_LENGTH
from resolvers import notices
from resolvers.attempts import attempt
from resolvers.context import RequestContext
from resolvers.entering import Entered, enter, note_lock
from resolvers.membership import access_end, may_use_portal
from resolvers.named_portals import known_portal
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused
from resolvers.second_factor import Asked, ask, has_second_factor, is_known_device
from resolvers.step_up import logged_in
from resolvers.terms import note_use

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LogIn:
    portal: str
    login_id: str
    password: str = field(repr=False)
    device_token: str | None = field(default=None, repr=False)


async def log_in(context: RequestContext, given: LogIn) -> Entered | Asked:
    """Open a session, or ask for a second factor; raises Refused.

    The answer never tells whether the login ID exists (MB-9): one that does not is counted, locked
    and takes as long as one that does.
    """
    portal = known_portal(context, given.portal)
    if max(len(given.login_id), len(given.password)) > MAX_LENGTH:
        raise Refused(Refusal.WRONG_LOGIN)
    async with attempt(context, Account(portal.key, login_key(given.login_id))) as trial:
        known = await _who(context, portal, given.login_id)
        password_hash = known.password_hash if known else None
        right = await PASSWORDS.matches(password_hash, given.password)
        # Only who knows the password may find out that the contracts ended long ago, not even by time.
        if right and known and not await may_use_portal(context, known):
            known = None
        if right and known:
            on_known_device = await is_known_device(context, portal, known, given.device_token)
            trial.verdict = Verdict.RIGHT if on_known_device else Verdict.UNDECIDED
    if known is None or trial.verdict is Verdict.WRONG:
        if known is not None:
            note_lock(context, known, trial)
        raise Refused(Refusal.WRONG_LOGIN)
    if trial.verdict is Verdict.UNDECIDED:
        return await ask(context, known)
    token = given.device_token if has_second_factor(portal, known) else None
    return await enter(context, known, token)


async def refresh_session(
    context: RequestContext, refresh_token: str, again: timedelta | None = None
) -> Entered:
    """New tokens for a session; the refresh token works once. Raises Refused WRONG_TOKEN.

    A token that was used before ends its session: either its second user or its first was a thief.
    Unless that was less than `again` ago, by one who asked so too: then it gives the same tokens.
    """
    opened = await context.sources.sessions.refresh(refresh_token, context.now, again=again)
    if opened is None:
        robbed = await context.sources.sessions.robbed(refresh_token)
        if robbed is not None:
            await _end_robbed(context, robbed)
        raise Refused(Refusal.WRONG_TOKEN, "refreshToken")
    opened = await _within_access(context, opened)
    session = opened.session
    portal = context.portal(session.portal)
    await note_use(context.sources, portal, session.member, context.now, None)
    context.adopt(session)
    return Entered(opened)


async def log_out(context: RequestContext) -> None:
    """End the session of who asks; raises Refused NOT_LOGGED_IN."""
    session = await logged_in(context, *Duty)
    await context.sources.sessions.end(session.id)
    context.adopt(None)


async def sessions(context: RequestContext, member: str) -> list[SessionRecord]:
    """Sessions of the member who asks, the last used first."""
    context.require_owner(member)
    return await context.sources.sessions.of_member(member, context.now)


async def end_session(context: RequestContext, session: str) -> None:
    """End a session of one's own; raises Refused NOT_LOGGED_IN or NO_SUCH_SESSION."""
    own = await logged_in(context)
    if not await context.sources.sessions.end_of(own.member, session):
        raise Refused(Refusal.NO_SUCH_SESSION, "id")
    if session == own.id:
        context.adopt(None)


async def end_other_sessions(context: RequestContext) -> int:
    """End all sessions of one's own but this one; gives how many. Raises Refused NOT_LOGGED_IN."""
    own = await logged_in(context)
    return len(await context.sources.sessions.end_others(own.member, own.id))


async def _who(context: RequestContext, portal: Portal, login_id: str) -> Credentials | None:
    """Who may log in with an ID."""
    known = await context.sources.members.by_login(portal.key, login_id)
    if known is None or not known.may_log_in(context.now):
        return None
    if portal.login_id.case_sensitive and known.member.login_id != login_id.strip():
        return None
    return known


async def _within_access(context: RequestContext, opened: OpenedSession) -> OpenedSession:
    """A session that does not outlast its member's access: contracts may have ended since it began.

    Raises Refused WRONG_TOKEN, and ends the member's sessions, if access has ended.
    """
    session, sources = opened.session, context.sources
    member = await sources.members.by_id(session.member)
    until = await access_end(sources, member) if member else None
    if until is None or session.ends_at <= until:
        return opened
    if not has_access(until, context.now):
        await sources.sessions.end_all(session.member, reason=ConsentEnd.MEMBER_LEFT)
        raise Refused(Refusal.WRONG_TOKEN, "refreshToken")
    await sources.sessions.limit(session.member, until)
    return replace(opened, session=replace(session, ends_at=until))


async def _end_robbed(context: RequestContext, robbed: SessionRecord) -> None:
    member = await context.sources.members.by_id(robbed.member)

    async def tell(transaction: Transaction, ended: Sequence[str]) -> None:
        if ended and member is not None:
            messages = notices.session_theft(member, robbed.program, context.now)
            await context.sources.outbox.add(messages, transaction)

    _log.warning("a used refresh token came back", session=robbed.id, member=robbed.member)
    await context.sources.sessions.end(robbed.id, tell)
