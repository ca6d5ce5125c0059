"""Usage of a span as columns: totals, coarser resolutions, peak and coverage.

Everything works on whole columns; no loop runs per half hour. Energy is integer Wh.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.readings import Quality
from domain.slots import (
    DAYS_PER_WEEK,
    FIRST_WEEKDAY,
    SLOTS_PER_DAY,
    date_of_day,
    day_of_slot,
    first_slot,
    slot_of_day,
)


class Resolution(StrEnum):
    HALF_HOUR = "HALF_HOUR"
    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    READING_PERIOD = "READING_PERIOD"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class SlotSeries:
    """Consecutive slots: `wh` is 0 and `quality` MISSING where there is no value."""

    first: int
    wh: NDArray[np.int32]
    quality: NDArray[np.int32]
    revision: NDArray[np.int32]

    @property
    def end(self) -> int:
        """Slot after the last one."""
        return self.first + len(self.wh)

    def between(self, first: int, end: int) -> "SlotSeries":
        """The part of the series in ``[first, end)``, which must lie inside."""
        cut = slice(first - self.first, end - self.first)
        return SlotSeries(first, self.wh[cut], self.quality[cut], self.revision[cut])

    def only(self, slots: range) -> "SlotSeries":
        """The same slots, MISSING where they are not among those consecutive ones."""
        at = np.arange(self.first, self.end)
        kept = ((at >= slots.start) & (at < slots.stop)).astype(np.int32)
        return SlotSeries(self.first, self.wh * kept, self.quality * kept, self.revision * kept)


@dataclass(frozen=True, slots=True)
class Points:
    """Usage by resolution, columns of equal length.

    `edges` has one slot more than there are points: point ``i`` spans ``[edges[i], edges[i + 1])``.
    A point is MISSING if none of its slots has a value; `missing` counts those that have none.
    """

    edges: NDArray[np.int64]
    wh: NDArray[np.int64]
    quality: NDArray[np.int32]
    revision: NDArray[np.int32]
    missing: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.wh)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a series is there; `missing` are half-open slot spans, `settled_end` a slot."""

    expected: int
    present: int
    missing: tuple[tuple[int, int], ...]
    settled_end: int | None


def total_wh(series: SlotSeries) -> int:
    return int(series.wh.sum(dtype=np.int64))


def points(series: SlotSeries, resolution: Resolution, reading_days: Sequence[int]) -> Points:
    """Series at a resolution (US-1); `reading_days` are bounds of reading periods, ascending."""
    edges = np.array(_edges(series.first, series.end, resolution, reading_days), np.int64)
    starts = edges[:-1] - series.first
    if not len(starts):
        nothing = np.zeros(0, np.int32)
        return Points(edges, np.zeros(0, np.int64), nothing, nothing, nothing)
    missing = np.add.reduceat((series.quality == Quality.MISSING).astype(np.int32), starts)
    return Points(
        edges,
        np.add.reduceat(series.wh.astype(np.int64), starts),
        _joint_quality(series.quality, starts, missing == np.diff(edges)),
        np.maximum.reduceat(series.revision, starts),
        missing.astype(np.int32),
    )


def peak(of: Points) -> int | None:
    """Index of the first point with the highest usage; None if no point has a value."""
    present = of.quality != Quality.MISSING
    if not present.any():
        return None
    return int(np.where(present, of.wh, -1).argmax())


def coverage(series: SlotSeries) -> Coverage:
    """What is there and what is not (US-3)."""
    absent = series.quality == Quality.MISSING
    bounds = np.flatnonzero(np.diff(np.concatenate(([0], absent.astype(np.int8), [0]))))
    spans = bounds.reshape(-1, 2) + series.first
    return Coverage(
        expected=len(absent),
        present=len(absent) - int(absent.sum()),
        missing=tuple((int(first), int(end)) for first, end in spans),
        settled_end=_settled_end(series),
    )


def _settled_end(series: SlotSeries) -> int | None:
    """End of the last settled slot before the first provisional one."""
    provisional = np.flatnonzero(series.quality == Quality.PROVISIONAL)
    before = provisional[0] if len(provisional) else len(series.quality)
    settled = np.flatnonzero(series.quality[:before] == Quality.SETTLED)
    return series.first + int(settled[-1]) + 1 if len(settled) else None


def _joint_quality(
    quality: NDArray[np.int32], starts: NDArray[np.int64], empty: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """The least certain quality among the slots that have a value."""

    def some(kind: Quality) -> NDArray[np.bool_]:
        return np.logical_or.reduceat(quality == kind, starts)

    return np.select(
        [empty, some(Quality.PROVISIONAL), some(Quality.ESTIMATED)],
        [Quality.MISSING, Quality.PROVISIONAL, Quality.ESTIMATED],
        Quality.SETTLED,
    ).astype(np.int32)


def _edges(
    first: int, end: int, resolution: Resolution, reading_days: Sequence[int]
) -> Sequence[int]:
    """Slots where points begin, and the end: the calendar's bounds cut to the span."""
    if first >= end:
        return [first]
    inner = _bounds(first, end, resolution, reading_days)
    return [first, *(slot for slot in inner if first < slot < end), end]


def _bounds(
    first: int, end: int, resolution: Resolution, reading_days: Sequence[int]
) -> Sequence[int]:
    match resolution:
        case Resolution.HALF_HOUR:
            return range(first, end)
        case Resolution.HOUR:
            return range(first + slot_of_day(first) % 2, end, 2)
        case Resolution.DAY:
            return range(first_slot(day_of_slot(first)), end, SLOTS_PER_DAY)
        case Resolution.READING_PERIOD:
            return [first_slot(day) for day in reading_days]
    days = range(day_of_slot(first), day_of_slot(end - 1) + 1)
    if resolution is Resolution.WEEK:
        return [first_slot(day) for day in days if (day + FIRST_WEEKDAY) % DAYS_PER_WEEK == 0]
    same = _same_month if resolution is Resolution.MONTH else _same_year
    return [first_slot(day) for before, day in pairwise(days) if not same(before, day)]


def _same_month(before: int, day: int) -> bool:
    return date_of_day(before).month == date_of_day(day).month


def _same_year(before: int, day: int) -> bool:
    return date_of_day(before).year == date_of_day(day).year
