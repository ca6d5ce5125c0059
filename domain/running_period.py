"""The reading period that runs now, which nobody has told yet: periods are known once they are read.

Meters are read every month: a period that was not told yet is a month long.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import Final

from domain.calendar import shift_months

_MONTHS_UNTOLD: Final = 2
"A period may end and be told days later. When more than one is missing, the calendar is not known."


def running_period(bounds: Sequence[date], on: date) -> tuple[date, date] | None:
    """First date of the period that holds a date, and the date after its last one.

    `bounds` are those of the periods that were told, ascending. None before the first of them, and
    when none was told for longer than a late result explains.
    """
    told = bisect_right(bounds, on)
    if told == 0:
        return None
    if told < len(bounds):
        return bounds[told - 1], bounds[told]
    last = bounds[-1]
    for months in range(_MONTHS_UNTOLD):
        end = shift_months(last, months + 1)
        if on < end:
            return shift_months(last, months), end
    return None
