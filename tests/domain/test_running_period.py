"""Which reading period runs, by those that were told."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.running_period import periods_around, periods_between, running_period

MARCH, APRIL, MAY = (date(2040, month, 12) for month in (3, 4, 5))
TOLD = [MARCH, APRIL, MAY]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2040, 5, 11), (APRIL, MAY)),
        (date(2040, 5, 12), (MAY, date(2040, 6, 12))),
        (date(2040, 6, 11), (MAY, date(2040, 6, 12))),
        (date(2040, 6, 12), (date(2040, 6, 12), date(2040, 7, 12))),
        (date(2040, 7, 11), (date(2040, 6, 12), date(2040, 7, 12))),
        (date(2040, 7, 12), None),
        (date(2040, 3, 12), (MARCH, APRIL)),
        (date(2040, 3, 11), None),
    ],
    ids=[
        "last day of the last one told",
        "the day of reading",
        "its last day",
        "one was not told yet",
        "last day of that",
        "two were not told",
        "first day of the first",
        "before the first",
    ],
)
def test_a_period_that_was_not_told_is_a_month_long_and_at_most_one_before_it_may_be_missing(
    on: date, expected: tuple[date, date] | None
) -> None:
    """FA-3."""
    assert running_period(TOLD, on) == expected


def test_no_period_runs_where_none_was_ever_told() -> None:
    assert running_period([], MAY) is None


def test_a_reading_at_the_end_of_a_month_is_followed_by_one_at_the_end_of_the_next() -> None:
    assert running_period([date(2039, 12, 31), date(2040, 1, 31)], date(2040, 2, 28)) == (
        date(2040, 1, 31),
        date(2040, 2, 29),
    )


@given(
    bounds=st.lists(st.dates(date(2030, 1, 1), date(2040, 1, 1)), unique=True, max_size=30),
    on=st.dates(date(2029, 1, 1), date(2041, 1, 1)),
)
def test_the_period_holds_the_date_and_no_bound_is_within_it(bounds: list[date], on: date) -> None:
    found = running_period(sorted(bounds), on)
    if found is not None:
        start_on, end_on = found
        assert start_on <= on < end_on
        assert not any(start_on < bound < end_on for bound in bounds)
    else:
        assert not any(on - timedelta(days=27) <= bound <= on for bound in bounds)


JUNE, JULY = date(2040, 6, 12), date(2040, 7, 12)


def test_the_calendar_goes_on_for_two_months_and_is_not_known_before_it_was_told() -> None:
    every = [(MARCH, APRIL), (APRIL, MAY), (MAY, JUNE), (JUNE, JULY)]
    assert periods_between(TOLD, date(2030, 1, 1), date(2050, 1, 1)) == every
    assert periods_between(TOLD, APRIL, MAY) == [(APRIL, MAY)]
    assert periods_between(TOLD, date(2040, 4, 11), date(2040, 4, 13)) == every[:2]
    assert periods_between(TOLD, JULY, date(2040, 8, 1)) == []
    assert periods_between([], APRIL, MAY) == []


@given(st.dates(date(2040, 3, 12), date(2040, 7, 11)))
def test_the_running_period_is_the_only_one_that_holds_the_day(on: date) -> None:
    assert periods_between(TOLD, on, on + timedelta(days=1)) == [running_period(TOLD, on)]


@given(
    st.sampled_from([[], [MARCH], TOLD]),
    st.dates(date(2039, 1, 1), date(2041, 6, 1)),
    st.integers(1, 500),
)
def test_every_day_of_a_span_is_in_one_period_around_it(
    bounds: list[date], start_on: date, days: int
) -> None:
    end_on = start_on + timedelta(days=days)
    found = periods_around(bounds, start_on, end_on)
    assert found[0][0] <= start_on < found[0][1]
    assert found[-1][0] < end_on <= found[-1][1]
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert {on for on in bounds if start_on <= on < end_on} <= {start for start, _ in found}
    assert all(28 <= (end - start).days <= 31 for start, end in found)
