"""The running day: how it stands, new readings taken in, and its reading period."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.forecast import HISTORY_DAYS
from domain.readings import Direction, Quality
from domain.slots import TOKYO, day_of_date, first_slot
from domain.stored import StoredReading
from domain.usage_today import KnownDay, PeriodTotal, outlook_of
from tests.domain.series_given import GAP, Value, series

TODAY = day_of_date(date(2026, 11, 24))
"A Tuesday."
FIRST = first_slot(TODAY)
ALWAYS = range(first_slot(0), first_slot(60_000))
DUE = timedelta(minutes=90)
NOON = datetime(2026, 11, 24, 12, 10, tzinfo=TOKYO)


def value(wh: int, quality: Quality = Quality.SETTLED, revision: int = 0) -> Value:
    return (wh, quality, revision)


def known(*today: int | None, yesterday: int | None = 10, supplied: range = ALWAYS) -> KnownDay:
    """A day with its first half hours, after one that had the same in all of them."""
    halves = [yesterday] * 48 + list(today) + [None] * (48 - len(today))
    days = series(FIRST - 48, [GAP if wh is None else value(wh) for wh in halves])
    return KnownDay.of(days, supplied)


def reading(half: int, wh: int, revision: int = 0) -> StoredReading:
    return StoredReading(
        1, Direction.IMPORT, FIRST + half, wh, Quality.PROVISIONAL, revision, 1, 1_000
    )


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=TOKYO)


class TestTotal:
    def test_it_runs_against_the_same_half_hours_of_yesterday(self) -> None:
        total = known(1, 2, None, 4).total(NOON, DUE)
        assert (total.start, total.as_of) == (at(0), at(2))
        assert (total.wh, total.same_time_yesterday_wh, total.yesterday_wh) == (7, 40, 480)

    def test_without_a_reading_nothing_has_been_used_by_midnight(self) -> None:
        total = known().total(at(0), DUE)
        assert (total.start, total.as_of) == (at(0), at(0))
        assert (total.wh, total.same_time_yesterday_wh, total.missing) == (0, 0, 0)

    @pytest.mark.parametrize(
        ("now", "halves", "missing"),
        [
            (at(1, 29), [], 0),
            (at(2), [], 1),
            (at(2, 29), [], 1),
            (at(2, 30), [], 2),
            (at(2, 30), [1, 2, 3], 0),
            (at(2, 30), [1, None, 3, 4], 1),
            (at(2, 30), [None, None, None, None, 5], 4),
            (at(23, 59), [], 44),
        ],
    )
    def test_a_half_hour_is_missing_when_it_is_due_or_a_later_one_has_come(
        self, now: datetime, halves: list[int | None], missing: int
    ) -> None:
        assert known(*halves).total(now, DUE).missing == missing

    def test_what_is_not_supplied_is_not_missing(self) -> None:
        assert known(supplied=range(FIRST)).total(NOON, DUE).missing == 0
        assert known(supplied=range(FIRST + 10, FIRST + 96)).total(NOON, DUE).missing == 11

    def test_without_an_outlook_nothing_is_forecast(self) -> None:
        total = known(1).total(NOON, DUE)
        assert (total.forecast_wh, total.period) == (None, None)


class TestReading:
    def test_a_reading_is_taken_in(self) -> None:
        before = known(1, 2)
        after = before.with_reading(reading(2, 30))
        assert (after.total(NOON, DUE).wh, after.total(NOON, DUE).as_of) == (33, at(1, 30))
        assert after.today.quality[2] == Quality.PROVISIONAL
        assert before.total(NOON, DUE).wh == 3

    def test_a_newer_revision_replaces_and_an_older_one_changes_nothing(self) -> None:
        day = known(1, 2).with_reading(reading(1, 50, revision=3))
        assert day.total(NOON, DUE).wh == 51
        assert day.with_reading(reading(1, 9, revision=2)) is day
        assert day.with_reading(reading(1, 7, revision=4)).total(NOON, DUE).wh == 8

    @pytest.mark.parametrize(("half", "held"), [(-1, False), (0, True), (47, True), (48, False)])
    def test_a_day_holds_its_48_half_hours(self, half: int, held: bool) -> None:
        assert known().holds(FIRST + half) is held

    @given(
        readings=st.lists(
            st.tuples(st.integers(0, 47), st.integers(0, 10**8), st.integers(0, 5)), max_size=60
        )
    )
    def test_taking_readings_in_ends_where_reading_the_newest_revisions_would(
        self, readings: list[tuple[int, int, int]]
    ) -> None:
        day, newest = known(), dict[int, tuple[int, int]]()
        for half, wh, revision in readings:
            # One revision of a slot has one value.
            same = wh - wh % 6 + revision
            day = day.with_reading(reading(half, same, revision))
            if revision >= newest.get(half, (-1, 0))[0]:
                newest[half] = revision, same
        assert day.total(at(23, 59), DUE).wh == sum(wh for _, wh in newest.values())

    def test_it_keeps_nothing_of_the_series_it_is_from(self) -> None:
        days = series(FIRST - 96, [value(1)] * 144)
        day = KnownDay.of(days, ALWAYS)
        days.wh[:] = 9
        assert (day.total(NOON, DUE).wh, day.total(NOON, DUE).yesterday_wh) == (48, 48)


class TestPeriod:
    """A period from Friday 13 November to 13 December, and four weeks in which each day had 4.8 kWh."""

    period = range(TODAY - 11, TODAY + 19)
    history = series(first_slot(TODAY - HISTORY_DAYS), [value(100)] * (48 * HISTORY_DAYS))

    def day(self, *today: int | None, gaps: int = 0, now: datetime = NOON) -> KnownDay:
        """The day in its period, whose last half hours before today are missing."""
        wh = np.where(np.arange(11 * 48) < 11 * 48 - gaps, 1, 0)
        before = series(first_slot(TODAY - 11), [value(1) if one else GAP for one in wh])
        due_end = FIRST + int((now - at(0) - DUE) // timedelta(minutes=30))
        outlook, _ = outlook_of(self.history, ALWAYS, self.period, before, due_end)
        return replace(known(*today), outlook=outlook)

    def test_it_is_what_was_used_and_what_its_other_days_are_expected_to_come_to(self) -> None:
        total = self.day(*[100] * 24).total(NOON, DUE)
        assert total.forecast_wh == 4800
        assert total.period == PeriodTotal(
            TODAY - 11, TODAY + 19, 11 * 48 + 2400, 0, 11 * 48 + 19 * 4800
        )

    def test_a_gap_is_missing_and_expected_to_have_been_like_ever(self) -> None:
        now = at(0, 40)  # two half hours of the day before are not due yet
        total = self.day(None, 100, gaps=5, now=now).total(now, DUE)
        assert total.period is not None
        assert (total.missing, total.period.missing) == (1, 4)
        assert total.period.wh == 11 * 48 - 5 + 100
        assert total.period.forecast_wh == 11 * 48 - 5 + 500 + 19 * 4800

    def test_new_readings_count_in_both(self) -> None:
        day = self.day().with_reading(reading(0, 700))
        total = day.total(NOON, DUE)
        assert total.period is not None
        assert total.period.wh == 11 * 48 + 700
        assert total.forecast_wh is not None
        assert total.period.forecast_wh == 11 * 48 + 18 * 4800 + total.forecast_wh

    def test_without_a_known_period_only_the_day_is_forecast(self) -> None:
        outlook, _ = outlook_of(self.history, ALWAYS, range(0), series(FIRST, []), FIRST)
        total = replace(known(), outlook=outlook).total(at(0), DUE)
        assert (total.forecast_wh, total.period) == (4800, None)

    def test_what_is_expected_of_neither_is_forecast_of_neither(self) -> None:
        history = series(first_slot(TODAY - HISTORY_DAYS), [GAP] * (48 * HISTORY_DAYS))
        before = series(first_slot(TODAY - 1), [value(1)] * 48)
        outlook, _ = outlook_of(history, ALWAYS, range(TODAY - 1, TODAY + 1), before, FIRST)
        total = replace(known(5), outlook=outlook).total(NOON, DUE)
        assert total.forecast_wh is None
        assert total.period == PeriodTotal(TODAY - 1, TODAY + 1, 53, total.missing, None)
