"""How new readings merge into stored days: outcomes, revisions, and each facility's order."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.readings import MAX_REVISION, MAX_WH, Direction, Quality
from domain.slots import SLOTS_PER_DAY, first_slot
from domain.stored import QUALITY_BITS, QUALITY_MASK, ReadingColumns
from domain.usage_days import DayBlock, Effects, Outcome, Rows, apply, merge, merge_batch

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


QUALITIES = (P, S, E)
REVISIONS: tuple[int | None, ...] = (0, 1, 2, 3)
ANY_REVISIONS = (None, *REVISIONS)
SLOTS = [
    slot(place, facility, direction)
    for place in range(40, 56)
    for facility in (1, 2, 3)
    for direction in Direction
]
CROWDED_SLOTS = [slot(place, facility) for place in (47, 48) for facility in (1, 2)]


def batches(
    slots: Sequence[Slot], revisions: Sequence[int | None], *, once: bool
) -> st.SearchStrategy[list[Row]]:
    """Readings with few values, so that equal ones are not rare; `once`: one for a slot."""
    rows = [Row(*fields) for fields in itertools.product(slots, range(3), QUALITIES, revisions)]
    unique_by = (lambda row: row.slot) if once else None
    return st.lists(st.sampled_from(rows), max_size=15, unique_by=unique_by)


@pytest.mark.parametrize(
    ("stored", "new", "outcome", "left"),
    [
        pytest.param(None, (5, S, None), STORED, (5, S, 0), id="empty slot"),
        pytest.param(None, (0, S, None), STORED, (0, S, 0), id="empty slot, zero use"),
        pytest.param(None, (5, P, 0), STORED, (5, P, 0), id="empty slot, revision 0"),
        pytest.param(None, (5, P, 7), STORED, (5, P, 7), id="empty slot, revision 7"),
        pytest.param((5, S, 0), (5, S, None), UNCHANGED, (5, S, 0), id="the same"),
        pytest.param((0, S, 0), (0, S, None), UNCHANGED, (0, S, 0), id="the same zero"),
        pytest.param((5, S, 3), (5, S, None), UNCHANGED, (5, S, 3), id="the same as a revision"),
        pytest.param((5, S, 3), (6, S, None), CORRECTED, (6, S, 4), id="another value"),
        pytest.param((5, S, 3), (0, S, None), CORRECTED, (0, S, 4), id="another value, zero"),
        pytest.param((5, P, 0), (5, S, None), CORRECTED, (5, S, 1), id="another quality"),
        pytest.param((5, S, 1), (6, P, 2), CORRECTED, (6, P, 2), id="next revision"),
        pytest.param((5, S, 1), (6, S, 9), CORRECTED, (6, S, 9), id="a later revision"),
        pytest.param((5, S, 1), (5, S, 2), CORRECTED, (5, S, 2), id="next revision, the same"),
        pytest.param((5, S, 2), (5, S, 2), UNCHANGED, (5, S, 2), id="the same revision again"),
        pytest.param((5, S, 2), (6, S, 2), CONFLICT, (5, S, 2), id="its revision, another value"),
        pytest.param((5, S, 2), (5, E, 2), CONFLICT, (5, S, 2), id="its revision, other quality"),
        pytest.param((5, S, 0), (6, S, 0), CONFLICT, (5, S, 0), id="revision 0, another value"),
        pytest.param((5, S, 2), (6, S, 1), UNCHANGED, (5, S, 2), id="an older revision"),
        pytest.param((5, S, 2), (5, S, 0), UNCHANGED, (5, S, 2), id="an older revision, the same"),
        pytest.param(
            (MAX_WH, E, 1),
            (MAX_WH, E, MAX_REVISION),
            CORRECTED,
            (MAX_WH, E, MAX_REVISION),
            id="the largest numbers",
        ),
        pytest.param(
            (5, S, MAX_REVISION),
            (5, S, None),
            UNCHANGED,
            (5, S, MAX_REVISION),
            id="the same as the last revision",
        ),
        pytest.param(
            (5, S, MAX_REVISION),
            (6, S, None),
            CONFLICT,
            (5, S, MAX_REVISION),
            id="no revision is left",
        ),
    ],
)
def test_a_reading_meets_what_is_stored(
    stored: tuple[int, Quality, int] | None,
    new: tuple[int, Quality, int | None],
    outcome: Outcome,
    left: tuple[int, Quality, int],
) -> None:
    rows = [Row(slot(20), *new)]
    store = Store.of(rows)
    if stored is not None:
        store.merge([Row(slot(20), *stored)])
    before = store.orders[1]
    effects = store.merge(rows, received_ms=2)
    assert effects.outcome.tolist() == [outcome]
    assert store.values(rows) == {slot(20): left}
    changed = outcome in {STORED, CORRECTED}
    assert effects.order.tolist() == [before + 1 if changed else 0]
    assert store.block.received_ms[0, 20] == (2 if changed else 1)
    assert np.count_nonzero(store.block.state) == 1


@pytest.mark.parametrize(
    ("readings", "outcomes", "left"),
    [
        pytest.param(
            [(5, S, None), (5, S, None)], [STORED, UNCHANGED], (5, S, 0), id="twice the same"
        ),
        pytest.param(
            [(5, P, None), (6, S, None), (6, S, None), (5, P, None)],
            [STORED, CORRECTED, UNCHANGED, CORRECTED],
            (5, P, 2),
            id="there and back",
        ),
        pytest.param(
            [(5, S, 2), (6, S, 1), (7, S, 3)], [STORED, UNCHANGED, CORRECTED], (7, S, 3), id="mixed"
        ),
        pytest.param(
            [(5, S, 1), (6, S, 1), (6, S, None), (6, S, 2)],
            [STORED, CONFLICT, CORRECTED, UNCHANGED],
            (6, S, 2),
            id="a conflict, then a correction",
        ),
    ],
)
def test_several_readings_of_a_slot_in_one_batch_meet_each_other_in_row_order(
    readings: list[tuple[int, Quality, int | None]],
    outcomes: list[Outcome],
    left: tuple[int, Quality, int],
) -> None:
    rows = [Row(slot(20), *reading) for reading in readings]
    store = Store.of(rows)
    effects = store.merge(rows)
    assert effects.outcome.tolist() == outcomes
    assert store.values(rows) == {slot(20): left}
    changed = sum(outcome in {STORED, CORRECTED} for outcome in outcomes)
    assert [order for order in effects.order.tolist() if order] == list(range(1, changed + 1))


def test_each_facility_counts_its_own_changes_from_its_last_place() -> None:
    first = [Row(slot(place, facility=1), 5, S, None) for place in (0, 1)]
    rows = [
        Row(slot(0, facility=1), 5, S, None),
        Row(slot(0, facility=2), 5, S, None),
        Row(slot(1, facility=1), 6, S, None),
        Row(slot(2, facility=1), 7, S, None),
        Row(slot(0, facility=2, direction=Direction.EXPORT), 8, S, None),
        Row(slot(1, facility=1), 7, S, 0),
    ]
    store = Store.of(rows)
    store.orders[2] = 40
    assert store.merge(first).order.tolist() == [1, 2]
    effects = store.merge(rows)
    assert effects.outcome.tolist() == [
        UNCHANGED,
        STORED,
        CORRECTED,
        STORED,
        STORED,
        UNCHANGED,
    ]
    assert effects.order.tolist() == [0, 41, 3, 4, 42, 0]


def test_the_state_of_a_changed_row_is_what_its_slot_holds() -> None:
    rows = [Row(slot(0), 5, P, None), Row(slot(1), 6, S, 3), Row(slot(0), 7, E, None)]
    effects = Store.of(rows).merge(rows)
    assert effects.state.tolist() == [0 << 2 | P, 3 << 2 | S, 1 << 2 | E]


def test_both_directions_of_a_half_hour_are_kept_apart() -> None:
    rows = [
        Row(slot(0, direction=Direction.IMPORT), 5, S, None),
        Row(slot(0, direction=Direction.EXPORT), 6, S, None),
    ]
    store = Store.of(rows)
    assert store.merge(rows).outcome.tolist() == [STORED, STORED]
    assert [wh for wh, _, _ in store.values(rows).values()] == [5, 6]


def test_an_empty_batch_changes_nothing() -> None:
    store = Store.of([Row(slot(0), 5, S, None)])
    before = columns_of(store.block)
    effects = store.merge([])
    assert (len(effects.outcome), len(effects.order), len(effects.state)) == (0, 0, 0)
    assert columns_of(store.block) == before


def test_judging_rows_changes_nothing_until_they_are_applied() -> None:
    block = DayBlock.empty(2)
    rows = Rows(
        np.array([0, 1]),
        np.array([3, 4]),
        np.array([5, 6], np.int32),
        np.array([P, S], np.int32),
        np.array([-1, 2], np.int32),
    )
    merged = merge(block, rows)
    assert not any(map(any, columns_of(block)))
    assert merged.changed.tolist() == [True, True]
    apply(block, rows, merged, np.array([8, 9]), 77)
    assert (block.wh[0, 3], block.state[0, 3], block.order[0, 3]) == (5, P, 8)
    assert (block.wh[1, 4], block.state[1, 4], block.order[1, 4]) == (6, 2 << 2 | S, 9)
    assert block.received_ms[0, 3] == block.received_ms[1, 4] == 77
    assert np.count_nonzero(block.state) == 2


@given(rounds=st.lists(batches(SLOTS, ANY_REVISIONS, once=True), min_size=1, max_size=3))
def test_batches_of_single_readings_do_what_a_loop_over_a_dict_does(
    rounds: list[list[Row]],
) -> None:
    store, reference = Store.of(list(itertools.chain(*rounds))), Reference()
    for received_ms, rows in enumerate(rounds, start=1):
        effects = store.merge(rows, received_ms)
        found = list(zip(effects.outcome.tolist(), effects.order.tolist(), strict=True))
        assert found == list(reference.merge(rows, received_ms))
    assert columns_of(store.block) == columns_of(reference.block(store.keys))


@given(rounds=st.lists(batches(CROWDED_SLOTS, ANY_REVISIONS, once=False), min_size=1, max_size=3))
def test_batches_with_several_readings_of_a_slot_end_as_a_loop_over_a_dict_does(
    rounds: list[list[Row]],
) -> None:
    store, reference = Store.of(list(itertools.chain(*rounds))), Reference()
    for received_ms, rows in enumerate(rounds, start=1):
        effects = store.merge(rows, received_ms)
        outcomes = [outcome for outcome, _ in reference.merge(rows, received_ms)]
        assert effects.outcome.tolist() == outcomes
    expected = reference.block(store.keys)
    assert columns_of(store.block)[:2] == columns_of(expected)[:2]
    assert store.block.received_ms.tolist() == expected.received_ms.tolist()


@given(
    before=batches(CROWDED_SLOTS, ANY_REVISIONS, once=False),
    rows=batches(CROWDED_SLOTS, ANY_REVISIONS, once=False),
)
def test_the_order_of_a_facility_goes_on_without_holes_and_rises_within_a_slot(
    before: list[Row], rows: list[Row]
) -> None:
    store = Store.of(before + rows)
    store.merge(before)
    last = dict(store.orders)
    orders = store.merge(rows).order.tolist()
    for facility in {row.slot[0] for row in rows}:
        taken = [
            order
            for row, order in zip(rows, orders, strict=True)
            if order and row.slot[0] == facility
        ]
        start = last.get(facility, 0) + 1
        assert sorted(taken) == list(range(start, start + len(taken)))
    for place in {row.slot for row in rows}:
        of_slot = [
            order for row, order in zip(rows, orders, strict=True) if order and row.slot == place
        ]
        assert of_slot == sorted(of_slot)


@given(
    before=batches(CROWDED_SLOTS, ANY_REVISIONS, once=False),
    rows=batches(CROWDED_SLOTS, REVISIONS, once=False),
)
def test_replaying_a_batch_with_revisions_changes_nothing(
    before: list[Row], rows: list[Row]
) -> None:
    store = Store.of(before + rows)
    store.merge(before)
    store.merge(rows)
    once = columns_of(store.block)
    replayed = store.merge(rows, received_ms=9)
    assert set(replayed.outcome.tolist()) <= {UNCHANGED, CONFLICT}
    assert not replayed.order.any()
    assert columns_of(store.block) == once


@given(
    before=batches(SLOTS, ANY_REVISIONS, once=True), rows=batches(SLOTS, ANY_REVISIONS, once=True)
)
def test_replaying_a_batch_of_single_readings_changes_nothing(
    before: list[Row], rows: list[Row]
) -> None:
    store = Store.of(before + rows)
    store.merge(before)
    store.merge(rows)
    once = columns_of(store.block)
    assert not store.merge(rows, received_ms=9).order.any()
    assert columns_of(store.block) == once


@given(
    rows=st.lists(
        st.sampled_from(
            [
                Row(place, wh, quality, revision)
                for revision in range(10)
                for wh, quality in ((0, S), (4, P), (5, E))
                for place in CROWDED_SLOTS
            ]
        ),
        max_size=15,
        unique_by=lambda row: (row.slot, row.revision),
    ),
    data=st.data(),
)
def test_the_highest_revision_wins_in_whatever_order_readings_come(
    rows: list[Row], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    store = Store.of(rows)
    together = deepcopy(store)
    together.merge(rows)
    store.merge(shuffled[:cut])
    store.merge(shuffled[cut:])
    assert columns_of(store.block)[:2] == columns_of(together.block)[:2]
    highest = {row.slot: row for row in sorted(rows, key=lambda row: row.revision or 0)}
    assert store.values(rows) == {
        row.slot: (row.wh, row.quality, row.revision) for row in highest.values()
    }
