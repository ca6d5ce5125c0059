"""Average use over a span by half hour of day, weekday or kind of day (US-5)."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from domain.calendar import holiday_mask
from domain.readings import Quality
from domain.slots import DAYS_PER_WEEK, FIRST_WEEKDAY, SLOTS_PER_DAY, day_of_slot, slot_of_day
from domain.usage import SlotSeries


class ProfileBasis(StrEnum):
    HALF_HOUR_OF_DAY = "HALF_HOUR_OF_DAY"
    WEEKDAY = "WEEKDAY"
    DAY_KIND = "DAY_KIND"


@dataclass(frozen=True, slots=True)
class ProfilePoint:
    """One group of the profile.

    `group`: half hour of day 0 to 47, weekday 0 (Monday) to 6, or 0 for weekdays and 1 for
    holidays. `average_wh`: of a half hour for HALF_HOUR_OF_DAY, else of a whole day, from the
    slots that have a value; None if none has. `slots`: how many have.
    """

    group: int
    average_wh: float | None
    slots: int


def profile(series: SlotSeries, basis: ProfileBasis) -> tuple[ProfilePoint, ...]:
    """Average profile of a series; gaps are left out, not counted as zero."""
    present = series.quality != Quality.MISSING
    groups, count = _groups(series, basis)
    slots = np.bincount(groups[present], minlength=count)
    sums = np.bincount(groups[present], weights=series.wh[present], minlength=count)
    per = 1 if basis is ProfileBasis.HALF_HOUR_OF_DAY else SLOTS_PER_DAY
    return tuple(
        ProfilePoint(group, float(wh) / int(n) * per if n else None, int(n))
        for group, (wh, n) in enumerate(zip(sums, slots, strict=True))
    )


def _groups(series: SlotSeries, basis: ProfileBasis) -> tuple[NDArray[np.int64], int]:
    tokyo_slots = np.arange(len(series.wh), dtype=np.int64) + slot_of_day(series.first)
    if basis is ProfileBasis.HALF_HOUR_OF_DAY:
        return tokyo_slots % SLOTS_PER_DAY, SLOTS_PER_DAY
    first_day = day_of_slot(series.first)
    days = tokyo_slots // SLOTS_PER_DAY
    if basis is ProfileBasis.WEEKDAY:
        return (days + first_day + FIRST_WEEKDAY) % DAYS_PER_WEEK, DAYS_PER_WEEK
    span = int(days[-1]) + 1 if len(days) else 0
    return holiday_mask(first_day, span).astype(np.int64)[days], 2
