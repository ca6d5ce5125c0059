"""Business days of Japanese companies, and the days from which bills and debits may be seen (BI-3).

Saturdays, Sundays and national holidays are none, nor the days on which policy says that a company is
closed, as at the year's end. A number of business days after a date never counts the date itself.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from domain.billing_policy import BillingPolicy
from domain.calendar import DayKind, day_kind

_KEPT: Final = 4096
"Bills of a run have few different dates."


def is_business_day(on: date, closed: tuple[str, ...]) -> bool:
    """Whether a company works that day that is closed on these days of every year, like 12-29."""
    return day_kind(on) is DayKind.WEEKDAY and f"{on:%m-%d}" not in closed


@lru_cache(_KEPT)
def business_day_after(on: date, count: int, closed: tuple[str, ...]) -> date:
    """The business day so many business days after a date; the date itself after none.

    At the end of the calendar it is the last date there is.
    """
    while count and on < date.max:
        on += timedelta(days=1)
        count -= is_business_day(on, closed)
    return on


def available_on(read_on: date, issued_on: date, billing: BillingPolicy) -> date:
    """From when a bill may be seen. `read_on` of a consolidated bill is its last reading."""
    days = billing.available_business_days
    if not days:
        return issued_on
    return max(issued_on, business_day_after(read_on, days, billing.closed))


def result_available_on(debit_on: date, billing: BillingPolicy) -> date:
    """From when it may be seen whether a direct debit of that day succeeded."""
    return business_day_after(debit_on, billing.debit_result_business_days, billing.closed)
