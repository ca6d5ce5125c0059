"""Totals and resolutions of a series of half hours."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.readings import MAX_WH, Quality
from domain.slots import TOKYO, day_of_date, first_slot, start_of_slot
from domain.usage import Points, Resolution, SlotSeries, points, total_wh
from tests.domain.series_given import (
    DAY,
    FIRSTS,
    GAP,
    E,
    M,
    P,
    S,
    Value,
    series,
    series_of_spans,
    settled,
    values_of,
)


def tokyo(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TOKYO)


def edges_of(of: Points) -> list[datetime]:
    return [start_of_slot(edge).astimezone(TOKYO) for edge in of.edges.tolist()]


READING_DAYS = st.sets(st.integers(-20, 100), max_size=8)


LABELS: dict[Resolution, Callable[[datetime], Hashable]] = {
    Resolution.HALF_HOUR: lambda at: at,
    Resolution.HOUR: lambda at: at.replace(minute=0),
    Resolution.DAY: lambda at: at.date(),
    Resolution.WEEK: lambda at: at.isocalendar()[:2],
    Resolution.MONTH: lambda at: (at.year, at.month),
    Resolution.YEAR: lambda at: at.year,
}


def label(resolution: Resolution, slot: int, reading_days: Sequence[int]) -> Hashable:
    """What slots of one point have in common, by the Tokyo calendar."""
    at = start_of_slot(slot).astimezone(TOKYO)
    if resolution is Resolution.READING_PERIOD:
        return bisect_right(reading_days, day_of_date(at.date()))
    return LABELS[resolution](at)


def joint_quality(qualities: set[Quality]) -> Quality:
    return next((kind for kind in (P, E, S) if kind in qualities), M)


@pytest.mark.parametrize("resolution", Resolution)
@given(of=series_of_spans(), offsets=READING_DAYS)
def test_points_are_the_slots_grouped_by_the_tokyo_calendar(
    resolution: Resolution, of: SlotSeries, offsets: set[int]
) -> None:
    """US-1, US-3, US-4: against a loop that asks datetime for every half hour."""
    reading_days = [(of.first + 18) // 48 + offset for offset in sorted(offsets)]
    rows = zip(
        range(of.first, of.end),
        of.wh.tolist(),
        map(Quality, of.quality.tolist()),
        of.revision.tolist(),
        strict=True,
    )
    groups = [
        list(group)
        for _, group in groupby(rows, lambda row: label(resolution, row[0], reading_days))
    ]
    found = points(of, resolution, reading_days)
    assert len(found) == len(groups)
    assert found.edges.tolist() == [group[0][0] for group in groups] + [of.end]
    assert values_of(found) == [
        (
            sum(wh for _, wh, _, _ in group),
            joint_quality({quality for _, _, quality, _ in group}),
            max(revision for _, _, _, revision in group),
            sum(quality is M for _, _, quality, _ in group),
        )
        for group in groups
    ]
    assert sum(found.wh.tolist()) == total_wh(of)


def next_bound(resolution: Resolution, on: date) -> date:
    if resolution is Resolution.MONTH:
        return (on.replace(day=1) + timedelta(days=31)).replace(day=1)
    if resolution is Resolution.WEEK:
        return on + timedelta(days=7 - on.weekday())
    return date(on.year + 1, 1, 1)


@pytest.mark.parametrize("resolution", [Resolution.WEEK, Resolution.MONTH, Resolution.YEAR])
@given(first=FIRSTS, length=st.integers(1, 1000 * 48))
def test_over_years_points_end_where_weeks_months_and_years_end_in_tokyo(
    resolution: Resolution, first: int, length: int
) -> None:
    """US-1."""
    nothing = np.zeros(length, np.int32)
    found = points(SlotSeries(first, nothing + 1, nothing + S, nothing), resolution, ())
    bounds, on = [], start_of_slot(first).astimezone(TOKYO).date()
    while first_slot(day_of_date(on := next_bound(resolution, on))) < first + length:
        bounds.append(first_slot(day_of_date(on)))
    assert found.edges.tolist() == [first, *bounds, first + length]
    assert found.wh.tolist() == np.diff(found.edges).tolist()


@pytest.mark.parametrize(
    ("resolution", "start", "length", "edges"),
    [
        pytest.param(
            Resolution.HOUR,
            tokyo(2026, 11, 22, 10, 30),
            4,
            [
                tokyo(2026, 11, 22, 10, 30),
                tokyo(2026, 11, 22, 11),
                tokyo(2026, 11, 22, 12),
                tokyo(2026, 11, 22, 12, 30),
            ],
            id="hours from a half hour to a half hour",
        ),
        pytest.param(
            Resolution.DAY,
            tokyo(2026, 11, 22, 10, 30),
            48,
            [tokyo(2026, 11, 22, 10, 30), tokyo(2026, 11, 23), tokyo(2026, 11, 23, 10, 30)],
            id="days from the middle of a day",
        ),
        pytest.param(
            Resolution.DAY,
            tokyo(2026, 11, 22),
            48,
            [tokyo(2026, 11, 22), tokyo(2026, 11, 23)],
            id="one whole day",
        ),
        pytest.param(
            Resolution.WEEK,
            tokyo(2026, 11, 22, 12),
            48,
            [tokyo(2026, 11, 22, 12), tokyo(2026, 11, 23), tokyo(2026, 11, 23, 12)],
            id="weeks begin on Monday",
        ),
        pytest.param(
            Resolution.MONTH,
            tokyo(2024, 1, 31, 23, 30),
            2 + 29 * 48,
            [
                tokyo(2024, 1, 31, 23, 30),
                tokyo(2024, 2, 1),
                tokyo(2024, 3, 1),
                tokyo(2024, 3, 1, 0, 30),
            ],
            id="a leap February",
        ),
        pytest.param(
            Resolution.YEAR,
            tokyo(2024, 12, 31, 12),
            48,
            [tokyo(2024, 12, 31, 12), tokyo(2025, 1, 1), tokyo(2025, 1, 1, 12)],
            id="over New Year",
        ),
    ],
)
def test_edges_lie_on_the_bounds_of_the_tokyo_calendar(
    resolution: Resolution, start: datetime, length: int, edges: list[datetime]
) -> None:
    found = points(settled(start, [1] * length), resolution, ())
    assert edges_of(found) == edges
    assert sum(found.wh.tolist()) == length


@pytest.mark.parametrize(
    ("bounds", "edges", "wh"),
    [
        pytest.param(
            [date(2026, 3, 12), date(2026, 4, 14)],
            [tokyo(2026, 3, 12), tokyo(2026, 4, 14), tokyo(2026, 4, 22)],
            [33 * 48, 8 * 48],
            id="from the first day of a period",
        ),
        pytest.param(
            [date(2026, 2, 12), date(2026, 3, 14), date(2026, 4, 13), date(2026, 5, 15)],
            [tokyo(2026, 3, 12), tokyo(2026, 3, 14), tokyo(2026, 4, 13), tokyo(2026, 4, 22)],
            [2 * 48, 30 * 48, 9 * 48],
            id="from the middle of a period to the middle of another",
        ),
        pytest.param(
            [date(2025, 1, 10), date(2026, 4, 22)],
            [tokyo(2026, 3, 12), tokyo(2026, 4, 22)],
            [41 * 48],
            id="no bound within",
        ),
        pytest.param(
            [], [tokyo(2026, 3, 12), tokyo(2026, 4, 22)], [41 * 48], id="nothing was read yet"
        ),
    ],
)
def test_reading_periods_are_those_of_the_reading_calendar_not_months(
    bounds: list[date], edges: list[datetime], wh: list[int]
) -> None:
    """US-4, FA-3."""
    of = settled(tokyo(2026, 3, 12), [1] * (41 * 48))
    found = points(of, Resolution.READING_PERIOD, [day_of_date(on) for on in bounds])
    assert edges_of(found) == edges
    assert found.wh.tolist() == wh


@pytest.mark.parametrize(
    ("values", "point"),
    [
        pytest.param([(5, S, 0), (6, S, 2)], (11, S, 2, 0), id="settled"),
        pytest.param([(5, S, 1), (6, P, 0)], (11, P, 1, 0), id="provisional beats settled"),
        pytest.param([(5, S, 0), (6, E, 0)], (11, E, 0, 0), id="estimated beats settled"),
        pytest.param([(5, E, 0), (6, P, 0)], (11, P, 0, 0), id="provisional beats estimated"),
        pytest.param([(5, S, 3), GAP], (5, S, 3, 1), id="a gap leaves settled"),
        pytest.param([GAP, (6, E, 0)], (6, E, 0, 1), id="a gap leaves estimated"),
        pytest.param([(0, S, 0), GAP], (0, S, 0, 1), id="zero use is a value"),
        pytest.param([GAP, GAP], (0, M, 0, 2), id="nothing but gaps"),
    ],
)
def test_a_point_has_the_least_certain_quality_of_its_values_and_is_missing_without_any(
    values: list[Value], point: tuple[int, Quality, int, int]
) -> None:
    """US-3: a gap is a MISSING point, never a zero."""
    found = points(series(first_slot(DAY), values), Resolution.HOUR, ())
    assert values_of(found) == [point]


def test_half_hours_are_points_as_they_are() -> None:
    values = [(5, S, 1), GAP, (0, P, 0)]
    found = points(series(first_slot(DAY), values), Resolution.HALF_HOUR, ())
    assert values_of(found) == [(5, S, 1, 0), (0, M, 0, 1), (0, P, 0, 0)]


@pytest.mark.parametrize("resolution", Resolution)
def test_an_empty_series_has_no_points_and_one_edge(resolution: Resolution) -> None:
    found = points(series(997_394, []), resolution, [DAY])
    assert (len(found), found.edges.tolist(), values_of(found)) == (0, [997_394], [])


def test_sums_beyond_32_bits_are_kept() -> None:
    of = settled(tokyo(2026, 11, 1), [MAX_WH] * (30 * 48))
    assert total_wh(of) == MAX_WH * 30 * 48
    assert points(of, Resolution.MONTH, ()).wh.tolist() == [MAX_WH * 30 * 48]


def test_an_empty_series_has_a_total_of_zero() -> None:
    assert total_wh(series(5, [])) == 0


@given(of=series_of_spans(longest=200), data=st.data())
def test_a_part_of_a_series_has_the_values_of_its_slots(
    of: SlotSeries, data: st.DataObject
) -> None:
    first = data.draw(st.integers(of.first, of.end))
    end = data.draw(st.integers(first, of.end))
    part = of.between(first, end)
    assert (part.first, part.end) == (first, end)
    for whole, cut in (
        (of.wh, part.wh),
        (of.quality, part.quality),
        (of.revision, part.revision),
    ):
        assert cut.tolist() == whole.tolist()[first - of.first : end - of.first]


@pytest.mark.parametrize(
    ("slots", "kept"),
    [
        pytest.param(range(102), [0, 1], id="the first ones"),
        pytest.param(range(101, 103), [1, 2], id="the middle"),
        pytest.param(range(102, 999), [2, 3], id="the last ones"),
        pytest.param(range(999), [0, 1, 2, 3], id="all"),
        pytest.param(range(104, 999), [], id="none, they begin at its end"),
        pytest.param(range(103, 101), [], id="none, there are none"),
    ],
)
def test_slots_that_are_left_out_of_a_series_are_missing(slots: range, kept: list[int]) -> None:
    values = [(5, S, 1), (6, P, 0), (0, E, 2), (7, S, 3)]
    found = series(100, values).only(slots)
    expected = series(100, [value if at in kept else GAP for at, value in enumerate(values)])
    assert (found.first, found.end) == (100, 104)
    for column in ("wh", "quality", "revision"):
        assert getattr(found, column).tolist() == getattr(expected, column).tolist()
        assert getattr(found, column).dtype == np.int32
