"""Any batches of readings, merged: against a loop over a dict, replayed, and in any order."""

import itertools
from collections.abc import Sequence
from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from domain.readings import Direction
from tests.domain.days_given import (
    CONFLICT,
    UNCHANGED,
    E,
    P,
    Reference,
    Row,
    S,
    Slot,
    Store,
    columns_of,
    slot,
)

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
