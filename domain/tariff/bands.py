"""Which tariff band a half hour is in: by month, kind of day and time of day."""

from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from domain.calendar import holiday_mask
from domain.slots import SLOTS_PER_DAY, date_of_day
from domain.tariff.band_times import DAY_KINDS, MONTHS
from domain.tariff.plans import PlanVersion

Bands: TypeAlias = NDArray[np.int8]
"Places of bands in `PlanVersion.bands`."

_KEPT: Final = 256


@lru_cache(_KEPT)
def band_table(version: PlanVersion) -> Bands:
    """Band of every half hour, shape ``(12, 2, 48)``: month less one, 1 of a holiday, half hour."""
    table = np.zeros((MONTHS, DAY_KINDS, SLOTS_PER_DAY), np.int8)
    for place, band in enumerate(version.bands):
        table[band.cells() > 0] = place
    table.flags.writeable = False
    return table


@lru_cache(_KEPT)
def bands_of(version: PlanVersion, first_day: int, days: int) -> Bands:
    """Band of every half hour of Tokyo days, shape ``(days, 48)``; read only."""
    on = np.arange(first_day, first_day + days).astype("datetime64[D]")
    months = on.astype("datetime64[M]").astype(np.int64) % MONTHS
    rests = holiday_mask(first_day, days)
    if version.extra_holidays:
        rests |= [
            f"{date_of_day(day):%m-%d}" in version.extra_holidays
            for day in range(first_day, first_day + days)
        ]
    found = np.asarray(band_table(version)[months, rests.astype(np.int64)])
    found.flags.writeable = False
    return found
