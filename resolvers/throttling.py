"""So many of a kind at once, and then one by one within an hour."""

from domain.lockout import Allowance
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


async def throttle_new_address(context: RequestContext, portal: str, email: str) -> None:
    """Count a mail to an address that nobody has confirmed yet; raises Refused."""
    most = context.sources.settings.registration_mails_per_email
    name = f"registration mail\0{portal}\0{email_key(email)}"
    await throttle(context, name, most, Refusal.TOO_MANY_MAILS)
