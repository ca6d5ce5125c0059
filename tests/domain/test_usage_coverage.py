"""Peak and coverage of a series of half hours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slots import first_slot
from domain.usage import Coverage, Resolution, SlotSeries, coverage, peak, points
from tests.domain.series_given import (
    DAY,
    GAP,
    E,
    M,
    P,
    S,
    Value,
    series,
    series_of_spans,
    values_of,
)


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
