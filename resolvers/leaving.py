"""Leaving a portal, of one's own will or by the operator's decision (MB-15, MB-16).

The contract of supply is not touched. But nobody is registered for it any more, and its facilities are
nobody's again. So a membership under a false name does not keep the true customer out, and who
registers again sees all readings and bills of the contract (US-1), not only those since then.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from datasources.mongo import InTransaction, PyMongoError, Transaction, describe
from domain.consents import ConsentEnd
from domain.leaving import LeaveReason, has_access, withdrawal_at
from domain.members import Member
from domain.outbox import Message
from resolvers import notices
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused
from resolvers.sources import Sources
from resolvers.step_up import confirmed

_AT_ONCE: Final = 100
"Memberships that are ended between two looks at which are due."
_LOOK_SECONDS: Final = 60.0
_log = structlog.get_logger()


async def withdraw(context: RequestContext) -> datetime:
    """End the membership of who has just given the password again; gives when it ends.

    Raises Refused. Where the portal takes a while, asking again changes nothing.
    """
    session = await confirmed(context)
    sources, now = context.sources, context.now
    member = await sources.members.by_id(session.member)
    if member is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    at = withdrawal_at(context.portal(member.portal).withdrawal, now)
    if has_access(at, now):
        return await _withdraw_later(sources, member, at)
    told = notices.withdrawn(member, at)
    await end_membership(sources, member, LeaveReason.WITHDRAWAL, at, told)
    context.adopt(None)
    return at


async def end_membership(
    sources: Sources,
    member: Member,
    reason: LeaveReason,
    at: datetime,
    told: Sequence[Message] = (),
    also: InTransaction | None = None,
) -> bool:
    """End a membership and all that hangs on it, in one transaction; False if it has ended before.

    `also(transaction)` is done in it too, unless it has ended before.
    """
    left = False

    async def change(transaction: Transaction, _: Sequence[str]) -> None:
        nonlocal left
        left = await sources.members.leave(member.id, at, reason, transaction)
        if not left:
            return
        await sources.facilities.release(member.id, transaction)
        await sources.contracts.release(member.id, transaction)
        await sources.devices.forget_all(member.id, transaction)
        await sources.postcards.discard(member.id, transaction)
        await sources.terms.stop(member.id, transaction)
        await sources.outbox.add(told, transaction)
        if also is not None:
            await also(transaction)

    await sources.sessions.end_all(member.id, change, ConsentEnd.MEMBER_LEFT)
    if left:
        _log.info("membership ended", member=member.id, portal=member.portal, reason=reason.value)
    return left


async def end_due_memberships(sources: Sources) -> int:
    """End memberships whose time has come, some at once; gives how many.

    Nobody can log in to them any more as it is: this lets the login IDs, addresses and contracts go.
    """
    now, ended = sources.clock(), 0
    for member in await sources.members.due_to_leave(now, _AT_ONCE):
        at = member.leaves_at or now
        ended += await end_membership(sources, member, LeaveReason.WITHDRAWAL, at)
    return ended


async def keep_ending_memberships(sources: Sources) -> None:
    """Look every minute for memberships that are to end."""
    while True:
        try:
            while await end_due_memberships(sources):
                pass
        except PyMongoError as error:
            _log.warning("cannot end memberships", error=describe(error))
        await asyncio.sleep(_LOOK_SECONDS)


async def _withdraw_later(sources: Sources, member: Member, at: datetime) -> datetime:
    """Let the member go on until then, and no session longer; gives when the membership ends."""
    told = notices.withdrawn(member, at)

    async def work(transaction: Transaction) -> bool:
        reason = LeaveReason.WITHDRAWAL
        if not await sources.members.plan_leave(member.id, at, reason, transaction):
            return False
        await sources.sessions.limit(member.id, at, transaction)
        await sources.terms.stop(member.id, transaction)
        await sources.outbox.add(told, transaction)
        return True

    if await sources.mongo.transaction(work):
        return at
    known = await sources.members.by_id(member.id)
    if known is None or known.leaves_at is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    return known.leaves_at
