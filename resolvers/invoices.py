"""Consolidated invoices of a member, in the portal's history, from the day they come out (BI-2)."""

import asyncio

from domain.bills import Bill
from domain.errors import NotFound, NotYetAvailable
from domain.invoices import Invoice
from domain.members import Member
from domain.paging import Page, PageRequest
from resolvers.bills import shown_bills, today
from resolvers.context import RequestContext


async def invoice(context: RequestContext, invoice_id: str) -> Invoice:
    """An invoice of who asks, as far back as lists show it.

    Raises NotYetAvailable before the day that policy says (BI-3), and NotFound for any other.
    """
    await context.require_session()
    context.refuse_app("an invoice")
    found = (await context.sources.invoices.by_ids([invoice_id])).get(invoice_id)
    if found is None or found.available_on < shown_bills(context, found.portal).start:
        raise NotFound
    context.require_owner(found.owner)
    context.require_proven()
    if found.available_on > today(context):
        raise NotYetAvailable("this invoice cannot be seen yet", found.available_on)
    return found


async def member_invoice_page(
    context: RequestContext, of: Member, request: PageRequest
) -> Page[Invoice]:
    """Page of a member's invoices, newest first."""
    return await context.sources.invoices.page_of_member(
        of.id, shown_bills(context, of.portal), request
    )


async def member_invoice_count(context: RequestContext, of: Member) -> int:
    return await context.sources.invoices.count_of_member(of.id, shown_bills(context, of.portal))


async def invoice_bills(context: RequestContext, of: Invoice) -> list[Bill]:
    """Its bills in their order: those that are of who owns it."""
    found = await asyncio.gather(*map(context.loaders.bill, of.bills))
    return [bill for bill in found if bill is not None and bill.owner == of.owner]
