"""Reading periods, bills, invoices and payments of the demo into the databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datasources.bills import BillChoice
from domain.bills import Bill
from domain.consolidating import groups_of
from domain.demo_bills import (
    DemoCalendar,
    Flows,
    demo_bills,
    demo_invoices,
    demo_payments,
    demo_periods,
)
from domain.facilities import Facility, ReadingPeriod
from domain.paging import PageRequest
from resolvers.sources import Sources

_NEWEST: Final = PageRequest(100, None, backward=False)


@dataclass(frozen=True, slots=True)
class Billed:
    """A facility with the periods that are billed, and their bills."""

    facility: Facility
    periods: Sequence[ReadingPeriod]
    bills: Sequence[Bill]


async def put_bills(
    sources: Sources, facility: Facility, flows: Flows, calendar: DemoCalendar
) -> Billed:
    """Store the periods of a facility, and bills of those for which they are out."""
    portal = sources.portals[facility.portal]
    periods = demo_periods(facility, flows, calendar)
    placed = [(facility.portal, facility.owner, period) for period in periods]
    await sources.periods.put(placed, sources.clock())
    billed = [period for period in periods if calendar.is_billed(period.read_on)]
    bills = demo_bills(facility, flows, billed, portal, sources.plans)
    await sources.bills.put(bills, sources.clock())
    return Billed(facility, billed, bills)


async def put_invoices_and_payments(
    sources: Sources, billed: Sequence[Billed], calendar: DemoCalendar
) -> None:
    """Store a member's invoices, and then what was paid of them and of bills in none."""
    invoices = []
    for group in sorted(groups_of(one.facility for one in billed), key=lambda each: each.name):
        own = [one for one in billed if group in groups_of([one.facility])]
        invoices += demo_invoices(
            [one.facility for one in own],
            [period for one in own for period in one.periods],
            [bill for one in own for bill in one.bills],
            group,
            sources.portals[group.portal],
        )
    await sources.invoices.put(invoices, sources.clock())
    grouped = {id_ for invoice in invoices for id_ in invoice.bills}
    alone = [bill for one in billed for bill in one.bills if bill.id not in grouped]
    await sources.payments.put(demo_payments([*invoices, *alone], calendar.today))


async def is_billed(sources: Sources, facility: Facility, calendar: DemoCalendar) -> bool:
    """Whether all bills of a facility are stored, and paid if they are due."""
    number, owner, wanted = facility.number, facility.owner, BillChoice(calendar.start_on)
    counts = await sources.bills.counts_of_facilities([number], owner, wanted)
    read = [end_on for _, end_on in calendar.periods() if calendar.is_billed(end_on)]
    if counts[number] < len(read) * len(facility.contracts):
        return False
    pages = await sources.bills.pages_of_facilities([number], owner, wanted, _NEWEST)
    due = [bill for bill in pages[number].rows if bill.payment.due_on <= calendar.today]
    return all(bill.payment.recorded_at is not None for bill in due)
