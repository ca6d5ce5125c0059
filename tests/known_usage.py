"""What usage that `World.use` gave must look like, worked out anew."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np

from domain.facilities import Facility
from domain.slots import TOKYO, slot_at
from tests.world import usage_of

HALF_HOUR = timedelta(minutes=30)
Key = Callable[[datetime], Hashable]


def tokyo(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TOKYO)


def slots_of(start: datetime, end: datetime) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.arange(slot_at(start), slot_at(end), dtype=np.int64)


def wh_of(facility: Facility, start: datetime, end: datetime) -> list[int]:
    return usage_of(facility.number, slots_of(start, end)).tolist()


def points_of(facility: Facility, start: datetime, end: datetime, key: Key) -> list[dict[str, Any]]:
    """What the points of a settled series without gaps must be, grouped by a key of local times."""
    wh = wh_of(facility, start, end)
    halves = [(start + index * HALF_HOUR, value) for index, value in enumerate(wh)]
    groups = [list(group) for _, group in groupby(halves, lambda half: key(half[0]))]
    return [
        {
            "startAt": group[0][0].isoformat(),
            "endAt": (group[-1][0] + HALF_HOUR).isoformat(),
            "kwh": sum(value for _, value in group) / 1000,
            "yen": None,
            "quality": "SETTLED",
            "revision": 0,
            "missingHalfHours": 0,
        }
        for group in groups
    ]
