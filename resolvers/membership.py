"""How long a member may use the portal (MB-15), asked whenever a session begins or goes on."""

from datetime import datetime

from domain.leaving import access_ends_at
from domain.members import Member
from resolvers.sources import Sources


async def access_end(sources: Sources, member: Member) -> datetime | None:
    """End of a member's access as its contracts are now; None while nothing ends it."""
    contracts = await sources.facilities.contracts_of(member.id)
    rule = sources.portals[member.portal].withdrawal
    return access_ends_at(rule, member.leaves_at, contracts)
