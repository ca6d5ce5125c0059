"""Who has logged in, and who has shown the password again just now."""

from dataclasses import replace
from datetime import timedelta

from datasources.attempts import Account
from domain.errors import Unauthenticated
from domain.lockout import Verdict
from domain.members import Credentials, Session, login_key
from domain.policy import Duty
from resolvers.attempts import attempt
from resolvers.context import RequestContext
from resolvers.entering import note_lock
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused


async def logged_in(context: RequestContext, *duties: Duty) -> Session:
    """Session of who asks; raises Refused NOT_LOGGED_IN.

    DUTY_FIRST while the first log-in is not complete, unless the duty that comes next is one of these.
    """
    try:
        session = await context.require_session(on_duty=True)
    except Unauthenticated:
        raise Refused(Refusal.NOT_LOGGED_IN) from None
    if session.duties and session.duties[0] not in duties:
        raise Refused(Refusal.DUTY_FIRST)
    return session


async def confirmed(context: RequestContext, *duties: Duty) -> Session:
    """Session of who has just given the password again; raises Refused as `logged_in` does.

    PASSWORD_NEEDED, unless that was within the last minutes (`KENSHIN_CONFIRMATION_MINUTES`).
    """
    session = await logged_in(context, *duties)
    life = timedelta(minutes=context.sources.settings.confirmation_minutes)
    if session.confirmed_at is None or context.now - session.confirmed_at >= life:
        raise Refused(Refusal.PASSWORD_NEEDED)
    return session


async def confirm_password(context: RequestContext, password: str) -> None:
    """Note that who asks knows the password; raises Refused as `judged_password` does."""
    session = await logged_in(context, Duty.KEYWORDS)
    await judged_password(context, session, password, "password")
    await context.sources.sessions.confirm(session.id, context.now)
    context.adopt(replace(session, confirmed_at=context.now))


async def judged_password(
    context: RequestContext, session: Session, password: str, field: str
) -> Credentials:
    """The member of a session, if the password is right; raises Refused WRONG_PASSWORD, or LOCKED.

    A wrong one counts as a wrong log-in.
    """
    known = await context.sources.members.credentials(session.member)
    if known is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    account = Account(known.member.portal, login_key(known.member.login_id))
    async with attempt(context, account) as trial:
        if await PASSWORDS.matches(known.password_hash, password):
            trial.verdict = Verdict.RIGHT
    if trial.verdict is Verdict.WRONG:
        note_lock(context, known, trial)
        raise Refused(Refusal.WRONG_PASSWORD, field)
    return known
