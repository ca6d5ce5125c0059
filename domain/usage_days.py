"""The stored form of usage: days of 48 slots as packed columns, and how new readings merge in.

A block holds ``n`` days as arrays of shape ``(n, 48)``. A slot without a value has state 0. Merging
never loses a value: a slot is replaced by a higher revision only, and the replaced one is older news.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from domain.readings import MAX_REVISION
from domain.slots import SLOTS_PER_DAY, first_slot
from domain.stored import QUALITY_BITS, QUALITY_MASK, ReadingColumns

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


class Outcome(IntEnum):
    """What became of a reading."""

    STORED = 0
    UNCHANGED = 1
    CORRECTED = 2
    CONFLICT = 3
    "The same revision is stored with another value."


@dataclass(frozen=True, slots=True)
class DayBlock:
    """Days of usage, mutable in place.

    `wh`: energy; `state`: revision and quality; `order`: the reading's place in its facility's order;
    `received_ms`: when it came, in ms since 1970.
    """

    wh: Ints
    state: Ints
    order: Longs
    received_ms: Longs

    @classmethod
    def empty(cls, days: int) -> "DayBlock":
        shape = (days, SLOTS_PER_DAY)
        return cls(
            np.zeros(shape, np.int32),
            np.zeros(shape, np.int32),
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """New readings of equal length columns, at most one for a slot.

    `day` is a row of the block, `place` the slot in it (0 to 47), `revision` is -1 where the sender
    gave none: then a differing value becomes the next revision.
    """

    day: NDArray[np.intp]
    place: NDArray[np.intp]
    wh: Ints
    quality: Ints
    revision: Ints


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge would do: an outcome for every row, and the state of those that change."""

    outcome: NDArray[np.int8]
    state: Ints

    @property
    def changed(self) -> NDArray[np.bool_]:
        changed: NDArray[np.bool_] = np.isin(self.outcome, (Outcome.STORED, Outcome.CORRECTED))
        return changed


def merge(block: DayBlock, rows: Rows) -> Merged:
    """Judge rows against what is stored; changes nothing."""
    stored_state = block.state[rows.day, rows.place]
    stored_revision = stored_state >> QUALITY_BITS
    absent = stored_state == 0
    same = (block.wh[rows.day, rows.place] == rows.wh) & (
        (stored_state & QUALITY_MASK) == rows.quality
    )
    # After the last revision there is no next one: a differing value then clashes with it.
    following = np.minimum(stored_revision + 1, MAX_REVISION)
    assumed = np.where(absent | same, stored_revision, following)
    revision = np.where(rows.revision < 0, assumed, rows.revision).astype(np.int32)
    newer = revision > stored_revision
    clashing = (revision == stored_revision) & ~same
    outcome = np.select(
        [absent, newer, clashing],
        [Outcome.STORED, Outcome.CORRECTED, Outcome.CONFLICT],
        Outcome.UNCHANGED,
    ).astype(np.int8)
    return Merged(outcome, (revision << QUALITY_BITS) | rows.quality)


def apply(block: DayBlock, rows: Rows, merged: Merged, order: Longs, received_ms: int) -> None:
    """Write the changed rows into the block; `order` has a place for each of them."""
    changed = merged.changed
    at = rows.day[changed], rows.place[changed]
    block.wh[at] = rows.wh[changed]
    block.state[at] = merged.state[changed]
    block.order[at] = order
    block.received_ms[at] = received_ms


@dataclass(frozen=True, slots=True)
class Effects:
    """What storing a batch did, by row; `order` is 0 and `state` void where nothing changed."""

    outcome: NDArray[np.int8]
    order: Longs
    state: Ints


def merge_batch(
    block: DayBlock,
    day_rows: NDArray[np.intp],
    batch: ReadingColumns,
    last_orders: Mapping[int, int],
    received_ms: int,
) -> Effects:
    """Merge a batch into its days; `last_orders` is the last place taken by facility number.

    Of several readings for one slot the later ones meet what the earlier ones left.
    """
    effects = Effects(
        np.zeros(len(batch), np.int8),
        np.zeros(len(batch), np.int64),
        np.zeros(len(batch), np.int32),
    )
    numbers, owner = np.unique(batch.facility, return_inverse=True)
    taken = np.array([last_orders[number] for number in numbers.tolist()], np.int64)
    places = (batch.slot - first_slot(0)) % SLOTS_PER_DAY
    for at in _turns(day_rows * SLOTS_PER_DAY + places):
        rows = Rows(day_rows[at], places[at], batch.wh[at], batch.quality[at], batch.revision[at])
        merged = merge(block, rows)
        effects.outcome[at] = merged.outcome
        effects.state[at] = merged.state
        changed = at[merged.changed]
        effects.order[changed] = taken[owner[changed]] + 1 + _occurrence(owner[changed])
        taken += np.bincount(owner[changed], minlength=len(taken))
        apply(block, rows, merged, effects.order[changed], received_ms)
    return effects


def _turns(slots: Longs) -> list[NDArray[np.intp]]:
    """Rows, ascending, in groups that have no slot twice: its first readings, its second ones …"""
    turns = _occurrence(slots)
    by_turn = np.argsort(turns, kind="stable")
    return np.split(by_turn, np.cumsum(np.bincount(turns))[:-1]) if len(slots) else []


def _occurrence(keys: Longs) -> Longs:
    """How many equal keys stand before each one."""
    by_key = np.argsort(keys, kind="stable")
    ordered = keys[by_key]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))[: len(keys)]
    counts = np.diff(np.append(starts, len(keys)))
    occurrence = np.empty(len(keys), np.int64)
    occurrence[by_key] = np.arange(len(keys)) - np.repeat(starts, counts)
    return occurrence
