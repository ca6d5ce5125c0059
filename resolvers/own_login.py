"""What members change of how they log in: password and login ID (MB-14)."""

from collections.abc import Sequence

from datasources.breached_passwords import breached_passwords
from datasources.mongo import Transaction
from domain.identity import login_id_fault, password_fault
from domain.members import Member
from domain.policy import Duty
from resolvers import notices
from resolvers.context import RequestContext
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.step_up import confirmed, judged_password, logged_in
from resolvers.throttling import throttle_login_ids


async def change_password(context: RequestContext, current: str, new: str) -> None:
    """Replace the password, end all other sessions and tell the member; raises Refused."""
    session = await logged_in(context, Duty.NEW_PASSWORD)
    known = await judged_password(context, session, current, "currentPassword")
    member, sources = known.member, context.sources
    rule = context.portal(member.portal).password
    fault = password_fault(rule, new, member.login_id, breached_passwords(), ("newPassword",))
    if fault is not None:
        raise RefusedInput(fault)
    if new == current:
        raise Refused(Refusal.SAME_PASSWORD, "newPassword")
    password_hash = await PASSWORDS.hash(new)

    async def change(transaction: Transaction, _: Sequence[str]) -> None:
        await sources.first_logins.fulfil(member.id, Duty.NEW_PASSWORD, transaction)
        if not await sources.members.set_password(known, password_hash, transaction):
            raise Refused(Refusal.WRONG_PASSWORD, "currentPassword")
        await sources.outbox.add(notices.password_changed(member, context.now), transaction)

    await sources.sessions.end_others(member.id, session.id, change)
    context.adopt(session.after(Duty.NEW_PASSWORD))


async def change_login_id(context: RequestContext, login_id: str) -> Member:
    """Replace the login ID of who has just given the password again; raises Refused."""
    session = await confirmed(context)
    portal = context.portal(session.portal)
    if not portal.login_id.changeable:
        raise Refused(Refusal.NOT_CHANGEABLE)
    if fault := login_id_fault(portal, login_id):
        raise RefusedInput(fault)
    await throttle_login_ids(context, session.member)
    if not portal.password.may_equal_login_id:
        await _must_not_be_password(context, session.member, login_id)
    changed = await context.sources.members.set_login_id(session.member, login_id)
    if changed is None:
        raise Refused(Refusal.LOGIN_ID_TAKEN, "loginId")
    return changed


async def _must_not_be_password(context: RequestContext, member: str, login_id: str) -> None:
    known = await context.sources.members.credentials(member)
    if known and await PASSWORDS.matches(known.password_hash, login_id):
        raise Refused(Refusal.SAME_AS_PASSWORD, "loginId")
