"""Files of bills as they are sent by post (BI-4): all that a page tells is gathered here."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from datasources.papers import bill_paper, invoice_paper
from datasources.usage import Span
from domain.bill_sheets import (
    Addressee,
    BillSheet,
    InvoiceSheet,
    Issuer,
    addressee,
    days_of,
    place_of,
)
from domain.bills import Bill
from domain.closing import MEASURED
from domain.downloads import Document
from domain.errors import NotFound
from domain.facilities import ContractKind, Facility
from domain.members import Member
from domain.portal import Portal
from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, day_of_date, first_slot
from resolvers import bills as resolve_bills
from resolvers import invoices as resolve_invoices
from resolvers.context import RequestContext
from resolvers.downloads import File, write_bytes

_LONGEST_CHART: Final = 100
"Days: of a longer period no day could be told from the next."


async def bill_pdf_file(context: RequestContext, document: Document) -> File:
    """A bill of who asks as a letter; raises as `bill` does."""
    bill = await resolve_bills.bill(context, document.key)
    printed = await _sheet(context, bill)
    title = "支払通知書" if bill.kind is ContractKind.BUY_BACK else "請求書"
    return File(
        f"{title}_{bill.number}.pdf", partial(write_bytes, make=partial(bill_paper, printed))
    )


async def invoice_pdf_file(context: RequestContext, document: Document) -> File:
    """A consolidated invoice of who asks as a letter; raises as `invoice` does."""
    invoice = await resolve_invoices.invoice(context, document.key)
    bills = await resolve_invoices.invoice_bills(context, invoice)
    member = await context.loaders.member(invoice.owner)
    numbers = sorted({bill.facility for bill in bills})
    found = await asyncio.gather(*map(context.loaders.facility, numbers))
    facilities = {one.number: one for one in found if one is not None}
    if member is None or not facilities:
        raise NotFound
    printed = InvoiceSheet(
        invoice=invoice,
        issuer=issuer_of(context.portal(invoice.portal)),
        addressee=await addressee_of(context, member, facilities[bills[0].facility]),
        bills=bills,
        places={number: place_of(one, invoice.owner) for number, one in facilities.items()},
    )
    make = partial(invoice_paper, printed)
    return File(f"まとめ請求書_{invoice.number}.pdf", partial(write_bytes, make=make))


def issuer_of(portal: Portal) -> Issuer:
    return Issuer(portal.company, portal.billing.issuer_number)


async def addressee_of(context: RequestContext, member: Member, facility: Facility) -> Addressee:
    """Who has the contract of a facility, and where letters go; the place of use if nobody has said."""
    if facility.owner == member.id:
        number = facility.customer_number
        contract = await context.sources.contracts.find(member.portal, number)
        if contract is not None and contract.member == member.id:
            return addressee(contract.name, contract.address)
    return addressee(member.profile.name, facility.address)


async def _sheet(context: RequestContext, bill: Bill) -> BillSheet:
    sources = context.sources
    member = await context.loaders.member(bill.owner)
    facility = await context.loaders.facility(bill.facility)
    if member is None or facility is None:
        raise NotFound
    replaced = await resolve_bills.revisions(context, bill)
    before = await sources.bills.before(bill)
    seen = before is not None and before.available_on <= resolve_bills.today(context)
    return BillSheet(
        bill=_with_plan_label(context, bill),
        issuer=issuer_of(context.portal(bill.portal)),
        addressee=await addressee_of(context, member, facility),
        place=place_of(facility, bill.owner),
        period=await sources.periods.beginning(bill.facility, bill.owner, bill.kind, bill.start_on),
        before=before if seen else None,
        replaces=replaced[0].bill if replaced else None,
        daily=await _daily_usage(context, bill),
    )


def _with_plan_label(context: RequestContext, bill: Bill) -> Bill:
    """The bill with the plan's Japanese name, also where its contract has the plan's key."""
    plan = context.sources.plans.named(bill.plan or "")
    return bill if plan is None else replace(bill, plan=plan.label.ja)


async def _daily_usage(context: RequestContext, bill: Bill) -> Sequence[int | None]:
    """Wh of every day of the period, None for a day without all its half hours; empty if none has."""
    direction = MEASURED.get(bill.kind)
    if direction is None or days_of(bill) > _LONGEST_CHART:
        return ()
    bounds = (first_slot(day_of_date(on)) for on in (bill.start_on, bill.end_on))
    series = await context.loaders.series(Span(bill.facility, direction, *bounds))
    known = (series.quality != Quality.MISSING).reshape(-1, SLOTS_PER_DAY).all(axis=1)
    wh = series.wh.reshape(-1, SLOTS_PER_DAY).sum(axis=1, dtype=np.int64)
    if not known.any():
        return ()
    return [int(day) if whole else None for day, whole in zip(wh, known, strict=True)]
