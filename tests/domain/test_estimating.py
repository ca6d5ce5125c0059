"""Estimates of missing half hours: they come to the register, in the shape of the days around them."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.estimating import filled_wh
from domain.readings import Quality
from domain.slots import day_of_date, first_slot
from domain.usage import SlotSeries

MONDAY = date(2026, 11, 9)


def series(wh: "np.ndarray[tuple[int], np.dtype[np.int32]]", missing: slice) -> SlotSeries:
    quality = np.full(len(wh), Quality.SETTLED, np.int32)
    quality[missing] = Quality.MISSING
    known = np.where(quality == Quality.MISSING, 0, wh).astype(np.int32)
    return SlotSeries(first_slot(day_of_date(MONDAY)), known, quality, np.zeros(len(wh), np.int32))


def all_of(days: SlotSeries) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.ones(len(days.wh), np.bool_)


def test_a_gap_takes_the_shape_of_the_same_half_hours_of_such_days() -> None:
    week = np.tile(np.where(np.arange(48) < 24, 100, 300), 5).astype(np.int32)
    gap = slice(2 * 48, 3 * 48)
    days = series(week, gap)

    filled = filled_wh(days, all_of(days), int(week.sum()))

    assert (filled == week).all()


def test_days_of_which_nothing_is_known_share_the_register_evenly() -> None:
    days = series(np.zeros(48, np.int32), slice(0, 48))
    assert filled_wh(days, all_of(days), 480).tolist() == [10] * 48


def test_nothing_is_taken_away_where_the_register_is_below_what_is_known() -> None:
    days = series(np.full(96, 50, np.int32), slice(0, 2))
    assert filled_wh(days, all_of(days), 100).tolist() == [0, 0] + [50] * 94


def test_half_hours_that_nobody_needs_stay_empty() -> None:
    days = series(np.full(96, 50, np.int32), slice(0, 10))
    covered = np.arange(96) >= 5
    filled = filled_wh(days, covered, 50 * 91)
    assert filled[:5].tolist() == [0] * 5
    assert filled[5:].tolist() == [50] * 91


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 95), st.integers(1, 96), st.integers(0, 10**9))
def test_what_is_known_stays_and_the_rest_comes_to_the_register(
    seed: int, first: int, count: int, left: int
) -> None:
    wh = np.random.default_rng(seed).integers(0, 5_000, 96, np.int32)
    days = series(wh, slice(first, first + count))
    known = int(days.wh.sum())
    filled = filled_wh(days, all_of(days), known + left)
    present = days.quality != Quality.MISSING
    assert (filled[present] == days.wh[present]).all()
    assert (filled >= 0).all()
    assert int(filled.sum()) == known + left
