"""Gaps in whole days of half hours filled with what is usual, where no register says what is left."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.forecast import HISTORY_DAYS, expected_wh
from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, day_of_slot
from domain.usage import SlotSeries

_MISSING: Final = int(Quality.MISSING)
_LENGTH: Final = HISTORY_DAYS * SLOTS_PER_DAY


def complete_wh(series: SlotSeries) -> NDArray[np.int64] | None:
    """Wh of whole days, with the mean of the same half hour on days of the same kind in each gap.

    Those of the same four weeks, or of the whole series where they know too little; None if that
    knows too little too.
    """
    wh = series.wh.astype(np.int64)
    gaps = series.quality == _MISSING
    if not gaps.any():
        return wh
    usual = _usual(series)
    for first in range(series.first, series.end, _LENGTH):
        part = series.between(first, min(first + _LENGTH, series.end))
        at = slice(first - series.first, part.end - series.first)
        if gaps[at].any():
            near = _usual(part)
            usual[at] = np.where(np.isnan(near), usual[at], near)
    if np.isnan(usual[gaps]).any():
        return None
    wh[gaps] = np.rint(usual[gaps])
    return wh


def _usual(series: SlotSeries) -> NDArray[np.float64]:
    first_day, end_day = day_of_slot(series.first), day_of_slot(series.end)
    everywhere = range(series.first, series.end)
    return expected_wh(series, everywhere, first_day, end_day - first_day).reshape(-1)
