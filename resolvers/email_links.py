"""Links that make an address a member's: sending them, and doing what they are for (MB-5, MB-13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from datasources.email_changes import EmailChange, EmailPurpose
from datasources.members import EmailTaken
from datasources.mongo import InTransaction, Transaction
from datasources.password_resets import reset_mark
from domain.members import Credentials, Member
from domain.outbox import Language, MailKind, Message
from domain.own_emails import too_many_fault, with_first, with_one_more
from domain.policy import LoginIdSource
from domain.portal import Portal
from resolvers import notices
from resolvers.context import RequestContext
from resolvers.membership import may_use_portal
from resolvers.named_portals import known_portal
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.throttling import throttle, throttle_new_address


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is to be written."""

    member: Member
    asked: EmailChange
    is_taken: bool
    "Another member has the address; so the mail says that, and nobody learns the token."


async def send_link(
    context: RequestContext, known: Credentials, email: str, purpose: EmailPurpose
) -> None:
    """Write a link to an address, or that it is another member's; raises Refused for too many.

    Both are as much work, and only who reads the mail knows which it was.
    """
    most = context.sources.settings.email_links_per_member
    name = f"email link\0{known.member.id}"
    await throttle(context, name, most, Refusal.TOO_MANY_REQUESTS)
    link = await new_link(context, known, email, purpose)

    async def work(transaction: Transaction) -> None:
        await write_link(context, link, transaction)

    await context.sources.mongo.transaction(work)


async def new_link(
    context: RequestContext, known: Credentials, email: str, purpose: EmailPurpose
) -> NewLink:
    """A link to an address, counted; raises Refused TOO_MANY_MAILS."""
    member = known.member
    portal = context.portal(member.portal)
    await throttle_new_address(context, portal.key, email)
    ends_at = context.now + timedelta(hours=portal.registration.link_hours)
    asked = EmailChange(member.id, portal.key, email, purpose, ends_at, reset_mark(known))
    has_another = context.sources.members.has_another_email
    is_sole = portal.email.one_member_each or is_login_id(portal)
    return NewLink(member, asked, is_sole and await has_another(portal.key, email, member.id))


async def write_link(context: RequestContext, link: NewLink, transaction: Transaction) -> None:
    token = await context.sources.email_changes.put(link.asked, transaction)
    message = _taken(link) if link.is_taken else _link(context, link, token)
    await context.sources.outbox.add([message], transaction)


async def confirm(context: RequestContext, key: str, token: str) -> bool:
    """Do what the link of a token is for, and tell the member; raises Refused.

    Gives whether all sessions have ended, as they do once the first address is another one.
    """
    portal = known_portal(context, key)
    asked = await context.sources.email_changes.find(token, context.now)
    if asked is None or asked.portal != portal.key:
        raise _wrong_link()
    known = await context.sources.members.credentials(asked.member)
    if known is None or not await may_use_portal(context, known):
        raise _wrong_link()
    change = _change(context, asked, token)
    try:
        if asked.purpose is EmailPurpose.ADD:
            await context.sources.mongo.transaction(change)
            return False
        await _end_sessions(context, asked.member, change)
    except EmailTaken:
        raise Refused(Refusal.EMAIL_TAKEN) from None
    return True


def is_login_id(portal: Portal) -> bool:
    """Whether the first address is what members log in with."""
    return portal.login_id.source is LoginIdSource.EMAIL


async def store_emails(
    context: RequestContext, member: Member, emails: Sequence[str], transaction: Transaction
) -> None:
    """Replace the addresses of a member as its portal has them; raises EmailTaken."""
    portal = context.portal(member.portal)
    await context.sources.member_changes.set_emails(
        member.id,
        emails,
        transaction,
        one_member_each=portal.email.one_member_each,
        first_is_login_id=is_login_id(portal),
    )


def _change(context: RequestContext, asked: EmailChange, token: str) -> InTransaction:
    """What is done in one transaction; it finds the member as it is then, or raises Refused."""
    sources = context.sources

    async def change(transaction: Transaction) -> None:
        used = await sources.email_changes.use_up(token, transaction)
        known = await sources.members.credentials(asked.member, transaction)
        if not used or known is None or not known.may_log_in(context.now):
            raise _wrong_link()
        if reset_mark(known) != asked.mark:
            raise _wrong_link()
        emails, told = _outcome(context, known.member, asked)
        await store_emails(context, known.member, emails, transaction)
        await sources.outbox.add(told, transaction)

    return change


def _outcome(
    context: RequestContext, member: Member, asked: EmailChange
) -> tuple[list[str], list[Message]]:
    """Addresses from now on, and who is told of it; raises RefusedInput if they are too many."""
    if asked.purpose is EmailPurpose.CHANGE:
        told = notices.email_changed(member, asked.email, context.now)
        return with_first(member.emails, asked.email), told
    emails = with_one_more(member.emails, asked.email)
    rule = context.portal(member.portal).email
    if fault := too_many_fault(rule, len(emails), ("token",)):
        raise RefusedInput(fault)
    return emails, notices.emails_changed(member, emails, asked.email, context.now)


async def _end_sessions(context: RequestContext, member: str, change: InTransaction) -> None:
    async def work(transaction: Transaction, _: Sequence[str]) -> None:
        await change(transaction)

    await context.sources.sessions.end_all(member, work)
    if context.session is not None and context.session.member == member:
        context.adopt(None)


def _link(context: RequestContext, link: NewLink, token: str) -> Message:
    member, asked = link.member, link.asked
    page = context.sources.settings.email_link.replace("{portal}", member.portal)
    values = {"link": page.replace("{token}", token), "ends_at": asked.ends_at.isoformat()}
    language = Language(member.language)
    return Message(MailKind.EMAIL_LINK, member.portal, member.id, asked.email, language, values)


def _taken(link: NewLink) -> Message:
    """To whom the address belongs, who is not the member."""
    language = Language(link.member.language)
    return Message(MailKind.EMAIL_TAKEN, link.member.portal, None, link.asked.email, language, {})


def _wrong_link() -> Refused:
    return Refused(Refusal.WRONG_LINK, "token")
