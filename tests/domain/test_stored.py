"""Keys of stored days, columns cut into batches, and single readings out of a day's columns."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.readings import MAX_REVISION, MAX_WH, Direction, Quality
from domain.slots import day_of_date, day_of_slot, first_slot
from domain.stored import (
    ReadingColumns,
    StoredReading,
    day_key,
    day_key_range,
    day_of_slot_columns,
    parts_of_day_key,
    stored_reading,
)

FACILITIES = st.integers(0, 2**40)
DIRECTIONS = st.sampled_from(Direction)
LAST_DAY = 2**16 - 1
SLOTS = st.integers(first_slot(0), first_slot(LAST_DAY + 1) - 1)
PLACES = st.tuples(FACILITIES, DIRECTIONS, SLOTS)
Place = tuple[int, Direction, int]


def columns(places: list[Place]) -> ReadingColumns:
    """Readings at facility, direction and slot, each told from the others by its Wh."""
    rows = np.array(places, np.int64).reshape(-1, 3)
    nothing = np.zeros(len(rows), np.int32)
    numbers = np.arange(len(rows), dtype=np.int32)
    return ReadingColumns(
        rows[:, 0], rows[:, 1], rows[:, 2], numbers, nothing + Quality.SETTLED, nothing - 1
    )


def key_of(place: Place) -> int:
    return int(columns([place]).day_keys()[0])


def test_a_key_holds_facility_direction_and_day_in_that_order_of_weight() -> None:
    slot = first_slot(day_of_date(date(2026, 11, 22)))
    assert key_of((7, Direction.EXPORT, slot + 47)) == 7 << 17 | 1 << 16 | 20_779


@given(place=PLACES)
def test_a_key_gives_back_its_parts(place: Place) -> None:
    facility, direction, slot = place
    assert parts_of_day_key(key_of(place)) == (facility, direction, day_of_slot(slot))


@given(places=st.lists(PLACES, max_size=20))
def test_keys_sort_by_facility_then_direction_then_day(places: list[Place]) -> None:
    parts = [(facility, direction, day_of_slot(slot)) for facility, direction, slot in places]
    by_key = sorted(columns(places).day_keys().tolist())
    assert [parts_of_day_key(key) for key in by_key] == sorted(parts)


@given(facility=FACILITIES, direction=DIRECTIONS, slots=st.tuples(SLOTS, SLOTS))
def test_a_range_of_keys_ends_with_the_days_of_the_first_and_the_last_slot(
    facility: int, direction: Direction, slots: tuple[int, int]
) -> None:
    first, last = sorted(slots)
    assert day_key_range(facility, direction, first, last + 1) == (
        key_of((facility, direction, first)),
        key_of((facility, direction, last)),
    )


def test_a_span_that_ends_at_midnight_does_not_touch_the_next_day() -> None:
    start = first_slot(20_779)
    one_day = day_key_range(7, Direction.IMPORT, start, start + 48)
    assert [parts_of_day_key(key)[2] for key in one_day] == [20_779, 20_779]
    longer = day_key_range(7, Direction.IMPORT, start, start + 49)
    assert [parts_of_day_key(key)[2] for key in longer] == [20_779, 20_780]


@given(slots=st.lists(SLOTS, max_size=20))
def test_days_of_a_column_of_slots_are_those_of_its_slots(slots: list[int]) -> None:
    column = np.array(slots, np.int64)
    assert day_of_slot_columns(column).tolist() == [day_of_slot(slot) for slot in slots]


def test_the_key_of_columns_is_the_key_of_their_parts() -> None:
    batch = columns([(1, Direction.IMPORT, 0), (2, Direction.EXPORT, 100)])
    expected = day_key(batch.facility, batch.direction, batch.slot)
    assert batch.day_keys().tolist() == expected.tolist() == [1 << 17, 2 << 17 | 1 << 16 | 2]


def test_rows_are_taken_by_slice_and_by_mask_from_every_column() -> None:
    batch = columns(
        [(1, Direction.IMPORT, 10), (2, Direction.EXPORT, 20), (3, Direction.IMPORT, 3)]
    )
    for part in (batch[slice(1, 2)], batch[np.array([False, True, False])]):
        assert len(part) == 1
        assert (part.facility.item(), part.direction.item(), part.slot.item()) == (2, 1, 20)
        assert (part.wh.item(), part.quality.item(), part.revision.item()) == (1, 2, -1)


def runs(batch: ReadingColumns) -> int:
    """How often the stored day changes from row to row, counting the first."""
    keys = batch.day_keys().tolist()
    return sum(1 for at, key in enumerate(keys) if at == 0 or keys[at - 1] != key)


@given(
    places=st.lists(st.tuples(st.integers(1, 3), DIRECTIONS, st.integers(0, 300)), max_size=60),
    days=st.integers(1, 5),
)
def test_batches_hold_every_row_once_in_order_and_touch_no_more_days_than_asked(
    places: list[Place], days: int
) -> None:
    whole = columns(places)
    parts = list(whole.batches(days))
    assert [wh for part in parts for wh in part.wh.tolist()] == list(range(len(places)))
    assert [runs(part) for part in parts[:-1]] == [days] * (len(parts) - 1)
    assert all(1 <= runs(part) <= days for part in parts)
    assert sum(runs(part) for part in parts) == runs(whole)


def test_a_batch_is_cut_between_days_only() -> None:
    day = 48
    slots = [first_slot(10) + offset for offset in (0, 1, day, day + 1, 2 * day, 2 * day + 5)]
    batch = columns([(1, Direction.IMPORT, slot) for slot in slots])
    assert [part.slot.tolist() for part in batch.batches(2)] == [slots[:4], slots[4:]]


def test_no_readings_give_no_batch() -> None:
    assert list(columns([]).batches(3)) == []


@given(
    places=st.lists(st.tuples(st.integers(1, 9), DIRECTIONS, st.integers(0, 300)), max_size=60),
    days=st.integers(1, 9),
)
def test_shares_have_no_facility_in_common_and_keep_the_order_of_each_one_s_rows(
    places: list[Place], days: int
) -> None:
    whole = columns(places)
    shares = [share.tolist() for share in whole.shares(days)]
    assert sorted(row for share in shares for row in share) == list(range(len(places)))
    facilities = [{places[row][0] for row in share} for share in shares]
    assert sum(map(len, facilities)) == len(set().union(*facilities))
    for share in shares:
        assert share == sorted(share, key=lambda row: (places[row][0], row))


@given(
    places=st.lists(st.tuples(st.integers(1, 9), DIRECTIONS, st.integers(0, 300)), max_size=60),
    days=st.integers(1, 9),
)
def test_shares_are_few_and_touch_fewer_days_than_asked_besides_those_of_one_facility(
    places: list[Place], days: int
) -> None:
    whole = columns(places)
    keys = [{key_of(places[row]) for row in share} for share in whole.shares(days)]
    assert len(keys) <= -(-sum(map(len, keys)) // days)
    for share in keys:
        first = min(map(parts_of_day_key, share))[0]
        assert sum(parts_of_day_key(key)[0] != first for key in share) < days


@given(
    quality=st.sampled_from([Quality.PROVISIONAL, Quality.SETTLED, Quality.ESTIMATED]),
    revision=st.integers(0, MAX_REVISION),
    wh=st.integers(0, MAX_WH),
)
def test_a_state_gives_back_quality_and_revision_and_is_never_that_of_an_empty_slot(
    quality: Quality, revision: int, wh: int
) -> None:
    reading = StoredReading(7, Direction.IMPORT, 100, wh, quality, revision, 3, 0)
    assert 0 < reading.state < 2**31
    assert stored_reading(7, Direction.IMPORT, 100, wh, reading.state, 3, 0) == reading


@pytest.mark.parametrize(
    ("received_ms", "received_at"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1_795_310_999_123, datetime(2026, 11, 22, 1, 29, 59, 123_000, tzinfo=UTC)),
    ],
)
def test_a_reading_was_received_at_its_milliseconds(
    received_ms: int, received_at: datetime
) -> None:
    reading = stored_reading(7, Direction.EXPORT, 100, 5, 2, 1, received_ms)
    assert reading.received_at == received_at
