"""A member's own e-mail addresses: another first one, and more for notices (MB-5, MB-13, MB-14).

All of it needs the password again. An address becomes the member's by the link that goes to it.
"""

from datasources.email_changes import EmailPurpose
from datasources.mongo import Transaction
from domain.identity import Fault
from domain.members import Credentials, Member
from domain.own_emails import first_email_fault, one_more_email_fault, without
from resolvers import notices
from resolvers.context import RequestContext
from resolvers.email_links import is_login_id, send_link, store_emails
from resolvers.passwords import PASSWORDS
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.step_up import confirmed


async def change_email(context: RequestContext, email: str) -> None:
    """Send an address a link that makes it the first one; raises Refused."""
    await _ask_for_first(context, await _confirmed(context), email)


async def add_email(context: RequestContext, email: str) -> None:
    """Send an address a link that makes it one more, or the first if there is none; raises Refused."""
    known = await _confirmed(context)
    if not known.member.emails:
        await _ask_for_first(context, known, email)
        return
    rule = context.portal(known.member.portal).email
    _check(one_more_email_fault(rule, known.member.emails, email))
    await send_link(context, known, email, EmailPurpose.ADD)


async def remove_email(context: RequestContext, email: str) -> Member:
    """Take away an address that is not the first one, and tell the member; raises Refused."""
    mine = (await _confirmed(context)).member.id
    sources = context.sources

    async def work(transaction: Transaction) -> None:
        known = await sources.members.credentials(mine, transaction)
        if known is None or not known.may_log_in(context.now):
            raise Refused(Refusal.NOT_LOGGED_IN)
        member = known.member
        kept = without(member.emails, email)
        gone = [each for each in member.emails if each not in kept]
        if not gone:
            raise Refused(Refusal.NO_SUCH_EMAIL, "email")
        if kept[:1] != list(member.emails[:1]):
            raise Refused(Refusal.FIRST_EMAIL, "email")
        await store_emails(context, member, kept, transaction)
        told = notices.emails_changed(member, kept, gone[0], context.now)
        await sources.outbox.add(told, transaction)

    await sources.mongo.transaction(work)
    return (await sources.members.by_ids([mine]))[mine]


async def _ask_for_first(context: RequestContext, known: Credentials, email: str) -> None:
    portal = context.portal(known.member.portal)
    _check(first_email_fault(portal.email, known.member.emails, email))
    must_differ = is_login_id(portal) and not portal.password.may_equal_login_id
    if must_differ and await PASSWORDS.matches(known.password_hash, email):
        raise Refused(Refusal.SAME_AS_PASSWORD, "email")
    await send_link(context, known, email, EmailPurpose.CHANGE)


async def _confirmed(context: RequestContext) -> Credentials:
    """Who has just given the password again; raises Refused."""
    session = await confirmed(context)
    known = await context.sources.members.credentials(session.member)
    if known is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    return known


def _check(fault: Fault | None) -> None:
    if fault is not None:
        raise RefusedInput(fault)
