"""Estimates missing half hours of a reading period, so that they come to what the register says."""

import numpy as np
from numpy.typing import NDArray

from domain.forecast import expected_wh
from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, day_of_slot
from domain.usage import SlotSeries


def filled_wh(series: SlotSeries, covered: NDArray[np.bool_], total: int) -> NDArray[np.int64]:
    """Wh of whole days, with a value wherever `covered` says that one is needed.

    What is known stays. What is left of `total` Wh goes to the gaps, in the proportion of what is usual
    at that half hour on days of that kind (weekday; Saturday, Sunday or holiday) of the same days.
    """
    wh = np.where(covered, series.wh, 0).astype(np.int64)
    gaps = covered & (series.quality == Quality.MISSING)
    if gaps.any():
        left = max(total - int(wh.sum()), 0)
        wh[gaps] = _shared(left, _usual_wh(series)[gaps])
    return wh


def _usual_wh(series: SlotSeries) -> NDArray[np.float64]:
    """Usual Wh of every half hour; the mean of all where too few of its kind are known."""
    days = len(series.wh) // SLOTS_PER_DAY
    supplied = range(series.first, series.end)
    usual = expected_wh(series, supplied, day_of_slot(series.first), days).reshape(-1)
    known = series.wh[series.quality != Quality.MISSING]
    mean = float(known.mean()) if len(known) else 1.0
    return np.where(np.isnan(usual), mean, usual)


def _shared(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole Wh in proportion to weights, exactly `total` together; evenly if all weights are 0."""
    if not weights.any():
        weights = np.ones_like(weights)
    reached = np.cumsum(weights)
    bounds = np.floor(reached * (total / reached[-1])).astype(np.int64)
    bounds[-1] = total
    shares: NDArray[np.int64] = np.diff(np.minimum(bounds, total), prepend=0)
    return shares
