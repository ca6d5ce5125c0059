"""Average use by half hour of day, weekday and kind of day, against a slow reference."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import DayKind, day_kind
from domain.readings import MAX_WH, Quality
from domain.slots import TOKYO, day_of_date, first_slot, start_of_slot
from domain.usage import SlotSeries
from domain.usage_profile import ProfileBasis, ProfilePoint, profile

SIZES = {ProfileBasis.HALF_HOUR_OF_DAY: 48, ProfileBasis.WEEKDAY: 7, ProfileBasis.DAY_KIND: 2}


def series(first: int, values: Sequence[int | None]) -> SlotSeries:
    """Settled Wh of consecutive slots; None is a gap."""
    wh = np.array([value or 0 for value in values], np.int32)
    gaps = np.array([value is None for value in values], np.bool_)
    quality = np.where(gaps, Quality.MISSING, Quality.SETTLED).astype(np.int32)
    return SlotSeries(first, wh, quality, np.zeros(len(values), np.int32))


@st.composite
def gappy_series(draw: st.DrawFn) -> SlotSeries:
    """A short run of values and gaps, repeated over up to 16 days."""
    run = draw(st.lists(st.none() | st.integers(0, MAX_WH), min_size=1, max_size=10))
    length = draw(st.integers(0, 800))
    earliest = first_slot(day_of_date(date(2024, 4, 1)))
    first = draw(st.integers(earliest, earliest + 800 * 48))
    return series(first, (run * (length // len(run) + 1))[:length])


def half_hour_of_day(at: datetime) -> int:
    return at.hour * 2 + at.minute // 30


def weekday(at: datetime) -> int:
    return at.weekday()


def kind_of_day(at: datetime) -> int:
    return int(day_kind(at.date()) is DayKind.HOLIDAY)


GROUPS: dict[ProfileBasis, Callable[[datetime], int]] = {
    ProfileBasis.HALF_HOUR_OF_DAY: half_hour_of_day,
    ProfileBasis.WEEKDAY: weekday,
    ProfileBasis.DAY_KIND: kind_of_day,
}


def reference(of: SlotSeries, basis: ProfileBasis) -> list[tuple[int, Fraction | None, int]]:
    """Group, exact average and count, each half hour put into its group by datetime."""
    values = defaultdict(list)
    for slot, wh, quality in zip(
        range(of.first, of.end), of.wh.tolist(), of.quality.tolist(), strict=True
    ):
        if quality != Quality.MISSING:
            values[GROUPS[basis](start_of_slot(slot).astimezone(TOKYO))].append(wh)
    per = 1 if basis is ProfileBasis.HALF_HOUR_OF_DAY else 48
    return [
        (
            group,
            Fraction(sum(values[group]) * per, len(values[group])) if values[group] else None,
            len(values[group]),
        )
        for group in range(SIZES[basis])
    ]


@pytest.mark.parametrize("basis", ProfileBasis)
@given(of=gappy_series())
def test_a_profile_averages_the_values_of_each_group_and_leaves_gaps_out(
    basis: ProfileBasis, of: SlotSeries
) -> None:
    """US-5."""
    expected = reference(of, basis)
    found = profile(of, basis)
    assert [(point.group, point.slots) for point in found] == [
        (group, count) for group, _, count in expected
    ]
    for point, (_, average, _) in zip(found, expected, strict=True):
        if average is None:
            assert point.average_wh is None
        else:
            assert point.average_wh == pytest.approx(float(average), rel=1e-12)


@pytest.mark.parametrize("basis", ProfileBasis)
@pytest.mark.parametrize("values", [[], [None] * 100], ids=["empty", "nothing but gaps"])
def test_groups_without_a_value_have_no_average(
    basis: ProfileBasis, values: list[int | None]
) -> None:
    assert profile(series(997_394, values), basis) == tuple(
        ProfilePoint(group, None, 0) for group in range(SIZES[basis])
    )


def test_half_hours_are_averaged_over_days() -> None:
    first = first_slot(day_of_date(date(2026, 11, 22)))
    two_days = [100] * 48 + [200] * 48
    two_days[20] = 7
    points = profile(
        series(first, [*two_days[:68], None, *two_days[69:]]), (ProfileBasis.HALF_HOUR_OF_DAY)
    )
    assert points[19] == ProfilePoint(19, 150.0, 2)
    assert points[20] == ProfilePoint(20, 7.0, 1)


def test_weekdays_count_from_monday_as_whole_days() -> None:
    sunday = first_slot(day_of_date(date(2026, 11, 22)))
    points = profile(series(sunday, [10] * 48 + [None] * 24 + [30] * 24), ProfileBasis.WEEKDAY)
    assert points[6] == ProfilePoint(6, 480.0, 48)
    assert points[0] == ProfilePoint(0, 1440.0, 24)
    assert points[1] == ProfilePoint(1, None, 0)


def test_a_national_holiday_on_a_weekday_counts_as_a_holiday() -> None:
    """US-5: Monday 23 November 2026 is Labour Thanksgiving Day."""
    monday = first_slot(day_of_date(date(2026, 11, 23)))
    points = profile(series(monday, [10] * 48 + [30] * 48), ProfileBasis.DAY_KIND)
    assert points == (ProfilePoint(0, 1440.0, 48), ProfilePoint(1, 480.0, 48))


def test_a_span_from_the_middle_of_a_day_falls_into_the_groups_of_its_own_days() -> None:
    sunday_night = first_slot(day_of_date(date(2026, 11, 23))) - 1
    points = profile(series(sunday_night, [1, 2]), ProfileBasis.WEEKDAY)
    assert (points[6].average_wh, points[0].average_wh) == (48.0, 96.0)
    by_time = profile(series(sunday_night, [1, 2]), ProfileBasis.HALF_HOUR_OF_DAY)
    assert (by_time[47].average_wh, by_time[0].average_wh) == (1.0, 2.0)
