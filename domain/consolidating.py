"""Puts the bills of a group of contracts into one invoice, once all of them are billed (BI-2).

What is bought back is paid to the member and in no invoice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

from domain.bill_dates import contract_billed
from domain.billing_policy import BillingPolicy
from domain.bills import Bill, Payment, PaymentState
from domain.business_days import available_on
from domain.facilities import Contract, Facility, ReadingPeriod
from domain.invoices import Invoice
from domain.reading_periods import Meter, meter_of


@dataclass(frozen=True, slots=True)
class Group:
    """Contracts of one owner that are paid together."""

    portal: str
    owner: str
    name: str

    def number(self, month: date) -> str:
        """Number of the group's invoice of a month: the same however often it is made."""
        digest = blake2b(f"{self.owner}\0{self.name}".encode(), digest_size=6)
        return f"M{digest.hexdigest().upper()}-{month:%Y%m}"


@dataclass(frozen=True, slots=True)
class GroupMonth:
    """What is known of a group in a billing month."""

    group: Group
    month: date
    facilities: Sequence[Facility]
    "All of the owner's that have a contract of the group."
    periods: Sequence[ReadingPeriod]
    "Of those facilities, billed in the month."
    bills: Sequence[Bill]
    "Of those facilities, of periods that are billed in the month."


def groups_of(facilities: Iterable[Facility]) -> set[Group]:
    """Groups of contracts of facilities that are somebody's."""
    return {
        Group(facility.portal, facility.owner, contract.invoiced_with)
        for facility in facilities
        if facility.owner
        for contract in facility.contracts
        if contract.invoiced_with is not None
    }


def consolidated(known: GroupMonth, billing: BillingPolicy, issued_on: date) -> Invoice | None:
    """Invoice of a group in a month; None while a contract is not billed, or with nothing to pay."""
    bills = sorted(_bills(known), key=lambda bill: (bill.facility, bill.kind, bill.start_on))
    if not bills or unbilled(known):
        return None
    number, read_on = known.group.number(known.month), max(bill.read_on for bill in bills)
    return Invoice(
        id=f"{known.group.portal}/{number}",
        portal=known.group.portal,
        owner=known.group.owner,
        number=number,
        group=known.group.name,
        month=known.month,
        read_on=read_on,
        issued_on=issued_on,
        available_on=available_on(read_on, issued_on, billing),
        bills=tuple(bill.id for bill in bills),
        amount_yen=sum(bill.amount_yen for bill in bills),
        tax_percent=billing.tax_percent,
        payment=_payment(bills, issued_on + timedelta(days=billing.due_days)),
    )


def unbilled(known: GroupMonth) -> set[Meter]:
    """What a group's invoice still waits for."""
    billed = {(bill.facility, bill.kind) for bill in known.bills if bill.owner == known.group.owner}
    return _awaited(known) - billed


def _awaited(known: GroupMonth) -> set[Meter]:
    """What must be billed: all that was read, and what was supplied before the month and in it."""
    supplied = {
        (facility.number, contract.kind)
        for facility in known.facilities
        for contract in facility.contracts
        if _is_of(contract, known.group)
        and contract.start_on < known.month
        and (contract.end_on is None or contract.end_on > known.month)
    }
    facilities = {facility.number: facility for facility in known.facilities}
    read = {
        meter_of(period)
        for period in known.periods
        if _is_of(contract_billed(facilities[period.facility], period), known.group)
    }
    return supplied | read


def _bills(known: GroupMonth) -> list[Bill]:
    """Bills that are paid with the invoice: not those that were paid by themselves or with another."""
    facilities = {facility.number: facility for facility in known.facilities}
    number = known.group.number(known.month)
    return [
        bill
        for bill in known.bills
        if bill.owner == known.group.owner
        and _is_of(contract_billed(facilities[bill.facility], bill), known.group)
        and (bill.invoice == number or _is_unpaid_alone(bill))
    ]


def _is_unpaid_alone(bill: Bill) -> bool:
    return bill.invoice is None and bill.payment.state is not PaymentState.PAID


def _is_of(contract: Contract | None, group: Group) -> bool:
    return contract is not None and contract.invoiced_with == group.name


def _payment(bills: Sequence[Bill], due_on: date) -> Payment:
    """What all bills say of their payment; if they differ, it is due with the invoice."""
    payments = {bill.payment for bill in bills}
    if len(payments) == 1:
        return payments.pop()
    methods = {payment.method for payment in payments}
    return Payment(methods.pop() if len(methods) == 1 else None, PaymentState.UNPAID, due_on)
