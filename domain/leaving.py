"""Leaving a portal: when a withdrawal takes effect, and how long access outlasts the contracts (MB-15).

What happens then is `resolvers.leaving`.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from domain.calendar import shift_months
from domain.facilities import Contract
from domain.policy import Withdrawal, WithdrawalEffect
from domain.slots import TOKYO, date_at


class LeaveReason(StrEnum):
    """Why a membership ended."""

    WITHDRAWAL = "WITHDRAWAL"
    REGISTRATION_REMOVED = "REGISTRATION_REMOVED"
    "By staff, so that the member registers again (MB-11)."
    PERSON_DIED = "PERSON_DIED"
    DOES_NOT_EXIST = "DOES_NOT_EXIST"
    FALSE_DATA = "FALSE_DATA"
    UNSUITABLE_USE = "UNSUITABLE_USE"


class OperatorReason(StrEnum):
    """Those for which the operator ends a membership (MB-16)."""

    PERSON_DIED = LeaveReason.PERSON_DIED
    DOES_NOT_EXIST = LeaveReason.DOES_NOT_EXIST
    FALSE_DATA = LeaveReason.FALSE_DATA
    UNSUITABLE_USE = LeaveReason.UNSUITABLE_USE


OPERATOR_REASONS: Final = tuple(LeaveReason(reason) for reason in OperatorReason)


def withdrawal_at(rule: Withdrawal, now: datetime) -> datetime:
    """When a member who withdraws now loses the portal: at once, or a month later at the latest.

    Then it is a midnight in Tokyo.
    """
    if rule.effect is WithdrawalEffect.AT_ONCE:
        return now
    return _midnight(shift_months(date_at(now), 1))


def access_ends_at(
    rule: Withdrawal, leaves_at: datetime | None, contracts: Iterable[Contract]
) -> datetime | None:
    """End of a member's access as things are; None while nothing ends it.

    It ends when a withdrawal takes effect, or so many months after the last of all contracts ended,
    at once where the end of the contract withdraws. Who has no contract on record has none that ended.
    """
    ends = [_after(rule, contracts), leaves_at]
    return min((end for end in ends if end is not None), default=None)


def has_access(ends_at: datetime | None, now: datetime) -> bool:
    """Whether access that ends then still lasts; the end itself is no part of it."""
    return ends_at is None or now < ends_at


def _after(rule: Withdrawal, contracts: Iterable[Contract]) -> datetime | None:
    ends = [contract.end_on for contract in contracts]
    closed = [end for end in ends if end is not None]
    if not closed or len(closed) < len(ends):
        return None
    months = 0 if rule.contract_end_withdraws else rule.access_after_contract_months
    try:
        return _midnight(_months_after(max(closed), months))
    except (ValueError, OverflowError):  # 9999-12-31 is how some systems write an open end
        return None


def _months_after(on: date, months: int) -> date:
    """First date after a span of months: where the last month is too short, all of it counts."""
    shifted = shift_months(on, months)
    return shifted if shifted.day == on.day else shifted + timedelta(days=1)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), TOKYO)
