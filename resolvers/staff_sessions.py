"""Logging in and out as staff, and who of the staff asks. No session of a member is one of these."""

from dataclasses import dataclass, field
from typing import Final

import structlog

from datasources.attempts import Account
from datasources.breached_passwords import breached_passwords
from datasources.mongo import Transaction
from domain.audit import AuditAct, AuditRecord
from domain.errors import BadInput, Forbidden, Unauthenticated
from domain.identity import password_fault
from domain.lockout import Verdict
from domain.members import login_key
from domain.staff import LOCKOUT, PASSWORD, Staff, StaffCredentials, StaffRight, StaffVisit
from resolvers.attempts import Trial, attempt
from resolvers.context import RequestContext
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused, RefusedInput

_MAX_SECRET_LENGTH: Final = 200
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StaffEntered:
    """A new session of staff, and its token, which exists only here and at the client."""

    visit: StaffVisit
    token: str = field(repr=False)


async def staff(context: RequestContext) -> StaffVisit | None:
    """Who of the staff asks, None for nobody; raises Unauthenticated for a token that is not theirs.

    A session goes on by being used, so this is asked once a request.
    """
    if context.staff is None and (token := context.bearer()) is not None:
        sources = context.sources
        session = await sources.staff_sessions.use(token, context.now)
        known = None if session is None else await sources.staff.by_id(session.staff)
        if session is None or known is None or known.ended_at is not None:
            raise Unauthenticated("the access token is wrong or has ended")
        context.staff = StaffVisit(session, known.staff)
    return context.staff


async def allowed(context: RequestContext, right: StaffRight) -> StaffVisit:
    """Who of the staff asks for an act; raises Refused NOT_LOGGED_IN or NOT_ALLOWED."""
    visit = await _logged_in(context)
    if not visit.staff.may(right):
        raise Refused(Refusal.NOT_ALLOWED)
    return visit


def with_right(context: RequestContext, right: StaffRight) -> StaffVisit:
    """Who of the staff asks to see something; raises Unauthenticated or Forbidden."""
    visit = context.require_staff()
    if not visit.staff.may(right):
        raise Forbidden("your role does not let you see this")
    return visit


def with_portal(context: RequestContext, visit: StaffVisit, portal: str) -> None:
    """Raises BadInput or Forbidden unless a portal is one of theirs."""
    if not visit.staff.serves(portal):
        raise Forbidden("this is not one of your portals")
    if portal not in context.sources.portals:
        raise BadInput(f"there is no portal {portal[:40]!r}")


async def log_in(context: RequestContext, login_id: str, password: str) -> StaffEntered:
    """Open a session for a member of staff; raises Refused.

    As with members, an ID that does not exist is counted, locked and takes as long as one that does.
    """
    if len(login_id) > _MAX_SECRET_LENGTH or len(password) > _MAX_SECRET_LENGTH:
        raise Refused(Refusal.WRONG_LOGIN)
    sources, now = context.sources, context.now
    async with attempt(context, log_in_account(login_id), LOCKOUT) as trial:
        known = await sources.staff.by_login(login_id)
        if known is not None and known.ended_at is not None:
            known = None
        if await PASSWORDS.matches(known.password_hash if known else None, password):
            trial.verdict = Verdict.RIGHT
    if known is None or trial.verdict is Verdict.WRONG:
        _warn_of_lock(known, trial)
        raise Refused(Refusal.WRONG_LOGIN)
    found: StaffCredentials = known

    async def work(transaction: Transaction) -> StaffEntered:
        if not await sources.staff.note_log_in(found, now, transaction):
            raise Refused(Refusal.WRONG_LOGIN)
        session, token = await sources.staff_sessions.open(found.staff.id, now, transaction)
        await sources.audit.add([_record(context, found.staff, AuditAct.LOGGED_IN)], transaction)
        return StaffEntered(StaffVisit(session, found.staff), token)

    entered = await sources.mongo.transaction(work)
    context.receive(entered.visit)
    return entered


async def log_out(context: RequestContext) -> None:
    """End the session of who of the staff asks; raises Refused NOT_LOGGED_IN."""
    visit = await _logged_in(context)
    sources = context.sources

    async def work(transaction: Transaction) -> None:
        if await sources.staff_sessions.end(visit.session.id, transaction):
            record = _record(context, visit.staff, AuditAct.LOGGED_OUT)
            await sources.audit.add([record], transaction)

    await sources.mongo.transaction(work)
    context.receive(None)


async def change_password(context: RequestContext, current: str, new: str) -> None:
    """Replace the password of who of the staff asks, and end all other sessions; raises Refused."""
    visit = await _logged_in(context)
    sources, who = context.sources, visit.staff
    known = await _judged(context, visit, current)
    fault = password_fault(PASSWORD, new, who.login_id, breached_passwords(), ("newPassword",))
    if fault is not None:
        raise RefusedInput(fault)
    if new == current:
        raise Refused(Refusal.SAME_PASSWORD, "newPassword")
    password_hash = await PASSWORDS.hash(new)

    async def work(transaction: Transaction) -> None:
        if not await sources.staff.set_password(known, password_hash, transaction):
            raise Refused(Refusal.WRONG_PASSWORD, "currentPassword")
        await sources.staff_sessions.end_all(who.id, transaction, kept=visit.session.id)
        record = _record(context, who, AuditAct.PASSWORD_CHANGED)
        await sources.audit.add([record], transaction)

    await sources.mongo.transaction(work)


def log_in_account(login_id: str) -> Account:
    """What wrong passwords of staff count against; no portal has an empty key."""
    return Account("", login_key(login_id))


async def _logged_in(context: RequestContext) -> StaffVisit:
    try:
        visit = await staff(context)
    except Unauthenticated:
        visit = None
    if visit is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    return visit


async def _judged(context: RequestContext, visit: StaffVisit, password: str) -> StaffCredentials:
    """The account of who asks, if the password is right; raises Refused. A wrong one counts."""
    known = await context.sources.staff.by_id(visit.staff.id)
    if known is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    async with attempt(context, log_in_account(visit.staff.login_id), LOCKOUT) as trial:
        if await PASSWORDS.matches(known.password_hash, password[:_MAX_SECRET_LENGTH]):
            trial.verdict = Verdict.RIGHT
    if trial.verdict is Verdict.WRONG:
        _warn_of_lock(known, trial)
        raise Refused(Refusal.WRONG_PASSWORD, "currentPassword")
    return known


def _warn_of_lock(known: StaffCredentials | None, trial: Trial) -> None:
    if known is not None and trial.locked_until is not None:
        _log.warning("an account of staff is locked", staff=known.staff.id)


def _record(context: RequestContext, who: Staff, act: AuditAct) -> AuditRecord:
    return AuditRecord(context.now, act, who.id, who.login_id)
