"""Beginning to become a member: an address, and the link that goes to it (MB-1, MB-6)."""

from datetime import timedelta

from datasources.mongo import Transaction
from datasources.registrations import PendingRegistration
from domain.identity import email_fault
from domain.outbox import Language, MailKind, Message
from domain.policy import Registrant
from domain.portal import Portal
from resolvers.context import RequestContext
from resolvers.named_portals import known_portal
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.throttling import throttle_client, throttle_new_address


async def start(context: RequestContext, key: str, email: str, language: Language) -> str | None:
    """Send a link to an address; gives a token only where a portal opens its form without a link.

    The answer is the same whether or not a member has the address: then the mail says so instead.
    Raises Refused.
    """
    portal = open_portal(context, key)
    if fault := email_fault(portal.email, email):
        raise RefusedInput(fault)
    most = context.sources.settings.registrations_per_address
    await throttle_client(context, "registration", most, Refusal.TOO_MANY_REGISTRATIONS)
    await throttle_new_address(context, portal.key, email)
    rule, sources = portal.registration, context.sources
    begun = PendingRegistration(
        portal.key, email, language, context.now + timedelta(hours=rule.link_hours)
    )
    is_known = portal.email.one_member_each and await sources.members.has_email(portal.key, email)

    async def work(transaction: Transaction) -> str:
        token = await sources.registrations.add(begun, transaction)
        if rule.email_first:
            # For a known address too there is a registration, whose token nobody learns: so that both
            # take as long.
            message = _already_member(begun) if is_known else _link(context, begun, token)
            await sources.outbox.add([message], transaction)
        return token

    token = await sources.mongo.transaction(work)
    return None if rule.email_first else token


async def send_test_mail(context: RequestContext, key: str, token: str) -> None:
    """Send a mail to the address of a registration (MB-6); raises Refused."""
    begun = await unused(context, key, token)
    await throttle_new_address(context, begun.portal, begun.email)
    message = Message(MailKind.EMAIL_TEST, begun.portal, None, begun.email, begun.language, {})
    await context.sources.outbox.post([message])


async def unused(context: RequestContext, key: str, token: str) -> PendingRegistration:
    """The registration of a token; raises Refused WRONG_LINK if it has ended, or is used up."""
    begun = await begun_at(context, key, token)
    if begun.member is not None:
        raise Refused(Refusal.WRONG_LINK, "token")
    return begun


async def begun_at(context: RequestContext, key: str, token: str) -> PendingRegistration:
    """The same, used up or not; a token of another portal is as wrong as any other."""
    begun = await context.sources.registrations.find(token, context.now)
    if begun is None or begun.portal != open_portal(context, key).key:
        raise Refused(Refusal.WRONG_LINK, "token")
    return begun


def open_portal(context: RequestContext, key: str) -> Portal:
    """A portal with which people register; raises Refused."""
    portal = known_portal(context, key)
    if portal.registration.by is Registrant.UTILITY_ISSUED:
        raise Refused(Refusal.NO_REGISTRATION, "portal")
    return portal


def _link(context: RequestContext, begun: PendingRegistration, token: str) -> Message:
    link = context.sources.settings.registration_link
    values = {
        "link": link.replace("{portal}", begun.portal).replace("{token}", token),
        "ends_at": begun.ends_at.isoformat(),
    }
    return Message(
        MailKind.REGISTRATION_LINK, begun.portal, None, begun.email, begun.language, values
    )


def _already_member(begun: PendingRegistration) -> Message:
    return Message(MailKind.ALREADY_MEMBER, begun.portal, None, begun.email, begun.language, {})
