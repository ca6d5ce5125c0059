"""Usage of a span as columns: totals, coarser resolutions, peak and coverage.

Everything works on whole columns; no loop runs per half hour. Energy is integer Wh.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.readings import Quality
from domain.slots import (
    DAYS_PER_WEEK,
    FIRST_WEEKDAY,
    SLOTS_PER_DAY,
    day_of_slot,
    first_slot,
    slot_of_day,
)

_MISSING: Final = int(Quality.MISSING)
"Looked up once: members of an enum are slow to get at."


class Resolution(StrEnum):
    HALF_HOUR = "HALF_HOUR"
    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    READING_PERIOD = "READING_PERIOD"
    YEAR = "YEAR"


_HALF_HOUR: Final = Resolution.HALF_HOUR


class KnownBlock(NamedTuple):
    """Slots ``[first, end)`` whose content `version` names: equal versions mean equal content."""

    first: int
    end: int
    version: tuple[int, ...]

    def between(self, first: int, end: int) -> "KnownBlock":
        """The part of the block in ``[first, end)``."""
        if first <= self.first and self.end <= end:
            return self
        first, end = max(first, self.first), min(end, self.end)
        return KnownBlock(first, end, (*self.version, first, end))


@dataclass(slots=True, eq=False)
class SlotSeries:
    """Consecutive slots: `wh` is 0 and `quality` MISSING where there is no value. Never changed.

    `known` are ascending parts of it that may be known from an earlier series.
    """

    first: int
    wh: NDArray[np.int32]
    quality: NDArray[np.int32]
    revision: NDArray[np.int32]
    known: tuple[KnownBlock, ...] = ()

    @property
    def end(self) -> int:
        """Slot after the last one."""
        return self.first + len(self.wh)

    def between(self, first: int, end: int) -> "SlotSeries":
        """The part of the series in ``[first, end)``, which must lie inside."""
        if first == self.first and end == self.end:
            return self
        cut = slice(first - self.first, end - self.first)
        known = tuple(
            one.between(first, end) for one in self.known if first < one.end and one.first < end
        )
        return SlotSeries(first, self.wh[cut], self.quality[cut], self.revision[cut], known)

    def only(self, slots: range) -> "SlotSeries":
        """The same slots, MISSING where they are not among those consecutive ones."""
        if slots.start <= self.first and self.end <= slots.stop:
            return self
        at = np.arange(self.first, self.end)
        kept = ((at >= slots.start) & (at < slots.stop)).astype(np.int32)
        return SlotSeries(self.first, self.wh * kept, self.quality * kept, self.revision * kept)


@dataclass(slots=True, eq=False)
class Points:
    """Usage by resolution, columns of equal length. Never changed.

    `edges` has one slot more than there are points: point ``i`` spans ``[edges[i], edges[i + 1])``.
    A point is MISSING if none of its slots has a value; `missing` counts those that have none.
    """

    edges: NDArray[np.int64]
    wh: NDArray[np.int32 | np.int64]
    quality: NDArray[np.int32]
    revision: NDArray[np.int32]
    missing: NDArray[np.int8 | np.int32]

    def __len__(self) -> int:
        return len(self.wh)

    def between(self, first: int, end: int) -> "Points":
        """Points `[first, end)`."""
        cut = slice(first, end)
        return Points(
            self.edges[first : end + 1],
            self.wh[cut],
            self.quality[cut],
            self.revision[cut],
            self.missing[cut],
        )


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
    if resolution is _HALF_HOUR:
        return _half_hours(series)
    edges = _edges(series.first, series.end, resolution, reading_days)
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


def _half_hours(series: SlotSeries) -> Points:
    missing = series.quality == _MISSING
    return Points(
        np.arange(series.first, series.end + 1),
        series.wh,
        series.quality,
        series.revision,
        missing.view(np.int8),
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
        missing=tuple((first, end) for first, end in spans.tolist()),
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
) -> NDArray[np.int64]:
    """Slots where points begin, and the end: the calendar's bounds cut to the span."""
    if first >= end:
        return np.array([first])
    bounds = _bounds(first, end, resolution, reading_days)
    inner = bounds[(first < bounds) & (bounds < end)]
    return np.concatenate(([first], inner, [end]))


def _bounds(
    first: int, end: int, resolution: Resolution, reading_days: Sequence[int]
) -> NDArray[np.int64]:
    """The calendar's bounds in the span, and perhaps some around it."""
    day = day_of_slot(first)
    match resolution:
        case Resolution.HOUR:
            return np.arange(first + slot_of_day(first) % 2, end, 2)
        case Resolution.DAY:
            return np.arange(first_slot(day), end, SLOTS_PER_DAY)
        case Resolution.WEEK:
            monday = day - (day + FIRST_WEEKDAY) % DAYS_PER_WEEK
            return np.arange(first_slot(monday), end, SLOTS_PER_DAY * DAYS_PER_WEEK)
        case Resolution.READING_PERIOD:
            return _first_slots(np.array(reading_days, np.int64))
    unit = "datetime64[M]" if resolution is Resolution.MONTH else "datetime64[Y]"
    first_unit, last_unit = np.array([day, day_of_slot(end)], "datetime64[D]").astype(unit)
    begins = np.arange(first_unit, last_unit + 1).astype("datetime64[D]")
    return _first_slots(begins.astype(np.int64))


def _first_slots(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Vectorised `first_slot`."""
    return days * SLOTS_PER_DAY + first_slot(0)
