"""Reading periods, bills, invoices and payments of the demo's places, up to a day.

Bills are made as all others (`domain.closing`), four days after the reading; they are paid when due.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import Final

import numpy as np

from domain.bills import Bill, PaymentState
from domain.calendar import shift_months
from domain.closing import MEASURED, Conditions, ToClose, close
from domain.consolidating import Group, GroupMonth, consolidated
from domain.facilities import ContractKind, Facility, PaymentMethod, ReadingPeriod
from domain.invoices import Invoice
from domain.payment_records import PaymentRecord
from domain.portal import Portal
from domain.readings import Direction
from domain.slots import TOKYO, day_of_date, first_slot
from domain.tariff.book import PlanBook
from domain.tariff.rates import billing_month
from domain.tariff.terms import terms
from domain.usage import SlotSeries

_READING_DAY: Final = 12
_DAYS_TO_ISSUE: Final = 4
_NINE: Final = time(9, tzinfo=TOKYO)
_GAS_LITRES_A_DAY: Final = (1640, 1590, 1380, 1010, 720, 560, 430, 380, 450, 690, 1050, 1480)
"By the month in which a period ends."

Flows = Mapping[Direction, SlotSeries]


@dataclass(frozen=True, slots=True)
class DemoCalendar:
    """When the demo's contracts began, and its present day."""

    start_on: date
    today: date

    def periods(self) -> list[tuple[date, date]]:
        """Bounds of the periods that were read: from the start, then by the reading day."""
        end = self.start_on.replace(day=_READING_DAY)
        bounds = [self.start_on]
        while end <= self.today:
            if end > self.start_on:
                bounds.append(end)
            end = shift_months(end, 1)
        return list(pairwise(bounds))

    def is_billed(self, read_on: date) -> bool:
        return _issue_date(read_on) <= self.today


def _issue_date(read_on: date) -> date:
    return read_on + timedelta(days=_DAYS_TO_ISSUE)


def demo_periods(facility: Facility, flows: Flows, calendar: DemoCalendar) -> list[ReadingPeriod]:
    """Periods of all that is contracted. Registers begin at nothing."""
    found = []
    bounds = calendar.periods()
    for kind in sorted({contract.kind for contract in facility.contracts}):
        used = [_used(kind, flows, *each) for each in bounds]
        registers = pairwise(accumulate(used, initial=0))
        for (start_on, end_on), (before, after) in zip(bounds, registers, strict=True):
            found.append(
                ReadingPeriod(
                    *(facility.number, start_on, end_on, end_on),
                    *(before, after, after - before, kind),
                )
            )
    return found


def _used(kind: ContractKind, flows: Flows, start_on: date, end_on: date) -> int:
    """Thousandths of the kind's unit."""
    if kind is ContractKind.GAS:
        return _GAS_LITRES_A_DAY[end_on.month - 1] * (end_on - start_on).days
    return int(_between(flows[MEASURED[kind]], start_on, end_on).wh.sum(dtype=np.int64))


def _between(series: SlotSeries, start_on: date, end_on: date) -> SlotSeries:
    return series.between(first_slot(day_of_date(start_on)), first_slot(day_of_date(end_on)))


def demo_bills(
    facility: Facility,
    flows: Flows,
    periods: Iterable[ReadingPeriod],
    portal: Portal,
    book: PlanBook,
) -> list[Bill]:
    """Bills of periods, none of them paid."""
    return [
        close(
            _to_close(facility, flows, period, book),
            Conditions(portal.billing, book.rates, _issue_date(period.read_on), estimate=False),
        )
        for period in periods
    ]


def _to_close(facility: Facility, flows: Flows, period: ReadingPeriod, book: PlanBook) -> ToClose:
    start_on, end_on = period.start_on, period.end_on
    direction = MEASURED.get(period.kind)
    return ToClose(
        owner=facility.owner,
        facility=facility,
        period=period,
        parts=terms(facility.contracts, book, period.kind, start_on, end_on),
        half_hours=None if direction is None else _between(flows[direction], start_on, end_on),
        prices=None,
    )


def demo_invoices(
    facilities: Sequence[Facility],
    periods: Iterable[ReadingPeriod],
    bills: Iterable[Bill],
    group: Group,
    portal: Portal,
) -> list[Invoice]:
    """Invoices of a group's facilities over their billed periods."""
    by_month: dict[date, tuple[list[ReadingPeriod], list[Bill]]] = {}
    for period in periods:
        by_month.setdefault(billing_month(period.end_on), ([], []))[0].append(period)
    for bill in bills:
        by_month[billing_month(bill.end_on)][1].append(bill)
    made = [
        consolidated(
            GroupMonth(group, month, facilities, read, billed),
            portal.billing,
            max(bill.issued_on for bill in billed),
        )
        for month, (read, billed) in sorted(by_month.items())
    ]
    return [invoice for invoice in made if invoice is not None]


def demo_payments(owed: Iterable[Bill | Invoice], today: date) -> list[PaymentRecord]:
    """Payments of what is due by a day: all in time."""
    return [_paid(each) for each in owed if each.payment.due_on <= today]


def _paid(owed: Bill | Invoice) -> PaymentRecord:
    due_on, method = owed.payment.due_on, owed.payment.method
    return PaymentRecord(
        portal=owed.portal,
        number=owed.number,
        of_invoice=isinstance(owed, Invoice),
        method=method,
        state=PaymentState.PAID,
        debit_on=due_on if method is PaymentMethod.DIRECT_DEBIT else None,
        paid_on=due_on,
        recorded_at=datetime.combine(due_on, _NINE),
    )
