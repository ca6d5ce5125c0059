"""Asking for a forgotten ID or password by e-mail (MB-11).

Who asks names the address, or where the portal lets them the customer number, which stands on every
bill: so it says who is meant, but the mail goes to the address that this member has. Whether there is
such a member is looked up after the answer, which is the same for all, and takes as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from datasources.mongo import Transaction
from datasources.password_resets import PasswordReset, reset_mark
from domain.identity import Fault, FaultCode, email_fault, profile_faults
from domain.members import Credentials, Member, email_key
from domain.outbox import Language, MailKind, Message
from domain.policy import ContractFact, RecoveryWay
from domain.portal import Portal
from domain.profile_form import ProfileForm
from domain.supply import customer_key
from resolvers.context import RequestContext
from resolvers.membership import may_use_portal
from resolvers.named_portals import known_portal
from resolvers.refusals import Refusal, Refused, RefusedInput
from resolvers.throttling import throttle, throttle_client

MOST_MEMBERS: Final = 20
"Of one address, that are told at once: a bound to the mails that one request sends."


@dataclass(frozen=True, slots=True)
class Named:
    """Who is meant: exactly one of the two is given."""

    email: str | None
    customer_number: str | None


async def request_password_reset(
    context: RequestContext, key: str, named: Named, language: Language
) -> None:
    """Send every member who is meant a link that sets a new password; raises Refused."""
    portal = await _allowed(context, key, named)
    context.sources.afterwards.add(_send_links(context, portal, named, language))


async def request_login_id(
    context: RequestContext, key: str, named: Named, language: Language
) -> None:
    """Send the login IDs of the members who are meant to their address; raises Refused."""
    portal = await _allowed(context, key, named)
    context.sources.afterwards.add(_send_login_ids(context, portal, named, language))


def has_own_password(known: Credentials) -> bool:
    """Whether the password is not the first one of a postcard.

    That one shows who lives at the address of the contract, which an e-mail does not (MB-7).
    """
    return known.password_ends_at is None


async def _allowed(context: RequestContext, key: str, named: Named) -> Portal:
    """The portal, once a request is counted; raises Refused.

    Counted by address or number whether a member has it or not, so that no answer tells.
    """
    portal = known_portal(context, key)
    whom = _checked(portal, named)
    settings = context.sources.settings
    most = settings.recoveries_per_address
    await throttle_client(context, "recovery", most, Refusal.TOO_MANY_REQUESTS)
    name = f"recovery mail\0{portal.key}\0{whom}"
    await throttle(context, name, settings.recovery_mails_per_email, Refusal.TOO_MANY_MAILS)
    return portal


def _checked(portal: Portal, named: Named) -> str:
    """What requests for the same address or customer number are counted by; raises Refused."""
    if named.customer_number is None:
        if fault := email_fault(portal.email, named.email or ""):
            raise RefusedInput(fault)
        return email_key(named.email or "")
    if RecoveryWay.CUSTOMER_NUMBER not in portal.recovery.ways:
        raise Refused(Refusal.NOT_ASKED, "customerNumber")
    if named.email is not None:
        message = "must be left out with a customer number"
        raise RefusedInput(Fault(FaultCode.TOO_MANY, message, ("email",)))
    field = portal.profile.field(ContractFact.CUSTOMER_NUMBER)
    form = ProfileForm(() if field is None else (field,))
    for fault in profile_faults(form, {ContractFact.CUSTOMER_NUMBER: named.customer_number}, ()):
        raise RefusedInput(fault)
    return f"CONTRACT\0{customer_key(named.customer_number)}"


async def _send_links(
    context: RequestContext, portal: Portal, named: Named, language: Language
) -> None:
    found = await _holders(context, portal, named)
    holders = [(to, known) for to, known in found if has_own_password(known)]

    async def work(transaction: Transaction) -> None:
        messages = [await _link(context, to, known, language, transaction) for to, known in holders]
        await context.sources.outbox.add(messages, transaction)

    if holders:
        await context.sources.mongo.transaction(work)


async def _send_login_ids(
    context: RequestContext, portal: Portal, named: Named, language: Language
) -> None:
    holders = await _holders(context, portal, named)
    messages = [
        login_id_reminder(to, [known.member for other, known in holders if other == to], language)
        for to in sorted({to for to, _ in holders})
    ]
    await context.sources.outbox.post(messages)


async def _holders(
    context: RequestContext, portal: Portal, named: Named
) -> list[tuple[str, Credentials]]:
    """Members who are meant, may log in and have an address, in the order of their login IDs.

    Each with the address as that member gave it: what was entered now is only compared with it.
    """
    if named.customer_number is None:
        members = context.sources.members
        found = await members.by_email(portal.key, named.email or "", MOST_MEMBERS)
    else:
        found = await _customer(context, portal, named.customer_number)
    return [
        (each.member.profile.email, each)
        for each in found
        if each.member.profile.email and await may_use_portal(context, each)
    ]


async def _customer(
    context: RequestContext, portal: Portal, customer_number: str
) -> list[Credentials]:
    """The member whose a contract is, if there is one."""
    contract = await context.sources.contracts.find(portal.key, customer_number)
    if contract is None or contract.member is None:
        return []
    known = await context.sources.members.credentials(contract.member)
    return [] if known is None else [known]


async def _link(
    context: RequestContext,
    to: str,
    known: Credentials,
    language: Language,
    transaction: Transaction,
) -> Message:
    """The mail to one member, with a link in place of the older one."""
    member, sources = known.member, context.sources
    life = timedelta(minutes=context.portal(member.portal).recovery.link_minutes)
    ends_at = context.now + life
    reset = PasswordReset(member.id, member.portal, ends_at, reset_mark(known))
    token = await sources.password_resets.put(reset, transaction)
    link = sources.settings.recovery_link.replace("{portal}", member.portal)
    values = {
        "login_id": member.login_id,
        "link": link.replace("{token}", token),
        "ends_at": ends_at.isoformat(),
    }
    return Message(MailKind.PASSWORD_RESET, member.portal, member.id, to, language, values)


def login_id_reminder(to: str, members: Sequence[Member], language: Language) -> Message:
    """The mail to one address, with the IDs of these members who have it."""
    first = members[0]
    values = {"login_ids": ", ".join(member.login_id for member in members)}
    return Message(MailKind.LOGIN_ID_REMINDER, first.portal, first.id, to, language, values)
