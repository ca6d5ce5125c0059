"""Forecasts of a day and of whole days: by hand, against a slow reference, and how good they are."""

from collections.abc import Sequence
from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.calendar import DayKind, day_kind
from domain.forecast import HISTORY_DAYS, day_forecast, expected_wh, filled, whole_wh
from domain.readings import Quality
from domain.simulation import Premises, PremisesKind, simulate
from domain.slots import date_of_day, day_of_date, first_slot
from domain.usage import SlotSeries
from tests.domain.series_given import GAP, Value, series

SUNDAY = day_of_date(date(2026, 11, 22))
HOLIDAY = SUNDAY + 1
"Monday 23 November 2026 is Labour Thanksgiving Day."
TUESDAY = SUNDAY + 2
ALWAYS = range(first_slot(0), first_slot(60_000))
NAN = float("nan")


def settled(wh: int) -> Value:
    return (wh, Quality.SETTLED, 0)


def days_of(first_day: int, days: Sequence[Sequence[int | None]]) -> SlotSeries:
    """Settled Wh of whole days; a day given by one value has it in every half hour, None is a gap."""
    values = [value for day in days for value in (day if len(day) == 48 else [*day] * 48)]
    return series(
        first_slot(first_day), [GAP if value is None else settled(value) for value in values]
    )


def before(day: int, weekday: int | None, holiday: int | None) -> SlotSeries:
    """Four weeks before a day, in which every half hour of a kind of day had the same."""
    kinds = [day_kind(date_of_day(at)) for at in range(day - HISTORY_DAYS, day)]
    return days_of(
        day - HISTORY_DAYS,
        [[weekday if kind is DayKind.WEEKDAY else holiday] for kind in kinds],
    )


def flat(wh: float) -> NDArray[np.float64]:
    return np.full(48, float(wh))


class TestExpected:
    def test_a_day_is_expected_to_be_like_those_of_its_kind(self) -> None:
        expected = expected_wh(before(SUNDAY, 100, 700), ALWAYS, SUNDAY, 3)
        assert expected.tolist() == [[700.0] * 48, [700.0] * 48, [100.0] * 48]

    def test_it_is_the_mean_of_what_is_known(self) -> None:
        history = days_of(SUNDAY - 6, [[0], [100], [None], [None], [400], [9]])
        assert expected_wh(history, ALWAYS, TUESDAY, 1)[0, 17] == 500 / 3

    def test_fewer_than_three_days_of_a_kind_give_no_expectation(self) -> None:
        history = days_of(SUNDAY - 6, [[None], [100], [100], [100], [None], [700]])
        expected = expected_wh(history, ALWAYS, SUNDAY, 3)
        assert np.isnan(expected[:2]).all()
        assert expected[2].tolist() == [100.0] * 48

    def test_too_little_is_known_by_half_hour(self) -> None:
        day: list[int | None] = [100] * 48
        gappy = [*day[:20], None, *day[21:]]
        history = days_of(SUNDAY - 4, [day, gappy, day, day])
        expected = expected_wh(history, ALWAYS, TUESDAY, 1)[0]
        assert np.flatnonzero(np.isnan(expected)).tolist() == [20]

    def test_nothing_is_expected_where_nothing_is_supplied(self) -> None:
        supplied = range(first_slot(SUNDAY + 1), first_slot(SUNDAY + 2))
        expected = expected_wh(before(SUNDAY, None, 700), supplied, SUNDAY, 3)
        assert expected.tolist() == [[0.0] * 48, [700.0] * 48, [0.0] * 48]

    @given(
        values=st.lists(st.sampled_from([None, 0, 1, 250, 10**8]), min_size=1, max_size=97),
        first_day=st.integers(SUNDAY - 400, SUNDAY),
        days=st.integers(1, 40),
    )
    def test_it_agrees_with_a_slow_reference(
        self, values: list[int | None], first_day: int, days: int
    ) -> None:
        run = (values * (HISTORY_DAYS * 48 // len(values) + 1))[: HISTORY_DAYS * 48]
        history = days_of(
            first_day - HISTORY_DAYS, [run[at * 48 : at * 48 + 48] for at in range(HISTORY_DAYS)]
        )
        expected = expected_wh(history, ALWAYS, first_day, days)
        assert expected.shape == (days, 48)
        for place, half in product({0, days - 1}, range(48)):
            kind = day_kind(date_of_day(first_day + place))
            known = [
                wh
                for at in range(HISTORY_DAYS)
                if day_kind(date_of_day(first_day - HISTORY_DAYS + at)) is kind
                and (wh := run[at * 48 + half]) is not None
            ]
            mean = sum(known) / len(known) if len(known) >= 3 else NAN
            assert expected[place, half] == pytest.approx(mean, nan_ok=True)


def day_forecast_wh(today: SlotSeries, running: int, expected: NDArray[np.float64]) -> float | None:
    return whole_wh(day_forecast(today, running, expected))


def filled_wh(series: SlotSeries, expected: NDArray[np.float64]) -> float | None:
    found = filled(series, expected)
    assert found.shape == expected.shape
    return whole_wh(found)


class TestDay:
    def test_a_day_like_expected_comes_to_what_is_expected(self) -> None:
        today = days_of(TUESDAY, [[100] * 20 + [None] * 28])
        assert day_forecast_wh(today, first_slot(TUESDAY) + 20, flat(100)) == 4800

    def test_before_anything_is_known_it_is_what_is_expected(self) -> None:
        today = days_of(TUESDAY, [[None]])
        assert day_forecast_wh(today, first_slot(TUESDAY), flat(100)) == 4800

    @pytest.mark.parametrize(
        ("seen", "wh", "forecast_wh"),
        [
            (12, 150, 12 * 150 + 36 * 100 * (1800 + 1200) / (1200 + 1200)),
            (36, 150, 36 * 150 + 12 * 100 * (5400 + 1200) / (3600 + 1200)),
            (1, 900, 900 + 47 * 100 * (900 + 1200) / (100 + 1200)),
            (24, 900, 24 * 900 + 24 * 100 * 2),
            (36, 0, 12 * 100 * 0.5),
        ],
        ids=["a quarter", "three quarters", "one half hour", "far above", "nothing used"],
    )
    def test_the_rest_follows_how_the_day_compares_the_more_of_it_is_seen(
        self, seen: int, wh: int, forecast_wh: float
    ) -> None:
        today = days_of(TUESDAY, [[wh] * seen + [None] * (48 - seen)])
        found = day_forecast_wh(today, first_slot(TUESDAY) + seen, flat(100))
        assert found == pytest.approx(forecast_wh)

    def test_a_gap_is_filled_and_not_taken_for_thrift(self) -> None:
        today = days_of(TUESDAY, [[100] * 10 + [None] * 10 + [100] * 10 + [None] * 18])
        assert day_forecast_wh(today, first_slot(TUESDAY) + 30, flat(100)) == 4800

    @pytest.mark.parametrize(("so_far", "counted"), [(30, 100), (170, 170)])
    def test_a_half_hour_that_runs_still_rises_to_what_is_expected(
        self, so_far: int, counted: int
    ) -> None:
        today = days_of(TUESDAY, [[100] * 20 + [so_far] + [None] * 27])
        found = day_forecast_wh(today, first_slot(TUESDAY) + 20, flat(100))
        assert found == 4700 + counted

    def test_a_day_that_is_over_comes_to_what_it_had_whatever_was_expected(self) -> None:
        today = days_of(TUESDAY, [[7]])
        assert day_forecast_wh(today, first_slot(TUESDAY + 1), flat(NAN)) == 7 * 48

    def test_without_an_expectation_for_what_is_to_come_there_is_no_forecast(self) -> None:
        today = days_of(TUESDAY, [[100] * 20 + [None] * 28])
        for place in (0, 30):
            expected = flat(100)
            expected[place] = NAN
            assert day_forecast_wh(today, first_slot(TUESDAY) + 20, expected) is None

    def test_an_empty_house_is_expected_to_stay_empty(self) -> None:
        today = days_of(TUESDAY, [[0] * 20 + [None] * 28])
        assert day_forecast_wh(today, first_slot(TUESDAY) + 20, flat(0)) == 0

    @given(
        values=st.lists(st.sampled_from([None, 0, 30, 100, 5000]), min_size=48, max_size=48),
        running=st.integers(0, 48),
        wh=st.sampled_from([0.0, 0.5, 100.0, 1e6]),
    )
    def test_it_is_never_less_than_what_is_known_nor_than_half_of_what_is_to_come(
        self, values: list[int | None], running: int, wh: float
    ) -> None:
        today = days_of(TUESDAY, [values])
        found = day_forecast_wh(today, first_slot(TUESDAY) + running, flat(wh))
        known = [value for value in values if value is not None]
        gaps = 48 - len(known)
        assert found is not None
        assert found >= sum(known) + gaps * wh / 2 - 1e-6
        assert found <= sum(known) + (48 - running + gaps) * wh * 2 + 1e-6


class TestFilled:
    def test_gaps_and_days_to_come_count_as_expected(self) -> None:
        past = days_of(SUNDAY, [[10] * 40 + [None] * 8, [20]])
        expected = np.stack([flat(100), flat(200), flat(300)])
        assert filled_wh(past, expected) == 400 + 800 + 960 + 14_400

    def test_what_is_known_needs_no_expectation(self) -> None:
        past = days_of(SUNDAY, [[10]])
        assert filled_wh(past, np.stack([flat(NAN)])) == 480
        assert filled_wh(past, np.stack([flat(NAN), flat(NAN)])) is None

    def test_nothing_comes_to_nothing(self) -> None:
        assert filled_wh(days_of(SUNDAY, []), np.zeros((0, 48))) == 0


@pytest.mark.parametrize(
    ("kind", "at_midnight", "at_noon", "at_six"),
    [
        (PremisesKind.HOME, 0.19, 0.085, 0.055),
        (PremisesKind.SHOP, 0.07, 0.035, 0.01),
        (PremisesKind.OFFICE, 0.09, 0.045, 0.02),
    ],
)
def test_forecasts_of_a_year_are_near_and_lean_to_neither_side(
    kind: PremisesKind, at_midnight: float, at_noon: float, at_six: float
) -> None:
    """US-10: mean distance as a share of use, at three hours of day."""
    first = SUNDAY - HISTORY_DAYS
    wh = simulate(Premises(7, kind), first, HISTORY_DAYS + 365).drawn_wh.astype(np.int64)
    for seen, most in ((0, at_midnight), (24, at_noon), (36, at_six)):
        off = [_miss(wh, SUNDAY + day, day + HISTORY_DAYS, seen) for day in range(365)]
        total = wh[HISTORY_DAYS:].sum()
        assert sum(map(abs, off)) / total < most
        assert abs(sum(off)) / total < 0.002


def _miss(wh: NDArray[np.int64], day: int, row: int, seen: int) -> float:
    """How far a forecast is above what the day came to."""
    settled_wh = wh[row - HISTORY_DAYS : row].reshape(-1).astype(np.int32)
    quality = np.full(len(settled_wh), Quality.SETTLED, np.int32)
    history = SlotSeries(
        first_slot(day - HISTORY_DAYS), settled_wh, quality, np.zeros_like(quality)
    )
    today = days_of(day, [[*wh[row, :seen].tolist(), *[None] * (48 - seen)]])
    found = day_forecast_wh(today, first_slot(day) + seen, expected_wh(history, ALWAYS, day, 1)[0])
    assert found is not None
    return found - float(wh[row].sum())
