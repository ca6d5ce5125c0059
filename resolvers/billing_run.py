"""`kenshin bill`: closes the reading periods of a month into bills (BI-1), and these into invoices.

In batches, each stored in one transaction: whatever stops a run, every batch is stored or not, and
running again makes nothing twice.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from domain.bill_succession import succession
from domain.bills import Bill
from domain.closing import MISSING_HALF_HOURS, Conditions, NotClosed, ToClose, close
from domain.consolidating import Group, groups_of
from domain.facilities import ReadingPeriod
from domain.portal import Portal
from domain.slots import date_at
from resolvers.billing_batches import AT_ONCE, Batch, batches, key_of_period
from resolvers.billing_invoices import consolidate
from resolvers.billing_report import BillingReport, Outcome
from resolvers.sources import Sources

Progress = Callable[[int], object]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class BillingRun:
    """Closes all reading periods whose billing month is `month`, of some portals."""

    month: date
    "Its first day."
    portals: tuple[str, ...]
    estimate: bool = False
    "Estimate missing half hours."
    dry_run: bool = False
    "Store nothing, and make no invoices."
    at_once: int = AT_ONCE

    async def count(self, sources: Sources) -> int:
        """How many reading periods there are."""
        counts = [await sources.periods.count_of_month(key, self.month) for key in self.portals]
        return sum(counts)

    async def run(self, sources: Sources, progress: Progress) -> BillingReport:
        """`progress` is told how many more periods were looked at."""
        report = BillingReport()
        for key in self.portals:
            conditions = self._conditions(sources, sources.portals[key])
            groups: set[Group] = set()
            found = batches(sources, key, self.month, self.at_once)
            async with aclosing(found), aclosing(_one_ahead(found)) as read:
                async for batch in read:
                    await self._close(sources, batch, conditions, report)
                    groups |= groups_of(batch.facilities.values())
                    progress(batch.size)
            if not self.dry_run:
                await consolidate(sources, groups, self.month, conditions, report)
        return report

    def _conditions(self, sources: Sources, portal: Portal) -> Conditions:
        today = date_at(sources.clock())
        return Conditions(portal.billing, sources.plans.rates, today, self.estimate)

    async def _close(
        self, sources: Sources, batch: Batch, conditions: Conditions, report: BillingReport
    ) -> None:
        for period, error in batch.refused:
            _refuse(batch, period, error, report)
        made = [
            bill
            for one in batch.to_close
            if (bill := _closed(batch, one, conditions, report)) is not None
        ]
        news = await self._store(sources, batch, made)
        revised = sum(bill.revision > 0 for bill in news)
        report.bills[Outcome.REVISED] += revised
        report.bills[Outcome.MADE] += len(news) - revised
        report.bills[Outcome.UNCHANGED] += len(made) - len(news)
        report.bills[Outcome.IMPORTED] += batch.imported

    async def _store(self, sources: Sources, batch: Batch, made: list[Bill]) -> list[Bill]:
        """Answers bills that are new or have changed."""
        if self.dry_run:
            return list(succession(batch.current.values(), made).news.values())
        return await sources.bills.put(made, sources.clock())


def _closed(
    batch: Batch, one: ToClose, conditions: Conditions, report: BillingReport
) -> Bill | None:
    """The bill of a period; None if it cannot be closed."""
    try:
        return close(one, conditions)
    except NotClosed as error:
        _refuse(batch, one.period, error, report)
        return None


def _refuse(batch: Batch, period: ReadingPeriod, error: NotClosed, report: BillingReport) -> None:
    current = batch.current.get(key_of_period(period))
    if current is not None and current.estimated and error.reason == MISSING_HALF_HOURS:
        # It was decided before that they are to be estimated.
        report.bills[Outcome.UNCHANGED] += 1
        return
    supply_point = batch.facilities[period.facility].supply_point
    report.refuse(supply_point, period, error.reason, str(error))


async def _one_ahead(items: AsyncIterator[Item]) -> AsyncGenerator[Item, None]:
    """The same items; while one is worked on the next one is read."""
    coming = asyncio.ensure_future(anext(items, None))
    try:
        while (item := await coming) is not None:
            coming = asyncio.ensure_future(anext(items, None))
            yield item
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
