"""Readings out of stored days, as columns in the order of their facilities' places.

A reading becomes an object only when it is asked for, so that many of them cost little memory, and
nobody waits while they are made.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

from datasources.mongo import Document
from datasources.usage_documents import INT32, INT64
from domain.readings import Direction
from domain.slots import first_slot
from domain.stored import StoredReading, parts_of_day_key, stored_reading
from domain.stream_gaps import Gap

_DAYS_PER_TICK: Final = 500
_COLUMNS: Final = 7
"Facility, order, direction, slot, Wh, state, received."


class StoredRows(Sequence[StoredReading]):
    """Readings by facility and order; a slice is a list of them."""

    def __init__(self, columns: NDArray[np.int64]) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return int(self._columns.shape[1])

    @overload
    def __getitem__(self, index: int) -> StoredReading: ...
    @overload
    def __getitem__(self, index: slice) -> list[StoredReading]: ...
    def __getitem__(self, index: int | slice) -> StoredReading | list[StoredReading]:
        if isinstance(index, slice):
            return [_reading(*row) for row in self._columns[:, index].T.tolist()]
        return _reading(*self._columns[:, index].tolist())

    def within(self, gap: Gap) -> "StoredRows":
        """Those in the places of a gap."""
        facilities, orders = self._columns[0], self._columns[1]
        first, end = np.searchsorted(facilities, (gap.facility, gap.facility + 1)).tolist()
        places = np.searchsorted(orders[first:end], (gap.after, gap.until), "right") + first
        return StoredRows(self._columns[:, slice(*places.tolist())].copy())


async def rows_between(
    days: Sequence[Document], after: Mapping[int, int], until: Mapping[int, int]
) -> StoredRows:
    """Readings in places ``(after, until]`` of the facilities' orders, out of stored days."""
    parts = [np.empty((_COLUMNS, 0), np.int64)]
    for start in range(0, len(days), _DAYS_PER_TICK):
        for day in days[start : start + _DAYS_PER_TICK]:
            facility = day["facility"]
            parts.append(_columns(day, after[facility], until[facility]))
        await asyncio.sleep(0)
    columns = np.concatenate(parts, axis=1)
    return StoredRows(columns[:, np.lexsort((columns[1], columns[0]))])


def _columns(day: Document, after: int, until: int) -> NDArray[np.int64]:
    facility, direction, number = parts_of_day_key(day["_id"])
    orders = np.frombuffer(day["order"], INT64)
    (places,) = np.nonzero((orders > after) & (orders <= until))
    columns = np.empty((_COLUMNS, len(places)), np.int64)
    columns[0] = facility
    columns[1] = orders[places]
    columns[2] = direction
    columns[3] = first_slot(number) + places
    columns[4] = np.frombuffer(day["wh"], INT32)[places]
    columns[5] = np.frombuffer(day["state"], INT32)[places]
    columns[6] = np.frombuffer(day["receivedMs"], INT64)[places]
    return columns


def _reading(
    facility: int, order: int, direction: int, slot: int, wh: int, state: int, received_ms: int
) -> StoredReading:
    return stored_reading(facility, Direction(direction), slot, wh, state, order, received_ms)
