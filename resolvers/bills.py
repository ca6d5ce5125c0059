"""Bills of a facility and of a member, within the portal's history and from their day of issue on."""

from datetime import date, timedelta

from datasources.bills import IssueDates
from domain.bills import Bill
from domain.errors import BadInput, NotFound
from domain.facilities import Facility
from domain.members import Member
from domain.paging import Page, PageRequest
from domain.slots import TOKYO
from resolvers.context import RequestContext


async def bill(context: RequestContext, bill_id: str) -> Bill:
    """A bill of who asks, as far back as lists show it (BI-1); raises NotFound for any other."""
    await context.require_session()
    found = await context.loaders.bill(bill_id)
    if found is None or found.issued_on not in shown_issue_dates(context, found.portal):
        raise NotFound
    context.require_owner(found.owner)
    context.require_proven()
    return found


async def facility_bill_page(
    context: RequestContext, of: Facility, request: PageRequest
) -> Page[Bill]:
    """Page of a facility's bills, newest first (BI-1)."""
    issued = shown_issue_dates(context, of.portal)
    return await context.loaders.bills(of.number, of.owner, issued, request)


async def facility_bill_count(context: RequestContext, of: Facility) -> int:
    issued = shown_issue_dates(context, of.portal)
    return await context.loaders.bill_count(of.number, of.owner, issued)


async def member_bill_page(
    context: RequestContext, of: Member, start: date | None, end: date | None, request: PageRequest
) -> Page[Bill]:
    """Page of a member's bills over all facilities that were issued in ``[start, end)``."""
    issued = _issued(context, of, start, end)
    return await context.sources.bills.page_of_member(of.id, issued, request)


async def member_bill_count(
    context: RequestContext, of: Member, start: date | None, end: date | None
) -> int:
    return await context.sources.bills.count_of_member(of.id, _issued(context, of, start, end))


def _issued(
    context: RequestContext, of: Member, start: date | None, end: date | None
) -> IssueDates:
    if start is not None and end is not None and start >= end:
        raise BadInput(f"from must be before to, found {start} and {end}")
    shown = shown_issue_dates(context, of.portal)
    ends = [on for on in (end, shown.end) if on is not None]
    return IssueDates(max(start or shown.start, shown.start), min(ends))


def shown_issue_dates(context: RequestContext, portal: str) -> IssueDates:
    """When bills were issued that members see: as far back as the portal shows them, until today."""
    today = context.now.astimezone(TOKYO).date()
    return IssueDates(context.portal(portal).history_from(context.now), today + timedelta(days=1))
