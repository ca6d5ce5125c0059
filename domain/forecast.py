"""Forecast of a day's usage, and of the rest of a reading period, from the weeks before (US-10).

*Expected* is what a half hour had on average on the days of the same kind (weekday; Saturday, Sunday
or holiday) among the last `HISTORY_DAYS`. A mean, since half hours are added up: the sum of medians is
less than the median day. The rest of today is what is expected, times how today compares so far.
"""

from math import isnan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.calendar import holiday_mask
from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, day_of_slot, first_slot
from domain.usage import SlotSeries

HISTORY_DAYS: Final = 28

_MISSING: Final = int(Quality.MISSING)
_LEAST_VALUES: Final = 3
_DOUBT: Final = 0.25
"""Share of an expected day that has to be seen for half of a difference to count.

After one half hour a day says little about itself. Of 0, 0.1, 0.25, 0.5 and 1 it was best on a
household's real half hours and on simulated premises taken together.
"""
_SCALES: Final = (0.5, 2.0)


def expected_wh(
    history: SlotSeries, supplied: range, first_day: int, days: int
) -> NDArray[np.float64]:
    """Expected Wh of every half hour of some Tokyo days, shape ``(days, 48)``.

    `history` has whole days. NaN where fewer than three days of the kind have a value of that half
    hour, 0 where nothing is supplied.
    """
    wh, known = history.wh.reshape(-1, SLOTS_PER_DAY), _known(history).reshape(-1, SLOTS_PER_DAY)
    rests = holiday_mask(day_of_slot(history.first), len(wh))
    of_kind = np.stack([_means(wh[rests == kind], known[rests == kind]) for kind in (False, True)])
    expected = of_kind[holiday_mask(first_day, days).astype(np.intp)]
    slots = np.arange(first_slot(first_day), first_slot(first_day + days)).reshape(expected.shape)
    return np.where((slots >= supplied.start) & (slots < supplied.stop), expected, 0.0)


def day_forecast(
    today: SlotSeries, running: int, expected: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Wh that the half hours of a day will have had when it is over, shape ``(48,)``.

    `today` has all 48 half hours of the day, those from slot `running` on are not over: what is known
    of them may still rise. `expected`, shape ``(48,)``; where half hours without a value are left and
    any of it is NaN, those are NaN.
    """
    over = _known(today) & (np.arange(today.first, today.end) < running)
    to_come = expected * _scale(today.wh[over], expected[over], expected)
    known_wh = today.wh.astype(np.float64)
    return np.where(over, known_wh, np.maximum(known_wh, to_come))


def filled(series: SlotSeries, expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Wh of whole days with what is expected in the gaps, shape ``(days, 48)``, and of all days after.

    `expected` has a row for each day of the series, and may have more, of days to come.
    """
    days = len(series.wh) // SLOTS_PER_DAY
    past = np.where(_known(series), series.wh, expected[:days].reshape(-1))
    return np.concatenate((past.reshape(-1, SLOTS_PER_DAY), expected[days:]))


def whole_wh(wh: NDArray[np.float64]) -> float | None:
    """Wh of all half hours; None if one of them is NaN."""
    total = float(wh.sum())
    return None if isnan(total) else total


def _known(series: SlotSeries) -> NDArray[np.bool_]:
    return np.asarray(series.quality != _MISSING)


def _means(wh: NDArray[np.int32], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean of what is known by half hour of day; NaN where that is of too few days."""
    counts = known.sum(axis=0)
    sums = (wh * known).sum(axis=0, dtype=np.int64)
    return np.where(counts >= _LEAST_VALUES, sums / np.maximum(counts, 1), np.nan)


def _scale(
    seen: NDArray[np.int32], expected_of_seen: NDArray[np.float64], expected: NDArray[np.float64]
) -> float:
    """How a day compares with what was expected of it, drawn towards 1 while little was seen.

    NaN if any of that is.
    """
    doubt = _DOUBT * float(expected.sum())
    had, should = int(seen.sum(dtype=np.int64)), float(expected_of_seen.sum())
    if isnan(doubt):
        return doubt
    if should + doubt == 0:
        return 1.0
    least, most = _SCALES
    return min(max((had + doubt) / (should + doubt), least), most)
