"""What staff do for members and to them; each act is in the audit log, in the same transaction."""

from datasources.attempts import Account
from datasources.mongo import InTransaction, Transaction
from domain.audit import AuditAct, AuditRecord
from domain.identity import text_fault
from domain.leaving import LeaveReason, OperatorReason
from domain.members import Member, MemberState
from domain.staff import NOTE, StaffRight, StaffVisit
from resolvers import notices
from resolvers.account_postcards import reissue_account_postcard
from resolvers.context import RequestContext
from resolvers.leaving import end_membership
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.staff_members import counted_accounts
from resolvers.staff_sessions import allowed


async def unlock(context: RequestContext, member: str, note: str | None) -> None:
    """Let all wrong entries of a member be forgotten, and with them the locks; raises Refused."""
    visit = await allowed(context, StaffRight.SERVE)
    _check_note(note, "note")
    found = await _member(context, visit, member)
    sources = context.sources
    kept = _keeping(context, visit, AuditAct.UNLOCKED, found, note=note)

    async def work(transaction: Transaction) -> None:
        for _, account in counted_accounts(found):
            await sources.attempts.forget(account, transaction)
        await kept(transaction)

    await sources.mongo.transaction(work)


async def reissue_postcard(context: RequestContext, member: str, note: str | None) -> None:
    """Send a member another postcard, however lately one was sent; raises Refused."""
    visit = await allowed(context, StaffRight.SERVE)
    _check_note(note, "note")
    found = await _member(context, visit, member)
    kept = _keeping(context, visit, AuditAct.POSTCARD_REISSUED, found, note=note)
    if not await reissue_account_postcard(context.sources, found.id, context.now, kept):
        raise Refused(Refusal.NO_POSTCARD)


async def remove_registration(context: RequestContext, member: str, reason: str) -> None:
    """Let a member register again (MB-11): the account ends, and nothing of it is in the way.

    The member is told, in case it was somebody else who asked for it. Raises Refused.
    """
    visit = await allowed(context, StaffRight.DECIDE)
    _check_note(reason, "reason")
    found = await _member(context, visit, member)
    sources, now = context.sources, context.now
    kept = _keeping(context, visit, AuditAct.REGISTRATION_REMOVED, found, reason=reason)
    contracts = await sources.contracts.of_member(found.id)
    proofs = [Account.of_contract(each.portal, each.customer_number) for each in contracts]

    async def also(transaction: Transaction) -> None:
        for account in [*proofs, *(each for _, each in counted_accounts(found))]:
            await sources.attempts.forget(account, transaction)
        await kept(transaction)

    told = notices.registration_removed(found, now)
    why = LeaveReason.REGISTRATION_REMOVED
    if not await end_membership(sources, found, why, now, told, also):
        raise Refused(Refusal.NO_SUCH_MEMBER, "memberId")


async def end(
    context: RequestContext, member: str, reason: OperatorReason, note: str | None
) -> None:
    """End a membership by the company's decision (MB-16); raises Refused."""
    visit = await allowed(context, StaffRight.DECIDE)
    _check_note(note, "note")
    found = await _member(context, visit, member)
    kept = _keeping(
        context, visit, AuditAct.MEMBERSHIP_ENDED, found, reason=reason.value, note=note
    )
    why = LeaveReason(reason)
    if not await end_membership(context.sources, found, why, context.now, also=kept):
        raise Refused(Refusal.NO_SUCH_MEMBER, "memberId")


async def resend(context: RequestContext, message: str, note: str | None) -> None:
    """Let a message that was given up wait once more; raises Refused."""
    visit = await allowed(context, StaffRight.SERVE)
    _check_note(note, "note")
    sources, who = context.sources, visit.staff
    dead = await sources.outbox.dead_message(message)
    if dead is None or not who.serves(dead.portal):
        raise Refused(Refusal.NO_SUCH_MESSAGE, "id")
    record = AuditRecord(
        context.now,
        AuditAct.MESSAGE_RESENT,
        who.id,
        who.login_id,
        dead.portal,
        dead.member,
        subject=dead.id,
        note=note,
    )

    async def work(transaction: Transaction) -> None:
        if not await sources.outbox.resend(message, transaction):
            raise Refused(Refusal.NO_SUCH_MESSAGE, "id")
        await sources.audit.add([record], transaction)

    await sources.mongo.transaction(work)


async def _member(context: RequestContext, visit: StaffVisit, member: str) -> Member:
    """A member of the portals of who asks, who has not left; raises Refused NO_SUCH_MEMBER."""
    found = await context.sources.members.by_id(member)
    if found is None or not visit.staff.serves(found.portal):
        raise Refused(Refusal.NO_SUCH_MEMBER, "memberId")
    if found.state is MemberState.WITHDRAWN:
        raise Refused(Refusal.NO_SUCH_MEMBER, "memberId")
    return found


def _keeping(
    context: RequestContext,
    visit: StaffVisit,
    act: AuditAct,
    member: Member,
    *,
    reason: str | None = None,
    note: str | None = None,
) -> InTransaction:
    """What writes an act into the audit log, in the transaction that it is given."""
    who = visit.staff
    record = AuditRecord(
        context.now,
        act,
        who.id,
        who.login_id,
        member.portal,
        member.id,
        reason=reason,
        note=note,
    )

    async def keep(transaction: Transaction) -> None:
        await context.sources.audit.add([record], transaction)

    return keep


def _check_note(text: str | None, field: str) -> None:
    if text is not None and (fault := text_fault(NOTE, text, (field,))):
        raise RefusedInput(fault)
