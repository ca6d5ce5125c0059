from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import DayKind, day_kind, holiday_mask, shift_months
from domain.slots import date_of_day, day_of_date

DATES = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        pytest.param(date(2025, 7, 16), DayKind.WEEKDAY, id="a Wednesday"),
        pytest.param(date(2025, 7, 18), DayKind.WEEKDAY, id="a Friday"),
        pytest.param(date(2025, 7, 19), DayKind.HOLIDAY, id="a Saturday"),
        pytest.param(date(2025, 7, 20), DayKind.HOLIDAY, id="a Sunday"),
        pytest.param(date(2025, 7, 21), DayKind.HOLIDAY, id="Marine Day, third Monday"),
        pytest.param(date(2025, 2, 24), DayKind.HOLIDAY, id="substitute for a Sunday"),
        pytest.param(date(2025, 4, 29), DayKind.HOLIDAY, id="Showa Day"),
        pytest.param(date(2025, 4, 30), DayKind.WEEKDAY, id="between Golden Week's halves"),
        pytest.param(date(2025, 5, 2), DayKind.WEEKDAY, id="Friday before Constitution Day"),
        pytest.param(date(2025, 5, 5), DayKind.HOLIDAY, id="Children's Day"),
        pytest.param(date(2025, 5, 6), DayKind.HOLIDAY, id="substitute two days late"),
        pytest.param(date(2025, 5, 7), DayKind.WEEKDAY, id="after Golden Week"),
        pytest.param(date(2026, 9, 22), DayKind.HOLIDAY, id="a day between two holidays"),
        pytest.param(date(2024, 12, 31), DayKind.WEEKDAY, id="New Year's Eve, by law"),
        pytest.param(date(2025, 1, 1), DayKind.HOLIDAY, id="New Year's Day"),
        pytest.param(date(2025, 1, 2), DayKind.WEEKDAY, id="January 2, by law"),
        pytest.param(date(2024, 2, 29), DayKind.WEEKDAY, id="leap day, a Thursday"),
        pytest.param(date(2019, 10, 22), DayKind.HOLIDAY, id="enthronement, that year only"),
    ],
)
def test_a_date_is_a_holiday_on_weekends_and_by_the_holidays_act(on: date, kind: DayKind) -> None:
    assert day_kind(on) is kind


@settings(deadline=None)  # the first examples fill the holiday table
@given(first=DATES, days=st.integers(0, 800))
def test_the_mask_says_of_every_day_what_day_kind_says(first: date, days: int) -> None:
    first_day = day_of_date(first)
    mask = holiday_mask(first_day, days)
    assert mask.dtype == np.bool_
    assert mask.tolist() == [
        day_kind(date_of_day(day)) is DayKind.HOLIDAY for day in range(first_day, first_day + days)
    ]


def test_a_mask_over_new_year_holds_the_holidays_of_both_years() -> None:
    mask = holiday_mask(day_of_date(date(2024, 12, 30)), 4)
    assert mask.tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("on", "months", "shifted"),
    [
        (date(2025, 3, 15), 0, date(2025, 3, 15)),
        (date(2025, 3, 15), 1, date(2025, 4, 15)),
        (date(2025, 3, 15), -3, date(2024, 12, 15)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), -24, date(2022, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 8, 31), -2, date(2025, 6, 30)),
    ],
)
def test_months_are_shifted_and_the_day_clipped(on: date, months: int, shifted: date) -> None:
    assert shift_months(on, months) == shifted


@given(on=DATES.filter(lambda on: on.day <= 28), months=st.integers(-240, 240))
def test_a_shift_is_undone_by_its_opposite(on: date, months: int) -> None:
    assert shift_months(shift_months(on, months), -months) == on
