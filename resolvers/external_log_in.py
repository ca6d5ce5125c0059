"""Logging in with an outside account by OpenID Connect, linking one and unlinking it (MB-18).

Whatever a provider does or fails to do, logging in with the password goes on: nothing here counts
against an account.
"""

from collections.abc import Sequence

from datasources.external_log_ins import AccountTaken
from datasources.mongo import Transaction
from domain.external_log_in import ExternalLogIn, OutsideAccount, ProviderVisit
from domain.members import Credentials, Member, Session
from domain.outbox import Language
from resolvers import notices
from resolvers.context import RequestContext
from resolvers.entering import Entered, enter
from resolvers.external_visits import Back, Sent, account_of, count, count_less, send, visit_of
from resolvers.membership import may_use_portal
from resolvers.named_portals import known_portal
from resolvers.refusals import Refusal, Refused
from resolvers.second_factor import Asked, ask, has_second_factor, is_known_device
from resolvers.step_up import confirmed, logged_in


async def start(context: RequestContext, key: str, provider: str, redirect_uri: str) -> Sent:
    """Send somebody to a provider to log in; raises Refused."""
    portal = known_portal(context, key)
    await count(context)
    return await send(context, portal, provider, redirect_uri, None)


async def start_linking(context: RequestContext, provider: str, redirect_uri: str) -> Sent:
    """Send who has just given the password again to a provider, to link an account; raises Refused."""
    session = await confirmed(context)
    await count(context)
    portal = context.portal(session.portal)
    return await send(context, portal, provider, redirect_uri, session.id)


async def complete(
    context: RequestContext, key: str, back: Back, device_token: str | None
) -> Entered | Asked:
    """Open a session for who came back, or ask for a second factor; raises Refused."""
    visit = await visit_of(context, back)
    if visit.portal != key or visit.session is not None:
        raise Refused(Refusal.WRONG_TOKEN, "token")
    account = await account_of(context, visit, back)
    link, known = await _who(context, visit.portal, account)
    portal = context.portal(visit.portal)
    if await is_known_device(context, portal, known, device_token):
        token = device_token if has_second_factor(portal, known) else None
        entered: Entered | Asked = await _entered(context, link, known, token)
    else:
        entered = await ask(context, known)
        # Only now: unlinking meanwhile ends the challenges that are there by then.
        if not await context.sources.external_log_ins.note_use(link, context.now, None):
            raise Refused(Refusal.NOT_LINKED)
    await count_less(context)
    return entered


async def link(context: RequestContext, back: Back) -> ExternalLogIn:
    """Link the account of who came back, and tell the member; raises Refused.

    An account that is linked to the same member stays linked.
    """
    session = await confirmed(context)
    visit = await visit_of(context, back)
    if visit.session != session.id:
        raise Refused(Refusal.WRONG_TOKEN, "token")
    account = await account_of(context, visit, back)
    linked = await _linked(context, session, visit, account)
    await count_less(context)
    return linked


async def _linked(
    context: RequestContext, session: Session, visit: ProviderVisit, account: OutsideAccount
) -> ExternalLogIn:
    """Raises Refused NOT_LOGGED_IN if the session was ended while the provider was asked."""
    sources, now = context.sources, context.now
    known = await sources.external_log_ins.find(session.portal, account)
    if known is not None and known.member == session.member:
        return known
    member = await _member(context, session)
    provider = _label(context, member, visit.provider)

    async def work(transaction: Transaction) -> ExternalLogIn:
        if not await sources.sessions.is_open(session.id, transaction):
            raise Refused(Refusal.NOT_LOGGED_IN)
        added = await sources.external_log_ins.add(
            member.id, visit.provider, account, now, transaction
        )
        if added is None:
            raise Refused(Refusal.ALREADY_LINKED)
        await sources.outbox.add(notices.external_linked(member, provider, now), transaction)
        return added

    try:
        return await sources.mongo.transaction(work)
    except AccountTaken:
        raise Refused(Refusal.ACCOUNT_TAKEN) from None


async def unlink(context: RequestContext, key: str) -> None:
    """Unlink an account of one's own, end all other sessions and tell the member; raises Refused.

    What was asked of somebody on a new device is over too: perhaps it was with this account.
    """
    own = await logged_in(context)
    sources, now = context.sources, context.now
    member = await _member(context, own)
    links = await sources.external_log_ins.of_member(member.id)
    providers = [each.provider for each in links if each.id == key]
    if not providers:
        raise Refused(Refusal.NO_SUCH_LINK, "id")
    provider = _label(context, member, providers[0])

    async def change(transaction: Transaction, _: Sequence[str]) -> None:
        if not await sources.external_log_ins.remove(member.id, key, transaction):
            raise Refused(Refusal.NO_SUCH_LINK, "id")
        await sources.challenges.forget_all(member.id, transaction)
        await sources.outbox.add(notices.external_unlinked(member, provider, now), transaction)

    await sources.sessions.end_others(member.id, own.id, change)


async def external_log_ins(context: RequestContext, member: str) -> list[ExternalLogIn]:
    """Outside accounts of the member who asks, the first linked first."""
    context.require_owner(member)
    return await context.sources.external_log_ins.of_member(member)


async def _who(
    context: RequestContext, portal: str, account: OutsideAccount
) -> tuple[ExternalLogIn, Credentials]:
    """Whose an account is; raises Refused NOT_LINKED, also for who may not log in any more."""
    link = await context.sources.external_log_ins.find(portal, account)
    known = await context.sources.members.credentials(link.member) if link else None
    if link is None or known is None or not await may_use_portal(context, known):
        raise Refused(Refusal.NOT_LINKED)
    return link, known


async def _entered(
    context: RequestContext, link: ExternalLogIn, known: Credentials, device_token: str | None
) -> Entered:
    """A session, unless the member, the device or the link has changed meanwhile; raises Refused."""

    async def still_linked(transaction: Transaction) -> None:
        if not await context.sources.external_log_ins.note_use(link, context.now, transaction):
            raise Refused(Refusal.NOT_LINKED)

    try:
        return await enter(context, known, device_token, still_linked)
    except Refused as refused:
        if refused.code == Refusal.WRONG_LOGIN:
            raise Refused(Refusal.NOT_LINKED) from None
        raise


async def _member(context: RequestContext, session: Session) -> Member:
    member = await context.sources.members.by_id(session.member)
    if member is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    return member


def _label(context: RequestContext, member: Member, provider: str) -> str:
    """What a member knows a provider by."""
    rule = context.portal(member.portal).external_log_in
    found = rule.provider(provider) if rule else None
    if found is None:
        return provider
    return found.label.en if member.language == Language.EN else found.label.ja
