"""Setting a new password with the token of a link, or of a right answer (MB-11)."""

from collections.abc import Sequence

from datasources.breached_passwords import breached_passwords
from datasources.mongo import Transaction
from datasources.password_resets import reset_mark
from domain.identity import password_fault
from domain.members import Credentials
from domain.portal import Portal
from resolvers import notices
from resolvers.context import RequestContext
from resolvers.membership import may_use_portal
from resolvers.named_portals import known_portal
from resolvers.passwords import PASSWORDS
from resolvers.recovery import has_own_password
from resolvers.refusals import Refusal, Refused, RefusedInput


async def reset_password(context: RequestContext, key: str, token: str, new: str) -> None:
    """Replace a forgotten password, end all sessions and tell the member; raises Refused.

    A password that breaks a rule does not use the token up. A lock of the account stays until its hour,
    and wrong passwords in a row stay counted: only a right one ends the row (MB-9).
    """
    portal = known_portal(context, key)
    known = await _who(context, portal, token)
    member, sources = known.member, context.sources
    fault = password_fault(
        portal.password, new, member.login_id, breached_passwords(), ("newPassword",)
    )
    if fault is not None:
        raise RefusedInput(fault)
    password_hash = await PASSWORDS.hash(new)

    async def change(transaction: Transaction, _: Sequence[str]) -> None:
        used = await sources.password_resets.use_up(token, transaction)
        if not (used and await sources.members.set_password(known, password_hash, transaction)):
            raise Refused(Refusal.WRONG_TOKEN, "token")
        await sources.outbox.add(notices.password_changed(member, context.now), transaction)

    await sources.sessions.end_all(member.id, change)
    if context.session is not None and context.session.member == member.id:
        context.adopt(None)


async def _who(context: RequestContext, portal: Portal, token: str) -> Credentials:
    """Whose password a token replaces; raises Refused WRONG_TOKEN, whatever is wrong with it."""
    reset = await context.sources.password_resets.find(token, context.now)
    if reset is None or reset.portal != portal.key:
        raise Refused(Refusal.WRONG_TOKEN, "token")
    known = await context.sources.members.credentials(reset.member)
    if known is None or reset_mark(known) != reset.mark or not has_own_password(known):
        raise Refused(Refusal.WRONG_TOKEN, "token")
    if not await may_use_portal(context, known):
        raise Refused(Refusal.WRONG_TOKEN, "token")
    return known
