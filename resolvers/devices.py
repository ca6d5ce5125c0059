"""Devices on which a member has shown the second factor."""

from collections.abc import Sequence

from datasources.mongo import Transaction
from domain.members import Device
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused
from resolvers.step_up import logged_in


async def devices(context: RequestContext, member: str) -> list[Device]:
    """Devices of the member who asks, the last used first."""
    context.require_owner(member)
    return await context.sources.devices.of_member(member, context.now)


async def forget_device(context: RequestContext, device: str) -> None:
    """Ask the device for the second factor again, and end the sessions on it; raises Refused."""
    own = await logged_in(context)
    sources = context.sources

    async def forget(transaction: Transaction, _: Sequence[str]) -> None:
        if not await sources.devices.forget(own.member, device, transaction):
            raise Refused(Refusal.NO_SUCH_DEVICE, "id")

    ended = await sources.sessions.end_on_device(own.member, device, forget)
    if own.id in ended:
        context.adopt(None)
