"""New readings, a store of the days that they merge into, and the same by a loop over a dict."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.readings import Direction, Quality
from domain.slots import SLOTS_PER_DAY, first_slot
from domain.stored import QUALITY_BITS, QUALITY_MASK, ReadingColumns
from domain.usage_days import DayBlock, Effects, Outcome, merge_batch

STORED, UNCHANGED, CORRECTED, CONFLICT = Outcome
P, S, E = Quality.PROVISIONAL, Quality.SETTLED, Quality.ESTIMATED
DAY = 20_779
Slot = tuple[int, Direction, int]


@dataclass(frozen=True)
class Row:
    """A new reading; `revision` None where the sender gave none."""

    slot: Slot
    wh: int
    quality: Quality
    revision: int | None


def columns(rows: Sequence[Row]) -> ReadingColumns:
    places = np.array([row.slot for row in rows], np.int64).reshape(-1, 3)
    revisions = [-1 if row.revision is None else row.revision for row in rows]
    return ReadingColumns(
        places[:, 0],
        places[:, 1],
        places[:, 2],
        np.array([row.wh for row in rows], np.int32),
        np.array([row.quality for row in rows], np.int32),
        np.array(revisions, np.int32),
    )


@dataclass
class Store:
    """A block with the keys of its days, and where each facility's order stands."""

    keys: NDArray[np.int64]
    block: DayBlock
    orders: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Store":
        """An empty store with the days of the rows."""
        keys = np.unique(columns(rows).day_keys())
        return cls(keys, DayBlock.empty(len(keys)))

    def merge(self, rows: Sequence[Row], received_ms: int = 1) -> Effects:
        batch = columns(rows)
        day_rows = np.searchsorted(self.keys, batch.day_keys())
        effects = merge_batch(self.block, day_rows, batch, self.orders, received_ms)
        for row, order in zip(rows, effects.order.tolist(), strict=True):
            self.orders[row.slot[0]] = max(self.orders[row.slot[0]], order)
        return effects

    def values(self, rows: Sequence[Row]) -> dict[Slot, tuple[int, Quality, int]]:
        """What is stored in the slots of rows: Wh, quality, revision."""
        batch = columns(rows)
        at = np.searchsorted(self.keys, batch.day_keys()), (batch.slot + 18) % SLOTS_PER_DAY
        state = self.block.state[at]
        values = zip(
            self.block.wh[at].tolist(),
            map(Quality, (state & QUALITY_MASK).tolist()),
            (state >> QUALITY_BITS).tolist(),
            strict=True,
        )
        return {row.slot: value for row, value in zip(rows, values, strict=True)}


@dataclass
class Kept:
    """A stored value of the reference."""

    wh: int
    quality: Quality
    revision: int
    order: int
    received_ms: int


@dataclass
class Reference:
    """The same rules, one reading after the other in a dict."""

    kept: dict[Slot, Kept] = field(default_factory=dict)
    orders: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def merge(self, rows: Sequence[Row], received_ms: int) -> Iterator[tuple[Outcome, int]]:
        for row in rows:
            outcome, revision = self._judge(row)
            if outcome in {UNCHANGED, CONFLICT}:
                yield outcome, 0
                continue
            self.orders[row.slot[0]] += 1
            order = self.orders[row.slot[0]]
            self.kept[row.slot] = Kept(row.wh, row.quality, revision, order, received_ms)
            yield outcome, order

    def _judge(self, row: Row) -> tuple[Outcome, int]:
        old = self.kept.get(row.slot)
        if old is None:
            return STORED, row.revision or 0
        same = (old.wh, old.quality) == (row.wh, row.quality)
        if row.revision is None:
            return (UNCHANGED, 0) if same else (CORRECTED, old.revision + 1)
        if row.revision > old.revision:
            return CORRECTED, row.revision
        return (CONFLICT if row.revision == old.revision and not same else UNCHANGED), 0

    def block(self, keys: NDArray[np.int64]) -> DayBlock:
        """All that is kept, and nothing else, as a block of the days."""
        block = DayBlock.empty(len(keys))
        for (facility, direction, slot), kept in self.kept.items():
            day, place = divmod(slot - first_slot(0), SLOTS_PER_DAY)
            at = int(np.searchsorted(keys, facility << 17 | direction << 16 | day)), place
            block.wh[at] = kept.wh
            block.state[at] = kept.revision * 4 + kept.quality
            block.order[at] = kept.order
            block.received_ms[at] = kept.received_ms
        return block


def columns_of(block: DayBlock) -> tuple[list[int], ...]:
    return (
        block.wh.ravel().tolist(),
        block.state.ravel().tolist(),
        block.order.ravel().tolist(),
        block.received_ms.ravel().tolist(),
    )


def slot(place: int, facility: int = 1, direction: Direction = Direction.IMPORT) -> Slot:
    return facility, direction, first_slot(DAY) + place
