"""What staff see of members: found by what a person on the phone can tell, and how things stand.

Every look at a member is in the audit log before anything of the member is answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from datasources.attempts import Account
from datasources.member_lookups import MOST
from datasources.mongo import Transaction
from datasources.postcards import PostcardInTransit
from domain.audit import AuditAct, AuditChoice, AuditEntry, AuditRecord
from domain.members import Member
from domain.outbox import DeadMessage
from domain.paging import Page, PageRequest
from domain.staff import StaffRight, StaffVisit
from domain.standing import Counted, MemberHistory, MessageRecord, RegistrationRecord, Tries
from resolvers.context import RequestContext
from resolvers.staff_sessions import with_portal, with_right


@dataclass(frozen=True, slots=True)
class MemberKey:
    """By what a member is looked for; exactly one is given."""

    id: str | None = None
    login_id: str | None = None
    customer_number: str | None = None
    email: str | None = None


async def members(context: RequestContext, portal: str, by: MemberKey) -> list[Member]:
    """Members of a portal, at most twenty; raises Unauthenticated, Forbidden or BadInput."""
    visit = with_right(context, StaffRight.LOOK)
    with_portal(context, visit, portal)
    found = await context.sources.members.by_ids(await _ids(context, portal, by))
    wanted = [member for member in found.values() if member.portal == portal]
    await _note(context, visit, portal, wanted)
    return sorted(wanted, key=lambda member: member.id)


async def history(context: RequestContext, member: Member) -> MemberHistory:
    return await context.sources.lookups.history(member.id)


async def registrations(context: RequestContext, member: Member) -> list[RegistrationRecord]:
    return await context.sources.lookups.registrations(member)


async def customer_numbers(context: RequestContext, member: Member) -> list[str]:
    contracts = await context.sources.contracts.of_member(member.id)
    return [contract.customer_number for contract in contracts]


async def open_sessions(context: RequestContext, member: Member) -> int:
    return await context.sources.lookups.open_sessions(member.id, context.now)


async def tries(context: RequestContext, member: Member) -> list[tuple[Counted, Tries]]:
    """Wrong entries in a row, of every kind of which there are any."""
    accounts = counted_accounts(member)
    found = [await context.sources.attempts.tries(each, context.now) for _, each in accounts]
    kinds = [kind for kind, _ in accounts]
    return [(kind, each) for kind, each in zip(kinds, found, strict=True) if each.wrong]


async def postcard(context: RequestContext, member: Member) -> PostcardInTransit | None:
    """The postcard with a code that is on its way."""
    return await context.sources.postcards.find(member.id)


async def messages(context: RequestContext, member: Member) -> list[MessageRecord]:
    return await context.sources.lookups.messages(member.id)


async def acts(context: RequestContext, member: Member) -> list[AuditEntry]:
    """What staff did to a member, the newest first; not who looked."""
    return await context.sources.audit.changes_of(member.id, MOST)


async def dead_messages(context: RequestContext, limit: int) -> list[DeadMessage]:
    """Messages that were given up, of the portals of who asks; raises Unauthenticated or Forbidden."""
    visit = with_right(context, StaffRight.LOOK)
    return await context.sources.outbox.dead(limit, visit.staff.portals)


async def audit_page(
    context: RequestContext, member: str | None, staff: str | None, request: PageRequest
) -> Page[AuditEntry]:
    """Page of the audit log, the newest first; raises Unauthenticated or Forbidden."""
    return await context.sources.audit.page(_choice(context, member, staff), request)


async def audit_count(context: RequestContext, member: str | None, staff: str | None) -> int:
    return await context.sources.audit.count(_choice(context, member, staff))


def counted_accounts(member: Member) -> list[tuple[Counted, Account]]:
    """What wrong entries of a member, or for a member, count against."""
    portal = member.portal
    accounts = [
        (Counted.LOG_IN, Account.of_log_in(portal, member.login_id)),
        (Counted.POSTCARD_CODE, Account.of_postcard(portal, member.id)),
        (Counted.CONTRACT_PHONE, Account.of_phone(portal, member.id)),
    ]
    recoveries = [Account.of_recovery(portal, email) for email in member.emails]
    return accounts + [(Counted.RECOVERY, each) for each in recoveries]


def _choice(context: RequestContext, member: str | None, staff: str | None) -> AuditChoice:
    visit = with_right(context, StaffRight.AUDIT)
    return AuditChoice(visit.staff.portals, member, staff)


async def _ids(context: RequestContext, portal: str, by: MemberKey) -> Sequence[str]:
    lookups = context.sources.lookups
    if by.id is not None:
        return [by.id]
    if by.login_id is not None:
        return await lookups.ids_by_login(portal, by.login_id)
    if by.customer_number is not None:
        return await lookups.ids_by_customer_number(portal, by.customer_number)
    known = await context.sources.members.by_email(portal, by.email or "", MOST)
    return [each.member.id for each in known]


async def _note(
    context: RequestContext, visit: StaffVisit, portal: str, found: Sequence[Member]
) -> None:
    """Keep in the audit log whom somebody saw, or that they looked for somebody in vain."""
    who, now = visit.staff, context.now
    records = [
        AuditRecord(now, AuditAct.LOOKED, who.id, who.login_id, portal, member.id)
        for member in found
    ] or [AuditRecord(now, AuditAct.SEARCHED, who.id, who.login_id, portal)]

    async def work(transaction: Transaction) -> None:
        await context.sources.audit.add(records, transaction)

    await context.sources.mongo.transaction(work)
