"""Totals, resolutions, peak and coverage of a series of half hours."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.readings import MAX_WH, Quality
from domain.slots import TOKYO, day_of_date, first_slot, slot_at, start_of_slot
from domain.usage import (
    Coverage,
    Points,
    Resolution,
    SlotSeries,
    coverage,
    peak,
    points,
    total_wh,
)

M, P, S, E = Quality
Value = tuple[int, Quality, int]
GAP: Value = (0, M, 0)
DAY = day_of_date(date(2026, 11, 22))


def series(first: int, values: Sequence[Value]) -> SlotSeries:
    """Wh, quality and revision of consecutive slots."""
    columns = np.array(values, np.int32).reshape(-1, 3)
    return SlotSeries(first, columns[:, 0], columns[:, 1], columns[:, 2])


def settled(start: datetime, wh: Sequence[int]) -> SlotSeries:
    return series(slot_at(start), [(value, S, 0) for value in wh])


def tokyo(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TOKYO)


def edges_of(of: Points) -> list[datetime]:
    return [start_of_slot(edge).astimezone(TOKYO) for edge in of.edges.tolist()]


def values_of(of: Points) -> list[tuple[int, Quality, int, int]]:
    """Wh, quality, revision and missing slots of each point."""
    columns = (of.wh, of.quality, of.revision, of.missing)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(wh, Quality(quality), revision, missing) for wh, quality, revision, missing in rows]


READINGS = st.sampled_from([GAP, *product((0, 1, 250, MAX_WH), (P, S, E), (0, 1, 5))])
FIRSTS = st.integers(
    first_slot(day_of_date(date(2019, 12, 1))), first_slot(day_of_date(date(2032, 3, 31)))
)


@st.composite
def series_of_spans(draw: st.DrawFn, longest: int = 800) -> SlotSeries:
    """A short run of readings and gaps, repeated over a span of five weeks."""
    run = draw(st.lists(READINGS, min_size=1, max_size=10))
    length = draw(st.integers(0, longest))
    return series(draw(FIRSTS), (run * (length // len(run) + 1))[:length])


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


@pytest.mark.parametrize(
    ("values", "index"),
    [
        pytest.param([(5, S, 0), (7, S, 0), (6, S, 0)], 1, id="the highest"),
        pytest.param([(5, S, 0), (7, S, 0), (7, P, 0)], 1, id="the first of equals"),
        pytest.param([GAP, (0, S, 0), (0, S, 0)], 1, id="zero use, after a gap"),
        pytest.param([(7, E, 0)], 0, id="the only one"),
        pytest.param([GAP, GAP], None, id="nothing but gaps"),
        pytest.param([], None, id="no points"),
    ],
)
def test_the_peak_is_the_first_point_with_the_highest_usage(
    values: list[Value], index: int | None
) -> None:
    assert peak(points(series(first_slot(DAY), values), Resolution.HALF_HOUR, ())) == index


@given(of=series_of_spans(longest=200), resolution=st.sampled_from(Resolution))
def test_no_point_exceeds_the_peak_and_none_before_it_equals_it(
    of: SlotSeries, resolution: Resolution
) -> None:
    rows = values_of(points(of, resolution, ()))
    present = [(wh, -at) for at, (wh, quality, _, _) in enumerate(rows) if quality is not M]
    assert peak(points(of, resolution, ())) == (-max(present)[1] if present else None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([], Coverage(0, 0, (), None), id="empty"),
        pytest.param([GAP] * 3, Coverage(3, 0, ((100, 103),), None), id="all missing"),
        pytest.param([(5, S, 0)] * 3, Coverage(3, 3, (), 103), id="all settled"),
        pytest.param(
            [GAP, (5, S, 0), GAP, GAP, (0, S, 0), GAP],
            Coverage(6, 2, ((100, 101), (102, 104), (105, 106)), 105),
            id="gaps at both ends and between",
        ),
        pytest.param(
            [(5, S, 0), (5, P, 0), (5, S, 0)],
            Coverage(3, 3, (), 101),
            id="settled up to the first provisional",
        ),
        pytest.param(
            [(5, P, 0), (5, S, 0)], Coverage(2, 2, (), None), id="provisional from the beginning"
        ),
        pytest.param(
            [(5, S, 0), GAP, (5, S, 0), (5, E, 0), GAP, (5, P, 0)],
            Coverage(6, 4, ((101, 102), (104, 105)), 103),
            id="gaps and estimates do not end what is settled",
        ),
        pytest.param([(5, E, 0), GAP], Coverage(2, 1, ((101, 102),), None), id="only estimated"),
    ],
)
def test_coverage_says_what_is_there_and_what_is_not(
    values: list[Value], expected: Coverage
) -> None:
    """US-3."""
    assert coverage(series(100, values)) == expected


@given(of=series_of_spans(longest=200))
def test_coverage_spans_hold_the_missing_slots_and_no_others(of: SlotSeries) -> None:
    found = coverage(of)
    missing = [slot for first, end in found.missing for slot in range(first, end)]
    qualities = enumerate(of.quality.tolist(), start=of.first)
    assert missing == [slot for slot, quality in qualities if quality == M]
    assert (found.expected, found.present) == (len(of.wh), len(of.wh) - len(missing))
    ends = [end for _, end in found.missing[:-1]]
    starts = [first for first, _ in found.missing[1:]]
    assert all(end < first for end, first in zip(ends, starts, strict=True))
