"""Days of usage that are kept in memory: what of them is there, how newer ones come in.

Nothing is changed in place, since series that were handed out share the arrays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from domain.slots import SLOTS_PER_DAY, day_of_slot, first_slot
from domain.stored import QUALITY_BITS, QUALITY_MASK
from domain.usage import KnownBlock, SlotSeries

BLOCK_DAYS: Final = 32
"Days of a known block, which begins at a multiple of it: about a month."

_MOST_HANDED_OUT: Final = 8
"Series of the same days that are held."


@dataclass(frozen=True, slots=True)
class FoundDays:
    """Stored days of one direction of a facility, ascending; `damaged` are days that cannot be read.

    `day` and `newest` have shape ``(n,)``, `wh` and `state` ``(n, 48)``.
    """

    day: NDArray[np.int64]
    newest: NDArray[np.int64]
    wh: NDArray[np.int32]
    state: NDArray[np.int32]
    damaged: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class KeptDays:
    """Consecutive Tokyo days of one direction of a facility, from day `first` on.

    Those that are `loaded`, shape ``(n,)``, are as they were stored up to place `as_of` of the
    facility's order, or later. `newest`, shape ``(n,)``, is the last place in each day, 0 for a day
    without a reading; `wh`, `quality` and `revision` have shape ``(n, 48)``.
    """

    first: int
    as_of: int
    loaded: NDArray[np.bool_]
    newest: NDArray[np.int64]
    wh: NDArray[np.int32]
    quality: NDArray[np.int32]
    revision: NDArray[np.int32]
    _handed_out: dict[tuple[int, ...], SlotSeries] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    "Series by what was asked: clients ask for the same spans again and again."

    @classmethod
    def none(cls, first: int, days: int = 0) -> "KeptDays":
        columns = np.zeros((3, days, SLOTS_PER_DAY), np.int32)
        return cls(first, 0, np.zeros(days, np.bool_), np.zeros(days, np.int64), *columns)

    @property
    def end(self) -> int:
        """Day after the last one."""
        return self.first + len(self.loaded)

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self._columns)

    @property
    def _columns(self) -> tuple[NDArray[Any], ...]:
        return self.loaded, self.newest, self.wh, self.quality, self.revision

    def has(self, days: range) -> bool:
        """Whether consecutive days are all loaded."""
        if days.start < self.first or days.stop > self.end:
            return False
        inside = self.loaded[days.start - self.first : days.stop - self.first]
        return int(np.count_nonzero(inside)) == len(days)

    def missing(self, days: range) -> list[range]:
        """Those of consecutive days that are not loaded, in runs."""
        absent = np.ones(len(days) + 2, np.bool_)
        absent[[0, -1]] = False
        both = range(max(days.start, self.first), min(days.stop, self.end))
        if both:
            at = both.start - days.start + 1
            absent[at : at + len(both)] = ~self.loaded[both.start - self.first :][: len(both)]
        bounds = np.flatnonzero(np.diff(absent)).reshape(-1, 2) + days.start
        return [range(first, end) for first, end in bounds.tolist()]

    def renewed(self, wanted: Iterable[range], found: FoundDays, as_of: int) -> "KeptDays":
        """With the wanted days, after all that were missing or newer than `as_of` of self were read."""
        runs = list(wanted)
        first = min([self.first, *(run.start for run in runs)])
        end = max([self.end, *(run.stop for run in runs)])
        columns = [self._spread(first, end, column) for column in self._columns]
        loaded, newest, wh, quality, revision = columns
        for run in runs:
            loaded[run.start - first : run.stop - first] = True
        inside = slice(*np.searchsorted(found.day, (first, end)))
        at = found.day[inside] - first
        newest[at], wh[at] = found.newest[inside], found.wh[inside]
        quality[at] = found.state[inside] & QUALITY_MASK
        revision[at] = found.state[inside] >> QUALITY_BITS
        loaded[[day - first for day in found.damaged if first <= day < end]] = False
        if not loaded.all():
            for column in columns[1:]:
                column[~loaded] = 0
        for column in columns:
            column.flags.writeable = False
        return KeptDays(first, as_of, *columns)

    def series(self, source: tuple[int, int], first: int, end: int) -> SlotSeries:
        """Slots ``[first, end)``, whose days are loaded; `source` is the facility and direction."""
        asked = (*source, first, end)
        series = self._handed_out.get(asked)
        if series is None:
            series = self._series(source, first, end)
            if len(self._handed_out) >= _MOST_HANDED_OUT:
                self._handed_out.clear()
            self._handed_out[asked] = series
        return series

    def _series(self, source: tuple[int, int], first: int, end: int) -> SlotSeries:
        start = first - first_slot(self.first)
        wh, quality, revision = (
            column.reshape(-1)[start : start + end - first]
            for column in (self.wh, self.quality, self.revision)
        )
        return SlotSeries(first, wh, quality, revision, self._known(source, first, end))

    def _known(self, source: tuple[int, int], first: int, end: int) -> tuple[KnownBlock, ...]:
        """The slots ``[first, end)`` by blocks, without blocks that have a day which is not loaded."""
        if first >= end:
            return ()
        days = range(day_of_slot(first), day_of_slot(end - 1) + 1)
        bounds = [
            days.start,
            *range(-(-(days.start + 1) // BLOCK_DAYS) * BLOCK_DAYS, days.stop, BLOCK_DAYS),
        ]
        inside = slice(days.start - self.first, days.stop - self.first)
        starts = np.array(bounds) - days.start
        loaded = np.logical_and.reduceat(self.loaded[inside], starts).tolist()
        newest = np.maximum.reduceat(self.newest[inside], starts).tolist()
        edges = [first, *map(first_slot, bounds[1:]), end]
        # Whatever is stored later has a later place, and only what is stored changes a day.
        return tuple(
            KnownBlock(start, stop, (*source, start, stop, last))
            for (start, stop), last, there in zip(pairwise(edges), newest, loaded, strict=True)
            if there
        )

    def _spread(self, first: int, end: int, column: NDArray[Any]) -> NDArray[Any]:
        """A column over the days ``[first, end)``, zero where self has none."""
        spread = np.zeros((end - first, *column.shape[1:]), column.dtype)
        spread[self.first - first :][: len(column)] = column
        return spread
