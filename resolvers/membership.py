"""Whether a member may use the portal, and how long: asked whenever a session begins or goes on."""

from datetime import datetime

from domain.leaving import access_ends_at, has_access
from domain.members import Credentials, Member
from resolvers.context import RequestContext
from resolvers.sources import Sources


async def access_end(sources: Sources, member: Member) -> datetime | None:
    """End of a member's access as its contracts are now (MB-15); None while nothing ends it."""
    contracts = await sources.facilities.contracts_of(member.id)
    rule = sources.portals[member.portal].withdrawal
    return access_ends_at(rule, member.leaves_at, contracts)


async def may_use_portal(context: RequestContext, known: Credentials) -> bool:
    """Whether the right password would open a session for a member (MB-15)."""
    if not known.may_log_in(context.now):
        return False
    return has_access(await access_end(context.sources, known.member), context.now)
