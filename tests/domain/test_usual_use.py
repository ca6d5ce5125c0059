"""Gaps without a register: filled with what is usual near by, or not at all."""

from datetime import date

import numpy as np

from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, day_of_date, first_slot
from domain.usage import SlotSeries
from domain.usual_use import complete_wh

SUNDAY = day_of_date(date(2026, 5, 10))


def days(wh: list[int], gaps: list[int]) -> SlotSeries:
    """Whole days, each with the same Wh in all half hours, and gaps by slot."""
    quality = np.full(len(wh) * SLOTS_PER_DAY, Quality.SETTLED, np.int32)
    quality[gaps] = Quality.MISSING
    values = np.repeat(wh, SLOTS_PER_DAY).astype(np.int32)
    values[gaps] = 0
    return SlotSeries(first_slot(SUNDAY), values, quality, np.zeros_like(quality))


def test_a_gap_gets_the_mean_of_days_of_its_kind_in_the_same_four_weeks() -> None:
    # From the tenth week on much less is used; weekends have another use than weekdays.
    wh = [*([300] + [100] * 5 + [300]) * 10, *([30] + [10] * 5 + [30]) * 10]
    monday, sunday = (7 * 12 + 1) * SLOTS_PER_DAY + 20, 7 * 12 * SLOTS_PER_DAY + 20
    found = complete_wh(days(wh, [monday, sunday]))
    assert found is not None
    # A weekday of those weeks is a holiday: 7 times 30 and once 10.
    assert (found[monday], found[sunday]) == (10, 28)
    assert found.sum() == sum(wh) * SLOTS_PER_DAY - 2


def test_where_the_four_weeks_know_too_little_the_whole_span_tells() -> None:
    wh = [50] * 56
    gaps = [*range(28 * SLOTS_PER_DAY)]
    found = complete_wh(days(wh, gaps))
    assert found is not None
    assert found.tolist() == [50] * 56 * SLOTS_PER_DAY


def test_where_that_knows_too_little_too_nothing_is_made_up() -> None:
    assert complete_wh(days([50] * 14, [*range(12 * SLOTS_PER_DAY)])) is None
    whole = complete_wh(days([50] * 2, []))
    assert whole is not None
    assert whole.tolist() == [50] * 96
