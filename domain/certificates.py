"""Payment certificates: who gets one, and for which bills (BI-6).

One a calendar year for a facility, of what was paid in the months before. Who gets receipts from
somebody else, as of a card, or on paper, gets none, and no bill is ever certified twice.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.bill_sheets import Addressee, Place, Tax
from domain.billing_policy import BillingPolicy, CertificateRule
from domain.bills import Bill, Payment, PaymentState, included_tax
from domain.business_days import result_available_on
from domain.calendar import shift_months
from domain.facilities import Contract, ContractKind, PaymentMethod

_BUY_BACK: Final = ContractKind.BUY_BACK
_PAID: Final = PaymentState.PAID
"Looked up once: members of an enum are slow to get at."


class NoCertificate(StrEnum):
    """Why payments are not certified."""

    CARD_PAYER = "CARD_PAYER"
    PAPER_RECEIPTS = "PAPER_RECEIPTS"


@dataclass(frozen=True, slots=True)
class CertifiedBill:
    """A bill as a certificate lists it: nothing of it changes with a later revision."""

    period: str
    "As `billed_period` names it."
    number: str
    kind: ContractKind
    start_on: date
    end_on: date
    paid_on: date
    method: PaymentMethod | None
    amount_yen: int
    tax_percent: int


@dataclass(frozen=True, slots=True)
class PaymentCertificate:
    """A certificate as it was issued; `id` is portal, facility and year."""

    id: str
    portal: str
    owner: str
    facility: int
    number: str
    issued_on: date
    ends_on: date
    "First day on which it can be fetched no more."
    addressee: Addressee
    place: Place
    bills: tuple[CertifiedBill, ...]

    @property
    def order(self) -> str:
        """Sorts certificates by the day of issue, and by id among those of a day."""
        return f"{self.issued_on.isoformat()} {self.id}"

    @property
    def amount_yen(self) -> int:
        return sum(bill.amount_yen for bill in self.bills)

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """By rate, the highest first: what the bills said, each rounded by itself."""
        totals: dict[int, tuple[int, int]] = {}
        for bill in self.bills:
            amount, tax = totals.get(bill.tax_percent, (0, 0))
            more = included_tax(bill.amount_yen, bill.tax_percent)
            totals[bill.tax_percent] = (amount + bill.amount_yen, tax + more)
        return tuple(Tax(percent, *totals[percent]) for percent in sorted(totals, reverse=True))


def certificate_id(portal: str, facility: int, year: int) -> str:
    """There is one certificate of this id at most."""
    return f"{portal}/{facility}/{year}"


def billed_period(bill: Bill) -> str:
    """What a bill is of: it has one bill at a time, whose place one of another number may take."""
    return f"{bill.facility}/{bill.kind}/{bill.start_on.isoformat()}"


def refused_kinds(
    contracts: Iterable[Contract], rule: CertificateRule, on: date
) -> dict[ContractKind, NoCertificate | None]:
    """Why payments of each kind of contract are not certified; None if they are.

    The latest contract of a kind decides.
    """
    kinds: dict[ContractKind, NoCertificate | None] = {}
    for contract in sorted(contracts, key=lambda contract: contract.start_on):
        if contract.start_on <= on and contract.kind is not _BUY_BACK:
            kinds[contract.kind] = _refusal(contract, rule)
    return kinds


def paid_since(rule: CertificateRule, on: date) -> date:
    """First day of the payments that a certificate of a day shows."""
    return shift_months(on, -rule.months)


def certifiable(
    bills: Iterable[Bill],
    certified: Collection[str],
    billing: BillingPolicy,
    refused: Collection[ContractKind],
    on: date,
) -> tuple[CertifiedBill, ...]:
    """What a certificate of a day lists, the oldest payment first.

    `certified` are periods that were certified before, `refused` kinds that are not certified. A
    payment that members cannot see yet is none (BI-3).
    """
    rule = billing.certificate
    if rule is None:
        return ()
    since = paid_since(rule, on)
    listed = [
        _certified(bill, paid_on)
        for bill in bills
        if billed_period(bill) not in certified
        and bill.kind is not _BUY_BACK
        and bill.kind not in refused
        and bill.payment.method not in rule.excluded_methods
        and bill.available_on <= on
        and (paid_on := _paid_on(bill.payment, billing, on)) is not None
        and since <= paid_on <= on
    ]
    return tuple(sorted(listed, key=lambda each: (each.paid_on, each.period)))


def ends_on(rule: CertificateRule, issued_on: date) -> date:
    return issued_on + timedelta(days=rule.download_days)


def _refusal(contract: Contract, rule: CertificateRule) -> NoCertificate | None:
    if contract.payment_method in rule.excluded_methods:
        return NoCertificate.CARD_PAYER
    return NoCertificate.PAPER_RECEIPTS if contract.paper_receipts else None


def _paid_on(payment: Payment, billing: BillingPolicy, on: date) -> date | None:
    """The day of a payment that members see on a day."""
    if payment.state is not _PAID:
        return None
    if payment.debit_on is not None and result_available_on(payment.debit_on, billing) > on:
        return None
    return payment.paid_on


def _certified(bill: Bill, paid_on: date) -> CertifiedBill:
    return CertifiedBill(
        period=billed_period(bill),
        number=bill.number,
        kind=bill.kind,
        start_on=bill.start_on,
        end_on=bill.end_on,
        paid_on=paid_on,
        method=bill.payment.method,
        amount_yen=bill.amount_yen,
        tax_percent=bill.tax_percent,
    )
