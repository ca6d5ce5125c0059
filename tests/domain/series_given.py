"""Series of half hours, given or drawn, and the points that they make."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import product

import numpy as np
from hypothesis import strategies as st

from domain.readings import MAX_WH, Quality
from domain.slots import day_of_date, first_slot, slot_at
from domain.usage import Points, SlotSeries

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
