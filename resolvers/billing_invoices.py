"""The second half of a billing run: bills of groups of contracts into consolidated invoices (BI-2)."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import islice
from typing import Final

from datasources.bills import next_place
from datasources.mongo import Transaction
from domain.closing import Conditions
from domain.consolidating import Group, GroupMonth, consolidated, unbilled
from domain.facilities import Facility
from domain.invoices import Invoice
from resolvers.billing_report import BillingReport, Outcome
from resolvers.sources import Sources

_AT_ONCE: Final = 50


async def consolidate(
    sources: Sources,
    groups: Collection[Group],
    month: date,
    conditions: Conditions,
    report: BillingReport,
) -> None:
    """Make the invoices of groups of one portal whose contracts are all billed."""
    rest = iter(sorted(groups, key=lambda group: (group.owner, group.name)))
    while some := list(islice(rest, _AT_ONCE)):
        known, ready, news = await _stored(sources, some, month, conditions)
        revised = sum(invoice.revision > 0 for invoice in news)
        report.invoices[Outcome.REVISED] += revised
        report.invoices[Outcome.MADE] += len(news) - revised
        report.invoices[Outcome.UNCHANGED] += ready - len(news)
        for one in known:
            _report_wait(one, report)


def _report_wait(known: GroupMonth, report: BillingReport) -> None:
    if awaited := unbilled(known):
        number, kind = min(awaited)
        (place,) = (each for each in known.facilities if each.number == number)
        report.wait(known.group.name, place.supply_point, kind)


async def _stored(
    sources: Sources, groups: Sequence[Group], month: date, conditions: Conditions
) -> tuple[list[GroupMonth], int, list[Invoice]]:
    """What is known of the groups, how many are all billed, and invoices that are new or changed."""
    facilities = await sources.facilities.of_groups(
        groups[0].portal,
        [group.owner for group in groups],
        [group.name for group in groups],
    )

    async def work(transaction: Transaction) -> tuple[list[GroupMonth], int, list[Invoice]]:
        # Before bills are read, so that none changes until the invoices are stored.
        await next_place(sources.mongo, transaction)
        known = await _known(sources, groups, facilities, month, transaction)
        made = [consolidated(one, conditions.billing, conditions.issued_on) for one in known]
        ready = [invoice for invoice in made if invoice is not None]
        if not ready:
            return known, 0, []
        now = sources.clock()
        return known, len(ready), await sources.invoices.put_within(transaction, ready, now)

    return await sources.mongo.transaction(work)


async def _known(
    sources: Sources,
    groups: Sequence[Group],
    facilities: Sequence[Facility],
    month: date,
    transaction: Transaction,
) -> list[GroupMonth]:
    numbers = [facility.number for facility in facilities]
    periods = await sources.periods.of_facilities(numbers, month, transaction)
    bills = await sources.bills.of_month(numbers, month, transaction)
    known = []
    for group in groups:
        own = {one.number: one for one in facilities if _has(one, group)}
        known.append(
            GroupMonth(
                group=group,
                month=month,
                facilities=list(own.values()),
                periods=[period for period in periods if period.facility in own],
                bills=[bill for bill in bills if bill.facility in own],
            )
        )
    return known


def _has(facility: Facility, group: Group) -> bool:
    groups = {contract.invoiced_with for contract in facility.contracts}
    return facility.owner == group.owner and group.name in groups
