"""What the operator does at the command line: in the audit log like acts of staff, but nobody's."""

from datasources.mongo import Transaction
from domain.audit import AuditAct, AuditRecord
from domain.leaving import LeaveReason
from domain.members import Member
from resolvers.leaving import end_membership
from resolvers.sources import Sources


async def end(sources: Sources, member: Member, reason: LeaveReason) -> bool:
    """End a membership (MB-16); False if it has ended before."""
    at = sources.clock()
    record = AuditRecord(
        at, AuditAct.MEMBERSHIP_ENDED, None, None, member.portal, member.id, reason=reason.value
    )

    async def keep(transaction: Transaction) -> None:
        await sources.audit.add([record], transaction)

    return await end_membership(sources, member, reason, at, also=keep)


async def resend(sources: Sources, message: str) -> bool:
    """Let a message that was given up wait once more; False: no such message is dead."""
    dead = await sources.outbox.dead_message(message)
    if dead is None:
        return False
    record = AuditRecord(
        sources.clock(),
        AuditAct.MESSAGE_RESENT,
        None,
        None,
        dead.portal,
        dead.member,
        subject=dead.id,
    )

    async def work(transaction: Transaction) -> bool:
        if not await sources.outbox.resend(message, transaction):
            return False
        await sources.audit.add([record], transaction)
        return True

    return await sources.mongo.transaction(work)
