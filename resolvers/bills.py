"""Bills of a facility and of a member, within the portal's history."""

from datetime import date

from datasources.bills import IssueDates
from domain.bills import Bill
from domain.errors import BadInput, NotFound
from domain.facilities import Facility
from domain.members import Member
from domain.paging import Page, PageRequest
from resolvers.context import RequestContext


async def bill(context: RequestContext, bill_id: str) -> Bill:
    """A bill of who asks, as far back as lists show it (BI-1); raises NotFound for any other."""
    await context.require_session()
    found = await context.loaders.bill(bill_id)
    if found is None or found.issued_on < _history(context, found.portal).start:
        raise NotFound
    context.require_owner(found.owner)
    return found


async def facility_bill_page(
    context: RequestContext, of: Facility, request: PageRequest
) -> Page[Bill]:
    """Page of a facility's bills, newest first (BI-1)."""
    history = _history(context, of.portal)
    return await context.loaders.bills(of.number, of.owner, history, request)


async def facility_bill_count(context: RequestContext, of: Facility) -> int:
    return await context.loaders.bill_count(of.number, of.owner, _history(context, of.portal))


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
    history = _history(context, of.portal)
    return IssueDates(max(start or history.start, history.start), end)


def _history(context: RequestContext, portal: str) -> IssueDates:
    return IssueDates(context.portal(portal).history_from(context.now))
