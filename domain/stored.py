"""Readings as they are kept: columns on their way in, single ones on their way out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.readings import Direction, Quality
from domain.slots import SLOTS_PER_DAY, day_of_slot, first_slot

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_KEPT_INSTANTS: Final = 4096
_DAY_BITS: Final = 16
_DIRECTION_BITS: Final = 1

QUALITY_BITS: Final = 2
"A slot's state is ``revision << 2 | quality``, so that 0 is an empty slot."
QUALITY_MASK: Final = (1 << QUALITY_BITS) - 1
_QUALITIES: Final = tuple(Quality)


@dataclass(frozen=True, slots=True)
class ReadingColumns:
    """New readings as columns of equal length; `revision` is -1 where the sender gave none."""

    facility: NDArray[np.int64]
    direction: NDArray[np.int64]
    slot: NDArray[np.int64]
    wh: NDArray[np.int32]
    quality: NDArray[np.int32]
    revision: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.slot)

    def __getitem__(self, rows: slice | NDArray[np.bool_] | NDArray[np.intp]) -> "ReadingColumns":
        return ReadingColumns(
            self.facility[rows],
            self.direction[rows],
            self.slot[rows],
            self.wh[rows],
            self.quality[rows],
            self.revision[rows],
        )

    def day_keys(self) -> NDArray[np.int64]:
        """Key of the stored day that each reading belongs to."""
        return day_key(self.facility, self.direction, self.slot)

    def batches(self, days: int) -> "Iterator[ReadingColumns]":
        """The same readings in order, cut so that a part touches about `days` stored days."""
        keys = self.day_keys()
        changes = np.concatenate(([0], np.cumsum(np.diff(keys) != 0))) if len(keys) else keys
        cuts = np.flatnonzero(np.diff(changes // days)) + 1
        bounds = [0, *(int(cut) for cut in cuts), len(self)]
        return (self[slice(first, end)] for first, end in pairwise(bounds) if first < end)

    def shares(self, days: int) -> list[NDArray[np.intp]]:
        """Rows in shares without a facility in common, so that they can be stored at the same time.

        The rows of a facility stand together in their order. Besides those of its first facility a
        share touches fewer than `days` stored days.
        """
        by_facility = np.argsort(self.facility, kind="stable")
        facility, keys = self.facility[by_facility], self.day_keys()[by_facility]
        is_new = np.zeros(len(self), np.bool_)
        is_new[np.unique(keys, return_index=True)[1]] = True
        ends = np.searchsorted(facility, facility, side="right") - 1
        share = (np.cumsum(is_new)[ends] - 1) // days
        return np.split(by_facility, np.flatnonzero(np.diff(share)) + 1) if len(self) else []


class StoredReading(NamedTuple):
    """A reading with its place in the order in which its facility's readings were stored."""

    facility: int
    direction: Direction
    slot: int
    wh: int
    quality: Quality
    revision: int
    order: int
    received_ms: int

    @property
    def state(self) -> int:
        """Revision and quality in one, as a day keeps them."""
        return self.revision << QUALITY_BITS | self.quality

    @property
    def received_at(self) -> datetime:
        return instant_of_ms(self.received_ms)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a facility's order stands, and its newest half hour by direction."""

    facility: int
    order: int
    received_at: datetime | None
    latest: tuple[StoredReading | None, StoredReading | None]


class Announcement(NamedTuple):
    """Readings of one facility that were stored together: places `first` to `last` of its order.

    `readings` is None where they are too many to send along; they are in the database.
    """

    facility: int
    first: int
    last: int
    readings: Sequence[StoredReading] | None


@lru_cache(_KEPT_INSTANTS)
def instant_of_ms(milliseconds: int) -> datetime:
    """Instant so many milliseconds after 1970-01-01T00:00Z; readings sent together share one."""
    return _EPOCH + milliseconds * _MILLISECOND


def day_key(
    facility: NDArray[np.int64], direction: NDArray[np.int64], slot: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Stored day of slots: facility, direction and Tokyo day in one integer, in that order."""
    day = day_of_slot_columns(slot)
    return (facility << (_DAY_BITS + _DIRECTION_BITS)) | (direction << _DAY_BITS) | day


def day_key_range(facility: int, direction: Direction, first: int, end: int) -> tuple[int, int]:
    """Keys of the first and the last stored day of the slots ``[first, end)``."""
    high = facility << (_DAY_BITS + _DIRECTION_BITS) | direction << _DAY_BITS
    return high | day_of_slot(first), high | day_of_slot(end - 1)


def parts_of_day_key(key: int) -> tuple[int, Direction, int]:
    """Facility, direction and Tokyo day of a stored day's key."""
    day = key & (1 << _DAY_BITS) - 1
    return key >> (_DAY_BITS + _DIRECTION_BITS), Direction(key >> _DAY_BITS & 1), day


def facility_of_day_keys(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Facilities of stored days' keys."""
    return keys >> (_DAY_BITS + _DIRECTION_BITS)


def day_of_slot_columns(slot: NDArray[np.int64]) -> NDArray[np.int64]:
    """Vectorised `day_of_slot`."""
    days: NDArray[np.int64] = (slot - first_slot(0)) // SLOTS_PER_DAY
    return days


def stored_reading(
    facility: int,
    direction: Direction,
    slot: int,
    wh: int,
    state: int,
    order: int,
    received_ms: int,
) -> StoredReading:
    """Reading out of a day's columns."""
    quality, revision = _QUALITIES[state & QUALITY_MASK], state >> QUALITY_BITS
    return StoredReading(facility, direction, slot, wh, quality, revision, order, received_ms)
