"""The mail about a bill once more, when its member asks for it (NO-1)."""

from domain.bills import Bill
from domain.errors import NotFound, NotYetAvailable, PostcardInTransit
from domain.news_mails import bill_mails
from resolvers import bills as resolve_bills
from resolvers.context import RequestContext
from resolvers.news import concerned, mails_bills
from resolvers.refusals import Refusal, Refused
from resolvers.step_up import logged_in
from resolvers.throttling import throttle


async def send_bill_notice(context: RequestContext, bill_id: str) -> None:
    """Send the mail about a bill to all addresses of who asks; raises Refused.

    Who asks for it gets it, also who has switched off the mails that come by themselves.
    """
    await logged_in(context)
    bill = await _own_bill(context, bill_id)
    sources = context.sources
    members, facilities = await concerned(sources, [bill.owner], [bill.facility])
    facility = facilities[bill.facility]
    if not mails_bills(sources, bill, facility):
        raise Refused(Refusal.NO_BILL_MAIL, "billId")
    mails = bill_mails(members[bill.owner], facility, bill)
    if not mails:
        raise Refused(Refusal.NO_EMAIL)
    most = sources.settings.bill_mails_per_member
    await throttle(context, f"bill mail\0{bill.owner}", most, Refusal.TOO_MANY_REQUESTS)
    await sources.outbox.post(mails)


async def _own_bill(context: RequestContext, bill_id: str) -> Bill:
    """A bill that who asks can see; raises Refused."""
    try:
        return await resolve_bills.bill(context, bill_id)
    except NotYetAvailable:
        raise Refused(Refusal.NOT_YET_AVAILABLE, "billId") from None
    except PostcardInTransit:
        raise Refused(Refusal.POSTCARD_IN_TRANSIT) from None
    except NotFound:
        raise Refused(Refusal.NO_SUCH_BILL, "billId") from None
