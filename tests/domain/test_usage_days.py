"""How new readings merge into stored days: outcomes, revisions, and each facility's order."""

import numpy as np
import pytest

from domain.readings import MAX_REVISION, MAX_WH, Direction, Quality
from domain.usage_days import DayBlock, Outcome, Rows, apply, merge
from tests.domain.days_given import (
    CONFLICT,
    CORRECTED,
    STORED,
    UNCHANGED,
    E,
    P,
    Row,
    S,
    Store,
    columns_of,
    slot,
)


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
