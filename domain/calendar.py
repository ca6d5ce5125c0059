"""Japanese working days and holidays, and arithmetic on months.

Holidays are those of the Act on National Holidays, with substitute and bridging days. December 31,
January 2 and 3 and the days of Obon are weekdays by that law; who treats them otherwise says so.
"""

from calendar import monthrange
from datetime import date
from enum import Enum
from functools import cache
from typing import Final

import holidays
import numpy as np
from numpy.typing import NDArray

from domain.slots import date_of_day, day_of_date

_SATURDAY: Final = 5
_MONDAY_OFFSET: Final = date_of_day(0).weekday()


class DayKind(Enum):
    WEEKDAY = "WEEKDAY"
    HOLIDAY = "HOLIDAY"
    "Saturday, Sunday, or a national holiday."


def day_kind(on: date) -> DayKind:
    """Kind of a Tokyo calendar date."""
    rests = on.weekday() >= _SATURDAY or on in _national_holidays(on.year)
    return DayKind.HOLIDAY if rests else DayKind.WEEKDAY


def holiday_mask(first_day: int, days: int) -> NDArray[np.bool_]:
    """Which of the Tokyo days `[first_day, first_day + days)` are HOLIDAY."""
    since_monday = (np.arange(first_day, first_day + days) + _MONDAY_OFFSET) % 7
    mask = np.asarray(since_monday >= _SATURDAY)
    for year in range(date_of_day(first_day).year, date_of_day(first_day + days - 1).year + 1):
        places = (day_of_date(on) - first_day for on in _national_holidays(year))
        mask[[place for place in places if 0 <= place < days]] = True
    return mask


def shift_months(on: date, months: int) -> date:
    """Same day of the month so many months later; the month's last day if it has no such day."""
    year, month0 = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month0 + 1, min(on.day, monthrange(year, month0 + 1)[1]))


@cache
def _national_holidays(year: int) -> frozenset[date]:
    # Per year, since the package's own lazy table shows half-filled years to other threads.
    return frozenset(holidays.country_holidays("JP", years=year))
