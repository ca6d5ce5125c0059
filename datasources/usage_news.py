"""What a stored batch changed, by facility: what to announce, and the newest half hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.readings import Direction
from domain.stored import Announcement, ReadingColumns, StoredReading, stored_reading
from domain.usage_days import Effects

MAX_ANNOUNCED: Final = 200
"More readings than this in one announcement are left for the listeners to read."

_DIRECTIONS: Final = tuple(Direction)


@dataclass(frozen=True, slots=True)
class News:
    """What a batch changed in one facility.

    `newest` has, among other readings perhaps, the newest half hour of each direction.
    """

    announcement: Announcement
    newest: Sequence[StoredReading]


def news_of(batch: ReadingColumns, effects: Effects, received_ms: int) -> Iterator[News]:
    """News of every facility that the batch changed, by facility number."""
    changed = np.flatnonzero(effects.order)
    changed = changed[np.lexsort((effects.order[changed], batch.facility[changed]))]
    numbers, starts, counts = np.unique(
        batch.facility[changed], return_index=True, return_counts=True
    )
    ends = starts + counts
    first, last = effects.order[changed[starts]], effects.order[changed[ends - 1]]
    listed = changed[np.repeat(counts <= MAX_ANNOUNCED, counts)]
    readings = iter(_readings(batch, effects, listed, received_ms))
    columns = (column.tolist() for column in (numbers, first, last, starts, ends))
    for number, one, other, start, end in zip(*columns, strict=True):
        if end - start > MAX_ANNOUNCED:
            rows = _newest(batch, changed[start:end])
            newest = _readings(batch, effects, rows, received_ms)
            yield News(Announcement(number, one, other, None), newest)
        else:
            own = list(islice(readings, end - start))
            yield News(Announcement(number, one, other, own), own)


def _newest(batch: ReadingColumns, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """The last row of the newest slot in each direction."""
    direction, slot = batch.direction[rows], batch.slot[rows]
    by_time = rows[np.lexsort((np.arange(len(rows)), slot, direction))]
    ends = np.flatnonzero(np.diff(batch.direction[by_time], append=-1))
    return by_time[ends]


def _readings(
    batch: ReadingColumns, effects: Effects, rows: NDArray[np.intp], received_ms: int
) -> list[StoredReading]:
    columns = (
        batch.facility,
        batch.direction,
        batch.slot,
        batch.wh,
        effects.state,
        effects.order,
    )
    return [
        stored_reading(number, _DIRECTIONS[direction], slot, wh, state, order, received_ms)
        for number, direction, slot, wh, state, order in zip(
            *(column[rows].tolist() for column in columns), strict=True
        )
    ]
