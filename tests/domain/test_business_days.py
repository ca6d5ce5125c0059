"""Business days, and when bills and results of debits may be seen (BI-3)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.billing_policy import BillingPolicy
from domain.business_days import (
    available_on,
    business_day_after,
    is_business_day,
    result_available_on,
)
from tests.policies import SHIPPED

H: Final[BillingPolicy] = SHIPPED["hepco"].billing
REST_ON_WEEKDAYS_OF_2026: Final = {
    *("01-01", "01-02", "01-12", "02-11", "02-23", "03-20", "04-29"),
    *("05-04", "05-05", "05-06"),  # the last is the substitute for a Sunday three days before
    *("07-20", "08-11", "09-21", "09-22", "09-23", "10-12", "11-03", "11-23"),
    *("12-29", "12-30", "12-31"),
}
"As the government's calendar has them, and the company's year end."
YEAR: Final = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]


def test_a_whole_year_has_the_business_days_of_its_calendar() -> None:
    expected = [
        on for on in YEAR if on.isoweekday() <= 5 and f"{on:%m-%d}" not in REST_ON_WEEKDAYS_OF_2026
    ]
    assert [on for on in YEAR if is_business_day(on, H.closed)] == expected
    assert len(expected) == 240


def test_each_day_s_reading_of_a_year_is_seen_with_the_sixth_business_day() -> None:
    work = [on for on in [*YEAR, *NEXT_DAYS] if on.isoweekday() <= 5 and not rests(on)]
    for read_on in YEAR:
        sixth = [on for on in work if on > read_on][5]
        assert available_on(read_on, read_on, H) == sixth


NEXT_DAYS: Final = [date(2027, 1, 1) + timedelta(days=day) for day in range(31)]


def rests(on: date) -> bool:
    if on.year == 2027:
        return on in {date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3), date(2027, 1, 11)}
    return f"{on:%m-%d}" in REST_ON_WEEKDAYS_OF_2026


@pytest.mark.parametrize(
    ("read_on", "seen_on"),
    [
        pytest.param(date(2026, 6, 1), date(2026, 6, 9), id="a weekend between"),
        pytest.param(date(2026, 6, 6), date(2026, 6, 15), id="read on a Saturday"),
        pytest.param(date(2026, 4, 24), date(2026, 5, 8), id="over Golden Week"),
        pytest.param(date(2025, 4, 28), date(2025, 5, 9), id="a substitute two days late"),
        pytest.param(date(2026, 9, 17), date(2026, 9, 30), id="a day between two holidays"),
        pytest.param(date(2026, 12, 25), date(2027, 1, 8), id="over the year's end"),
        pytest.param(date(2025, 12, 29), date(2026, 1, 13), id="read on a closed day"),
        pytest.param(date(2028, 2, 25), date(2028, 3, 6), id="with a leap day"),
    ],
)
def test_a_bill_is_seen_six_business_days_after_the_reading(read_on: date, seen_on: date) -> None:
    assert available_on(read_on, read_on, H) == seen_on


def test_a_bill_is_not_seen_before_it_is_issued() -> None:
    assert available_on(date(2026, 6, 1), date(2026, 6, 20), H) == date(2026, 6, 20)


def test_without_days_to_wait_a_bill_is_seen_when_it_is_issued_even_before_the_reading() -> None:
    at_once = replace(H, available_business_days=0)
    assert available_on(date(2026, 6, 6), date(2026, 6, 5), at_once) == date(2026, 6, 5)


@pytest.mark.parametrize(
    ("debit_on", "seen_on"),
    [
        pytest.param(date(2026, 4, 27), date(2026, 5, 8), id="over Golden Week"),
        pytest.param(date(2025, 12, 26), date(2026, 1, 9), id="over the year's end"),
        pytest.param(date(2026, 6, 22), date(2026, 6, 29), id="a weekend between"),
    ],
)
def test_the_result_of_a_debit_is_seen_five_business_days_later(
    debit_on: date, seen_on: date
) -> None:
    assert result_available_on(debit_on, H) == seen_on


def test_days_that_the_company_does_not_name_are_worked_on() -> None:
    assert is_business_day(date(2026, 12, 30), ())
    assert not is_business_day(date(2026, 6, 15), ("06-15",))


@settings(deadline=None)  # the first examples fill the holiday table
@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(0, 30))
def test_between_a_date_and_its_nth_business_day_are_n_of_them(on: date, count: int) -> None:
    found = business_day_after(on, count, H.closed)
    days = [on + timedelta(days=day) for day in range(1, (found - on).days + 1)]
    assert sum(is_business_day(day, H.closed) for day in days) == count
    assert found == on if count == 0 else is_business_day(found, H.closed)
