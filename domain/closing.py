"""Closes a reading period into a bill: which usage it is priced from, and what the bill says (BI-1).

Half hours are used if all are there and none is provisional. Else the register's usage will do, unless
the price depends on the time of use: then nothing is billed before the half hours are there, or it is
decided that they are to be estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.bill_dates import latest_reading_on
from domain.billing_policy import BillingPolicy
from domain.bills import Bill, BillSource, Payment, PaymentState
from domain.business_days import available_on
from domain.estimating import filled_wh
from domain.facilities import ContractKind, Facility, ReadingPeriod
from domain.readings import Direction, Quality
from domain.record_fields import MOST_YEN
from domain.slots import day_of_date, first_slot
from domain.tariff.charges import TermUsage, charge, term_usage, total_usages
from domain.tariff.rates import Rates, billing_month
from domain.tariff.refusals import NotPriced, NotPricedReason
from domain.tariff.terms import Term
from domain.usage import SlotSeries

MEASURED: Final = {
    ContractKind.ELECTRICITY: Direction.IMPORT,
    ContractKind.BUY_BACK: Direction.EXPORT,
}
"Direction of the half hours by kind; of gas there are none."
_SETTLED: Final = int(Quality.SETTLED)
"Looked up once: members of an enum are slow to get at."
MISSING_HALF_HOURS: Final = "MISSING_HALF_HOURS"
_LETTERS: Final = {
    ContractKind.ELECTRICITY: "E",
    ContractKind.GAS: "G",
    ContractKind.BUY_BACK: "B",
}


class NotClosed(ValueError):
    """A reading period that cannot be billed now; the reason is a stable code, the message explains."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ToClose:
    """A reading period with what its bill is made from."""

    owner: str
    facility: Facility
    period: ReadingPeriod
    parts: tuple[Term, ...]
    half_hours: SlotSeries | None
    "All of the period in the direction of its kind; None of gas."
    prices: NDArray[np.int32] | None
    "Of the market, in sen per kWh, shape ``(days, 48)``; None if no plan asks for them."


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for all bills of a run."""

    billing: BillingPolicy
    rates: Rates
    issued_on: date
    estimate: bool
    "Whether missing half hours are estimated."


@dataclass(frozen=True, slots=True)
class _Used:
    """Use by term, and how much of it is an estimate, in thousandths of the unit."""

    usages: Sequence[TermUsage]
    estimated: int
    has_points: bool
    "Whether the points of the usage series are what was priced."


def period_slots(period: ReadingPeriod) -> tuple[int, int]:
    """Slots ``[first, end)`` of a period."""
    return first_slot(day_of_date(period.start_on)), first_slot(day_of_date(period.end_on))


def bill_number(period: ReadingPeriod) -> str:
    """Number of the bill that is made here for a period: the same however often it is closed."""
    return f"{_LETTERS[period.kind]}{period.facility:09d}-{period.start_on:%Y%m%d}"


def close(one: ToClose, conditions: Conditions) -> Bill:
    """The bill of a reading period; raises NotClosed."""
    try:
        return _bill(one, conditions)
    except NotPriced as error:
        if error.reason is NotPricedReason.NEEDS_HALF_HOURS:
            raise NotClosed(MISSING_HALF_HOURS, _missing(one)) from None
        raise not_closed(error) from None


def not_closed(error: NotPriced) -> NotClosed:
    return NotClosed(error.reason.value, str(error))


def _bill(one: ToClose, conditions: Conditions) -> Bill:
    period, contract = one.period, one.parts[-1].contract
    used = _used(one, estimate=conditions.estimate)
    charged = charge(one.parts, used.usages, conditions.rates, billing_month(period.end_on))
    if abs(charged.amount_yen) > MOST_YEN:
        raise NotClosed("TOO_MUCH", f"{charged.amount_yen:,} yen: a register was misread")
    number, issued_on, billing = bill_number(period), conditions.issued_on, conditions.billing
    return Bill(
        id=f"{one.facility.portal}/{number}",
        portal=one.facility.portal,
        owner=one.owner,
        facility=period.facility,
        kind=period.kind,
        contract=contract.number,
        plan=contract.plan,
        number=number,
        source=BillSource.MADE,
        start_on=period.start_on,
        end_on=period.end_on,
        read_on=period.read_on,
        usage=sum(usage.total for usage in used.usages),
        amount_yen=charged.amount_yen,
        lines=charged.lines,
        tax_percent=billing.tax_percent,
        issued_on=issued_on,
        available_on=available_on(latest_reading_on(period, contract), issued_on, billing),
        payment=Payment(
            method=contract.bills_paid_by,
            state=PaymentState.UNPAID,
            due_on=issued_on + timedelta(days=billing.due_days),
        ),
        estimated=used.estimated,
        points_rest_sen=charged.points_rest_sen if used.has_points else None,
    )


def _used(one: ToClose, *, estimate: bool) -> _Used:
    """Raises NotPriced."""
    half_hours = one.half_hours
    if half_hours is not None and _settled(one, half_hours):
        return _by_half_hours(one, half_hours, half_hours.wh)
    try:
        return _Used(total_usages(one.parts, one.period.usage), 0, has_points=False)
    except NotPriced as error:
        if (
            not estimate
            or half_hours is None
            or error.reason is not NotPricedReason.NEEDS_HALF_HOURS
        ):
            raise
    return _by_half_hours(one, half_hours, _filled_wh(one, half_hours))


def _settled(one: ToClose, half_hours: SlotSeries) -> bool:
    """Whether every half hour has a value that will not change of itself."""
    return all((part.quality >= _SETTLED).all() for part in _by_term(one, half_hours))


def _by_half_hours(one: ToClose, half_hours: SlotSeries, wh: NDArray[np.integer]) -> _Used:
    first_day = day_of_date(one.period.start_on)
    usages, estimated, has_points = [], 0, True
    for term, part in zip(one.parts, _by_term(one, half_hours), strict=True):
        days = slice(term.first_day - first_day, term.end_day - first_day)
        prices = None if one.prices is None else one.prices[days]
        used = wh[part.first - half_hours.first : part.end - half_hours.first]
        usages.append(term_usage(term, used, prices))
        estimated += int(used[part.quality != _SETTLED].sum(dtype=np.int64))
        has_points = has_points and bool(part.quality.all())
    return _Used(usages, estimated, has_points)


def _filled_wh(one: ToClose, half_hours: SlotSeries) -> NDArray[np.int64]:
    """Wh with an estimate wherever a half hour of a contract is missing."""
    covered = np.zeros(len(half_hours.wh), np.bool_)
    for term in one.parts:
        covered[term.first_slot - half_hours.first : term.end_slot - half_hours.first] = True
    return filled_wh(half_hours, covered, one.period.usage)


def _by_term(one: ToClose, half_hours: SlotSeries) -> list[SlotSeries]:
    return [half_hours.between(term.first_slot, term.end_slot) for term in one.parts]


def _missing(one: ToClose) -> str:
    if one.half_hours is None:
        return "the price depends on the time of use"
    quality = np.concatenate([part.quality for part in _by_term(one, one.half_hours)])
    missing = int((quality == Quality.MISSING).sum())
    provisional = int((quality == Quality.PROVISIONAL).sum())
    return f"of {len(quality):,} half hours {missing:,} are missing, {provisional:,} provisional"
