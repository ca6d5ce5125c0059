"""Who gets a payment certificate, and for which bills (BI-6)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.billing_policy import BillingPolicy, CertificateRule, ContractsOpen, DetailsOpen
from domain.bills import (
    Bill,
    BillSource,
    LineItem,
    LineKind,
    Payment,
    PaymentState,
)
from domain.certificates import NoCertificate, billed_period, certifiable, refused_kinds
from domain.facilities import Contract, ContractKind, PaymentMethod

TODAY = date(2026, 10, 20)
DEBIT, CARD, SLIP = PaymentMethod.DIRECT_DEBIT, PaymentMethod.CARD, PaymentMethod.PAYMENT_SLIP
POWER, GAS = ContractKind.ELECTRICITY, ContractKind.GAS
RULE = CertificateRule(12, 30, (CARD,))
BILLING = BillingPolicy(
    plans=(),
    issuer_number="T1234567890123",
    tax_percent=10,
    due_days=26,
    available_business_days=0,
    debit_result_business_days=5,
    closed=(),
    details_open=DetailsOpen.AT_ONCE,
    contracts_open=ContractsOpen.AT_ONCE,
    certificate=RULE,
)


def contract(
    method: PaymentMethod = DEBIT,
    kind: ContractKind = ContractKind.ELECTRICITY,
    start_on: date = date(2024, 4, 1),
    *,
    paper: bool = False,
) -> Contract:
    return Contract("E1", kind, "plan", None, None, start_on, None, method, paper_receipts=paper)


def paid(
    paid_on: date | None = date(2026, 9, 30),
    *,
    number: str = "1",
    method: PaymentMethod | None = SLIP,
    state: PaymentState = PaymentState.PAID,
    kind: ContractKind = ContractKind.ELECTRICITY,
    debit_on: date | None = None,
    start_on: date = date(2026, 8, 12),
) -> Bill:
    return Bill(
        id=f"hapie/{number}",
        portal="hapie",
        owner="alice",
        facility=1,
        kind=kind,
        contract="E1",
        plan="plan",
        number=number,
        source=BillSource.MADE,
        start_on=start_on,
        end_on=date(2026, 9, 12),
        read_on=date(2026, 9, 12),
        usage=100_000,
        amount_yen=1_000,
        lines=(LineItem(LineKind.ENERGY_CHARGE, "x", Decimal(100), "kWh", Decimal(10), 100_000),),
        tax_percent=10,
        issued_on=date(2026, 9, 14),
        available_on=date(2026, 9, 14),
        payment=Payment(method, state, date(2026, 10, 10), debit_on, paid_on),
    )


def listed(
    *bills: Bill, certified: tuple[str, ...] = (), refused: tuple[ContractKind, ...] = ()
) -> list[str]:
    return [each.number for each in certifiable(bills, certified, BILLING, refused, TODAY)]


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        ([contract()], {POWER: None}),
        ([contract(CARD)], {POWER: NoCertificate.CARD_PAYER}),
        ([contract(paper=True)], {POWER: NoCertificate.PAPER_RECEIPTS}),
        ([contract(CARD, paper=True)], {POWER: NoCertificate.CARD_PAYER}),
        ([contract(SLIP)], {POWER: None}),
        ([contract(CARD, start_on=date(2020, 1, 1)), contract(DEBIT)], {POWER: None}),
        ([contract(CARD, start_on=TODAY), contract()], {POWER: NoCertificate.CARD_PAYER}),
        ([contract(), contract(CARD, start_on=date(2026, 10, 21))], {POWER: None}),
        ([contract(CARD, GAS), contract()], {POWER: None, GAS: NoCertificate.CARD_PAYER}),
        ([contract(), contract(CARD, ContractKind.BUY_BACK)], {POWER: None}),
        ([], {}),
    ],
)
def test_the_latest_contract_of_each_kind_that_is_paid_decides(
    contracts: list[Contract], expected: dict[ContractKind, NoCertificate | None]
) -> None:
    assert refused_kinds(contracts, RULE, TODAY) == expected


@pytest.mark.parametrize(
    ("bill", "is_listed"),
    [
        (paid(), True),
        (paid(TODAY), True),
        (paid(date(2025, 10, 20)), True),
        (paid(date(2025, 10, 19)), False),
        (paid(date(2026, 10, 21)), False),
        (paid(None), False),
        (paid(state=PaymentState.UNPAID), False),
        (paid(state=PaymentState.DEBIT_FAILED), False),
        (paid(method=CARD), False),
        (paid(method=None), True),
        (paid(kind=ContractKind.GAS), True),
        (paid(kind=ContractKind.BUY_BACK), False),
        (replace(paid(), available_on=date(2026, 10, 21)), False),
        # Five business days after 13 October, a Tuesday, are over on the 20th.
        (paid(method=DEBIT, debit_on=date(2026, 10, 13)), True),
        (paid(method=DEBIT, debit_on=date(2026, 10, 14)), False),
    ],
)
def test_a_bill_is_certified_if_its_payment_is_seen_and_not_older_than_the_rule(
    bill: Bill, is_listed: bool
) -> None:
    assert listed(bill) == ["1"] * is_listed


def test_no_bill_is_certified_twice_and_the_oldest_payment_comes_first() -> None:
    bills = [
        paid(date(2026, 9, 30), number="3"),
        paid(date(2026, 8, 30), number="2", start_on=date(2026, 7, 12)),
        paid(date(2026, 7, 30), number="1", start_on=date(2026, 6, 12)),
    ]
    assert listed(*bills) == ["1", "2", "3"]
    before = (billed_period(replace(bills[1], id="hapie/other", number="other")),)
    assert listed(*bills, certified=before) == ["1", "3"]
    assert listed(*bills, refused=(GAS,)) == ["1", "2", "3"]
    assert listed(*bills, paid(number="4", kind=GAS), refused=(POWER,)) == ["4"]
    assert certifiable(bills, (), replace(BILLING, certificate=None), (), TODAY) == ()
