"""So many of a kind at once, and then one by one within an hour."""

from domain.lockout import Allowance, address_block
from domain.members import email_key
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused


async def throttle(context: RequestContext, name: str, most: int, refusal: Refusal) -> None:
    """Count one more of what is called so; raises Refused once there were too many. 0: no limit."""
    if not most:
        return
    again = await context.sources.addresses.take(name, context.now, Allowance(most))
    if again is not None:
        raise Refused(refusal, retry_at=again)


async def spare(context: RequestContext, name: str, most: int) -> None:
    """Count one less of what is called so."""
    if most:
        await context.sources.addresses.give_back(name, Allowance(most))


async def throttle_client(context: RequestContext, kind: str, most: int, refusal: Refusal) -> None:
    """Count one more of a kind from the client's address, if that is known; raises Refused."""
    if name := _of_client(context, kind):
        await throttle(context, name, most, refusal)


async def spare_client(context: RequestContext, kind: str, most: int) -> None:
    """Count one less of a kind from the client's address."""
    if name := _of_client(context, kind):
        await spare(context, name, most)


async def throttle_new_address(context: RequestContext, portal: str, email: str) -> None:
    """Count a mail to an address that nobody has confirmed yet; raises Refused TOO_MANY_MAILS."""
    most = context.sources.settings.registration_mails_per_email
    name = f"registration mail\0{portal}\0{email_key(email)}"
    await throttle(context, name, most, Refusal.TOO_MANY_MAILS)


async def throttle_login_ids(context: RequestContext, who: str) -> None:
    """Count a login ID that somebody wants; raises Refused TOO_MANY_REQUESTS.

    That another member has it must be told: so nobody may ask for all there are.
    """
    most = context.sources.settings.login_ids_per_person
    await throttle(context, f"login ID\0{who}", most, Refusal.TOO_MANY_REQUESTS)


def _of_client(context: RequestContext, kind: str) -> str | None:
    block = address_block(context.client.address)
    return None if block is None else f"{kind}\0{block}"
