"""Kept days behave as a dictionary of days would, and hand out series that never change."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, first_slot
from domain.usage import KnownBlock, SlotSeries
from domain.usage_kept import BLOCK_DAYS, FoundDays, KeptDays

FIRST = 640
"A day at which a block begins."
SOURCE = (7, 1)
STATE = (3 << 2) | Quality.SETTLED


def found(newest: dict[int, int], damaged: tuple[int, ...] = ()) -> FoundDays:
    """Days with their newest places, which are their Wh too."""
    newest = dict(sorted(newest.items()))
    count = len(newest)
    wh = np.repeat(np.array(list(newest.values()), np.int32), SLOTS_PER_DAY)
    return FoundDays(
        np.array(list(newest), np.int64),
        np.array(list(newest.values()), np.int64),
        wh.reshape(count, SLOTS_PER_DAY),
        np.full((count, SLOTS_PER_DAY), STATE, np.int32),
        damaged,
    )


def kept(days: range, newest: dict[int, int], damaged: tuple[int, ...] = ()) -> KeptDays:
    return KeptDays.none(days.start).renewed([days], found(newest, damaged), 99)


@dataclass
class Model:
    """Wh by day, None for one that has no value."""

    days: dict[int, int | None] = field(default_factory=dict)

    def missing(self, days: range) -> list[range]:
        runs: list[range] = []
        for day in (each for each in days if each not in self.days):
            if runs and runs[-1].stop == day:
                runs[-1] = range(runs[-1].start, day + 1)
            else:
                runs.append(range(day, day + 1))
        return runs


DAYS = st.builds(
    lambda first, count: range(FIRST + first, FIRST + first + count), *[st.integers(0, 40)] * 2
)
STEPS = st.lists(
    st.tuples(
        st.lists(DAYS, min_size=1, max_size=2),
        st.dictionaries(st.integers(FIRST - 3, FIRST + 90), st.integers(1, 50), max_size=6),
        st.sets(st.integers(FIRST - 3, FIRST + 90), max_size=2),
    ),
    max_size=6,
)


@given(steps=STEPS, asked=DAYS)
def test_they_are_a_dictionary_of_days(
    steps: list[tuple[list[range], dict[int, int], set[int]]], asked: range
) -> None:
    model, days = Model(), KeptDays.none(FIRST)
    for place, (wanted, newest, damaged) in enumerate(steps):
        read = {day: wh for day, wh in newest.items() if day not in damaged}
        days = days.renewed(wanted, found(read, tuple(damaged)), place)
        model.days |= {day: model.days.get(day) for run in wanted for day in run}
        model.days |= {day: wh for day, wh in read.items() if day in model.days}
        model.days = {day: wh for day, wh in model.days.items() if day not in damaged}
        assert days.as_of == place
    assert days.missing(asked) == model.missing(asked)
    assert days.has(asked) == (not model.missing(asked))
    for run in (range(day, day + 1) for day in model.days):
        series = days.series(SOURCE, first_slot(run.start), first_slot(run.stop))
        wh = model.days[run.start]
        assert set(series.wh.tolist()) == {wh or 0}
        assert set(series.quality.tolist()) == {Quality.SETTLED if wh else Quality.MISSING}
        assert set(series.revision.tolist()) == {3 if wh else 0}
    assert days.nbytes == (days.end - days.first) * (1 + 8 + 12 * SLOTS_PER_DAY)


@pytest.mark.parametrize(
    ("first", "end", "inner"),
    [
        pytest.param(0, 3 * BLOCK_DAYS * 48, [1536, 3072], id="all"),
        pytest.param(1, 3 * BLOCK_DAYS * 48, [1536, 3072], id="a half hour later"),
        pytest.param(0, 3 * BLOCK_DAYS * 48 - 1, [1536, 3072], id="a half hour less"),
        pytest.param(1, 2 * BLOCK_DAYS * 48 - 1, [1536], id="parts of two blocks"),
        pytest.param(0, BLOCK_DAYS * 48, [], id="exactly one"),
        pytest.param(100, 148, [], id="a day in one"),
        pytest.param(1535, 1537, [1536], id="two half hours of two"),
    ],
)
def test_a_series_is_known_by_blocks_under_the_newest_place_in_each(
    first: int, end: int, inner: list[int]
) -> None:
    days = kept(range(FIRST, FIRST + 3 * BLOCK_DAYS), {FIRST + 40: 8, FIRST + 41: 7})
    start = first_slot(FIRST)

    series = days.series(SOURCE, start + first, start + end)

    bounds = [start + at for at in (first, *inner, end)]
    news = range(first_slot(FIRST + 40), first_slot(FIRST + 41))
    assert series.known == tuple(
        KnownBlock(
            low, high, (*SOURCE, low, high, 8 if low < news.stop and high > news.start else 0)
        )
        for low, high in pairwise(bounds)
    )
    assert len(series.wh) == end - first


def test_nothing_is_known_of_an_empty_series() -> None:
    days = kept(range(FIRST, FIRST + 3), {FIRST: 5})
    assert days.series(SOURCE, first_slot(FIRST) + 5, first_slot(FIRST) + 5).known == ()


def test_a_block_with_a_damaged_day_is_not_known() -> None:
    days = kept(range(FIRST, FIRST + 64), {FIRST: 5}, damaged=(FIRST + 31,))
    series = days.series(SOURCE, first_slot(FIRST), first_slot(FIRST + 64))
    second = first_slot(FIRST + BLOCK_DAYS), first_slot(FIRST + 2 * BLOCK_DAYS)
    assert [block.version for block in series.known] == [(*SOURCE, *second, 0)]


def test_the_same_question_has_the_same_series_until_something_is_stored() -> None:
    days = kept(range(FIRST, FIRST + 2), {FIRST: 5})
    span = first_slot(FIRST), first_slot(FIRST + 2)
    series = days.series(SOURCE, *span)
    assert days.series(SOURCE, *span) is series
    assert days.series((SOURCE[0] + 1, SOURCE[1]), *span).known != series.known
    later = days.renewed([], found({FIRST: 6}), 100).series(SOURCE, *span)
    assert (int(series.wh[0]), int(later.wh[0])) == (5, 6)
    assert later.known != series.known


def test_few_of_the_series_that_were_asked_for_are_held() -> None:
    days = kept(range(FIRST, FIRST + 2), {FIRST: 5})
    start = first_slot(FIRST)
    for length in range(1, 40):
        assert len(days.series(SOURCE, start, start + length).wh) == length
        assert len(days._handed_out) <= 8


def test_nothing_is_changed_in_place() -> None:
    days = kept(range(FIRST, FIRST + 2), {FIRST: 5})
    series = days.series(SOURCE, first_slot(FIRST), first_slot(FIRST + 2))
    later = days.renewed([], found({FIRST: 6}), 100)
    assert int(series.wh[0]) == int(days.wh[0, 0]) == 5
    assert int(later.wh[0, 0]) == 6
    for column in (days.loaded, days.newest, days.wh, days.quality, days.revision):
        assert not column.flags.writeable


class TestKnownOfASeries:
    """What of a series stays known when it is cut."""

    SERIES = SlotSeries(
        100,
        np.arange(30, dtype=np.int32),
        np.full(30, Quality.SETTLED, np.int32),
        np.zeros(30, np.int32),
        (KnownBlock(100, 110, (1,)), KnownBlock(115, 120, (2,))),
    )

    @pytest.mark.parametrize(
        ("first", "end", "blocks"),
        [
            (100, 130, [KnownBlock(100, 110, (1,)), KnownBlock(115, 120, (2,))]),
            (101, 130, [KnownBlock(101, 110, (1, 101, 110)), KnownBlock(115, 120, (2,))]),
            (100, 119, [KnownBlock(100, 110, (1,)), KnownBlock(115, 119, (2, 115, 119))]),
            (110, 115, []),
            (116, 119, [KnownBlock(116, 119, (2, 116, 119))]),
        ],
    )
    def test_parts_of_blocks_have_versions_of_their_own(
        self, first: int, end: int, blocks: list[KnownBlock]
    ) -> None:
        assert self.SERIES.between(first, end).known == tuple(blocks)

    def test_all_if_nothing_was_made_missing_else_none(self) -> None:
        assert self.SERIES.only(range(90, 140)) is self.SERIES
        assert self.SERIES.only(range(101, 140)).known == ()
        assert self.SERIES.only(range(90, 129)).known == ()
