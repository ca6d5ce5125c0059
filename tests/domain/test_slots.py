"""Slots and Tokyo days as integers agree with what datetime says of the same instants."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slots import (
    SLOTS_PER_DAY,
    TOKYO,
    date_of_day,
    day_at,
    day_of_date,
    day_of_slot,
    first_slot,
    slot_at,
    slot_from,
    slot_of_day,
    start_of_slot,
)

HALF_HOUR = timedelta(minutes=30)
INSTANTS = st.builds(
    lambda days, microseconds, offset: (
        datetime(1960, 1, 1, tzinfo=timezone(timedelta(minutes=offset)))
        + timedelta(days, microseconds=microseconds)
    ),
    st.integers(0, 69_000),
    st.integers(0, 24 * 3600 * 10**6 - 1),
    st.integers(-12 * 60, 14 * 60),
)
SLOTS = st.integers(-200_000, 3_000_000)
DATES = st.dates(date(1960, 1, 1), date(2148, 12, 31))


@pytest.mark.parametrize(
    ("instant", "holding", "starting"),
    [
        pytest.param("1970-01-01T00:00:00Z", 0, 0, id="the epoch"),
        pytest.param("1970-01-01T00:00:00.000001Z", 0, 1, id="a microsecond after it"),
        pytest.param("1969-12-31T23:59:59.999999Z", -1, 0, id="a microsecond before it"),
        pytest.param("1970-01-01T00:29:59Z", 0, 1, id="end of the first half hour"),
        pytest.param("1970-01-01T00:00:00+09:00", -18, -18, id="midnight in Tokyo"),
        pytest.param("2026-11-22T10:00:00+09:00", 997_394, 997_394, id="a morning"),
        pytest.param("2026-11-22T01:00:00Z", 997_394, 997_394, id="the same in UTC"),
        pytest.param("2026-11-22T06:45:00+05:45", 997_394, 997_394, id="the same in Kathmandu"),
        pytest.param("2026-11-22T10:10:00+09:00", 997_394, 997_395, id="within a half hour"),
    ],
)
def test_an_instant_lies_in_one_slot_and_waits_for_one(
    instant: str, holding: int, starting: int
) -> None:
    at = datetime.fromisoformat(instant)
    assert (slot_at(at), slot_from(at)) == (holding, starting)


@given(at=INSTANTS)
def test_the_slot_of_an_instant_starts_at_most_a_half_hour_before_it(at: datetime) -> None:
    start = start_of_slot(slot_at(at))
    assert start <= at < start + HALF_HOUR


@given(at=INSTANTS)
def test_the_slot_from_an_instant_is_the_first_that_does_not_start_before_it(at: datetime) -> None:
    start = start_of_slot(slot_from(at))
    assert start - HALF_HOUR < at <= start


@given(slot=SLOTS)
def test_a_slot_is_found_again_by_its_start(slot: int) -> None:
    start = start_of_slot(slot)
    assert start.tzinfo is UTC
    assert slot_at(start) == slot_from(start) == slot


@given(slot=SLOTS)
def test_day_and_place_of_a_slot_are_its_tokyo_date_and_time(slot: int) -> None:
    local = start_of_slot(slot).astimezone(TOKYO)
    assert date_of_day(day_of_slot(slot)) == local.date()
    assert slot_of_day(slot) == local.hour * 2 + local.minute // 30


@given(at=INSTANTS)
def test_the_day_at_an_instant_is_its_tokyo_date(at: datetime) -> None:
    assert date_of_day(day_at(at)) == at.astimezone(TOKYO).date()


@given(on=DATES)
def test_a_day_begins_at_tokyo_midnight_and_has_48_slots(on: date) -> None:
    day = day_of_date(on)
    midnight = datetime(on.year, on.month, on.day, tzinfo=TOKYO)
    assert start_of_slot(first_slot(day)) == midnight
    assert first_slot(day + 1) - first_slot(day) == SLOTS_PER_DAY == 48
    assert date_of_day(day) == on


def test_days_count_from_the_first_of_1970() -> None:
    assert day_of_date(date(1970, 1, 1)) == 0
    assert day_of_date(date(2026, 11, 22)) == 20_779
    assert first_slot(0) == -18
