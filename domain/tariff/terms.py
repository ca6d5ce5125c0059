"""The terms of a reading period: spans within which contract, plan and prices stay the same.

A period is split where a contract begins or ends and where a new version of its plan starts. What is
due by the month is due by the days of each term (BI-1, pro rata).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import pairwise

from domain.calendar import shift_months
from domain.facilities import Contract, ContractKind
from domain.slots import day_of_date, first_slot
from domain.tariff.book import PlanBook
from domain.tariff.plans import Plan, PlanVersion
from domain.tariff.refusals import NotPriced, NotPricedReason


@dataclass(frozen=True, slots=True)
class Term:
    """Tokyo days `[first_day, end_day)` of a reading period under one version of a plan."""

    contract: Contract
    plan: Plan
    version: PlanVersion
    size: Decimal
    "Contracted size in the plan's unit; 1 if the plan asks for none."
    first_day: int
    end_day: int
    whole_days: int
    "Days of a period for which monthly charges are due in full."

    @property
    def days(self) -> int:
        return self.end_day - self.first_day

    @property
    def share(self) -> Fraction:
        """Part of monthly charges and borders that falls to the term."""
        return Fraction(self.days, self.whole_days)

    @property
    def first_slot(self) -> int:
        return first_slot(self.first_day)

    @property
    def end_slot(self) -> int:
        return first_slot(self.end_day)


def terms(
    contracts: Sequence[Contract], book: PlanBook, kind: ContractKind, start_on: date, end_on: date
) -> tuple[Term, ...]:
    """Terms of the period `[start_on, end_on)` for the contracts of a kind, in time order.

    Days without a contract are in no term. Raises NotPriced.
    """
    return _terms(contracts, kind, start_on, end_on, partial(_plan, book))


def terms_on(
    contracts: Sequence[Contract], plan: Plan, start_on: date, end_on: date
) -> tuple[Term, ...]:
    """Terms as if all contracts of the plan's kind were for this plan (US-11); raises NotPriced."""
    return _terms(contracts, plan.kind, start_on, end_on, lambda _: plan)


def _terms(
    contracts: Sequence[Contract],
    kind: ContractKind,
    start_on: date,
    end_on: date,
    plan_of: Callable[[Contract], Plan],
) -> tuple[Term, ...]:
    of_kind = [contract for contract in contracts if contract.kind is kind]
    whole_days = _whole_days(of_kind, start_on, end_on)
    return tuple(
        term
        for contract, begin, end in _covered(of_kind, kind, start_on, end_on)
        for term in _versions(contract, plan_of(contract), begin, end, whole_days)
    )


def _covered(
    contracts: Sequence[Contract], kind: ContractKind, start_on: date, end_on: date
) -> list[tuple[Contract, date, date]]:
    """Contracts that were in force, and from when to when within the period."""
    within = [
        (contract, max(start_on, contract.start_on), min(end_on, contract.end_on or date.max))
        for contract in sorted(contracts, key=lambda contract: contract.start_on)
    ]
    covered = [(contract, begin, end) for contract, begin, end in within if begin < end]
    if not covered:
        raise NotPriced(
            NotPricedReason.NO_CONTRACT, f"no {kind} contract within {start_on}/{end_on}"
        )
    for (before, _, end), (after, begin, _) in pairwise(covered):
        if begin < end:
            raise NotPriced(
                NotPricedReason.OVERLAPPING_CONTRACTS,
                f"contracts {before.number} and {after.number} are both of {kind} on {begin}",
            )
    return covered


def _plan(book: PlanBook, contract: Contract) -> Plan:
    plan = book.plan_of(contract)
    if plan is None:
        raise NotPriced(
            NotPricedReason.UNKNOWN_PLAN,
            f"contract {contract.number}: no {contract.kind} plan {contract.plan!r}",
        )
    return plan


def _versions(
    contract: Contract, plan: Plan, begin: date, end: date, whole_days: int
) -> Iterator[Term]:
    """One term for each version of the plan that is in force within the days."""
    size = plan.size(contract.capacity, contract.capacity_unit)
    if size is None:
        raise NotPriced(
            NotPricedReason.UNFIT_CAPACITY,
            f"contract {contract.number}: {plan.key} is not for a capacity of "
            f"{contract.capacity or 'nothing'} {contract.capacity_unit or ''}".rstrip(),
        )
    if begin < plan.versions[0].starts_on or (plan.ends_on is not None and end > plan.ends_on):
        raise NotPriced(
            NotPricedReason.PLAN_NOT_VALID,
            f"contract {contract.number}: {plan.key} is not in force all days of {begin}/{end}",
        )
    starts = [version.starts_on for version in plan.versions]
    for version, ends_on in zip(plan.versions, [*starts[1:], date.max], strict=True):
        first, stop = max(begin, version.starts_on), min(end, ends_on)
        if first < stop:
            yield Term(
                contract=contract,
                plan=plan,
                version=version,
                size=size,
                first_day=day_of_date(first),
                end_day=day_of_date(stop),
                whole_days=whole_days,
            )


def _whole_days(contracts: Sequence[Contract], start_on: date, end_on: date) -> int:
    """Days for which a month's charges are due: those of the period, whatever its length.

    But a first period that is shorter than a month is a part of the month before its end, and a last
    one of the month after its start.
    """
    whole = (end_on - start_on).days
    if not _supplied(contracts, date.fromordinal(start_on.toordinal() - 1)):
        whole = max(whole, (end_on - shift_months(end_on, -1)).days)
    if not _supplied(contracts, end_on):
        whole = max(whole, (shift_months(start_on, 1) - start_on).days)
    return whole


def _supplied(contracts: Sequence[Contract], on: date) -> bool:
    return any(contract.start_on <= on < (contract.end_on or date.max) for contract in contracts)
