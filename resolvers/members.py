"""The member who asks."""

from domain.errors import NotFound
from domain.members import Member
from resolvers.context import RequestContext


async def viewer(context: RequestContext) -> Member | None:
    """Member who is logged in; None for nobody."""
    session = await context.viewer_session()
    return None if session is None else await context.loaders.member(session.member)


async def member(context: RequestContext, member_id: str) -> Member:
    """A member by id, which only the member itself may ask for; raises NotFound."""
    await context.require_session(on_duty=True)
    context.require_owner(member_id)
    found = await context.loaders.member(member_id)
    if found is None:
        raise NotFound
    return found
