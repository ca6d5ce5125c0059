"""The reading period that runs now, which nobody has told yet: periods are known once they are read.

Meters are read every month: a period that was not told yet is a month long.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
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


def periods_between(
    bounds: Sequence[date], start_on: date, end_on: date
) -> list[tuple[date, date]]:
    """All periods that hold a day of ``[start_on, end_on)``, whole, as far as the calendar is known."""
    if not bounds:
        return []
    untold = [shift_months(bounds[-1], months) for months in range(1, _MONTHS_UNTOLD + 1)]
    return [
        (start, end)
        for start, end in pairwise([*bounds, *untold])
        if start < end_on and start_on < end
    ]


def periods_around(bounds: Sequence[date], start_on: date, end_on: date) -> list[tuple[date, date]]:
    """Periods that hold all days of ``[start_on, end_on)``: where none is told, a month each."""
    told = bounds or [start_on]
    before = _months(told[0], start_on, -1)
    after = _months(told[-1], end_on, 1)
    return [
        (start, end)
        for start, end in pairwise([*reversed(before), *told, *after])
        if start < end_on and start_on < end
    ]


def _months(bound: date, reach: date, step: int) -> list[date]:
    """Bounds by months after a bound, or with a step of -1 before it, until `reach` is not beyond."""
    found: list[date] = []
    on = bound
    while (reach - on).days * step > 0:
        on = shift_months(bound, step * (len(found) + 1))
        found.append(on)
    return found
