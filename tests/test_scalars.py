"""Instants as texts in Tokyo."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slots import TOKYO
from schema.scalars import tokyo_text

OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 11, 22, 3, 10, tzinfo=UTC), "2026-11-22T12:10:00+09:00"),
        (datetime(2026, 11, 21, 15, tzinfo=UTC), "2026-11-22T00:00:00+09:00"),
        (datetime(2026, 11, 22, tzinfo=TOKYO), "2026-11-22T00:00:00+09:00"),
        (datetime(2026, 11, 22, 1, 2, 3, 4000, tzinfo=UTC), "2026-11-22T10:02:03.004000+09:00"),
    ],
)
def test_an_instant_is_told_at_the_offset_of_tokyo(instant: datetime, text: str) -> None:
    for _ in range(2):
        assert tokyo_text(instant) == text


@given(st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1), timezones=OFFSETS))  # noqa: DTZ001 - hypothesis puts the zones to them
def test_equal_instants_have_equal_texts_that_tell_them(instant: datetime) -> None:
    text = tokyo_text(instant)
    assert datetime.fromisoformat(text) == instant
    assert text.endswith("+09:00")
    assert tokyo_text(instant.astimezone(UTC)) == text


def test_both_hours_that_the_end_of_summer_time_shows_alike_have_their_own_texts() -> None:
    first = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    assert tokyo_text(first) == "2026-11-01T14:30:00+09:00"
    assert tokyo_text(first.replace(fold=1)) == "2026-11-01T15:30:00+09:00"
