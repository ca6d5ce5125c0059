"""Which span some months earlier an asked span is compared with."""

from datetime import date

import pytest

from domain.usage_span import midnight
from tests.domain.spans_given import at, before, facility, slots


@pytest.mark.parametrize(
    ("start", "end", "months", "first", "last"),
    [
        pytest.param(
            "2026-11-22T00:00",
            "2026-11-23T00:00",
            1,
            "2026-10-22T00:00",
            "2026-10-23T00:00",
            id="a day, the month before",
        ),
        pytest.param(
            "2026-11-22T00:00",
            "2026-11-23T00:00",
            12,
            "2025-11-22T00:00",
            "2025-11-23T00:00",
            id="a day, the year before",
        ),
        pytest.param(
            "2026-03-31T00:00",
            "2026-04-01T00:00",
            1,
            "2026-02-28T00:00",
            "2026-03-01T00:00",
            id="31 March is compared with 28 February",
        ),
        pytest.param(
            "2026-03-01T00:00",
            "2026-04-01T00:00",
            1,
            "2026-02-01T00:00",
            "2026-03-01T00:00",
            id="all of March with all of February",
        ),
        pytest.param(
            "2026-03-30T00:00",
            "2026-03-31T00:00",
            1,
            "2026-02-28T00:00",
            "2026-02-28T00:00",
            id="a day that February does not have",
        ),
        pytest.param(
            "2026-03-30T12:00",
            "2026-03-31T00:00",
            1,
            "2026-02-28T12:00",
            "2026-02-28T12:00",
            id="an afternoon that February does not have",
        ),
        pytest.param(
            "2026-11-21T15:30:00Z",
            "2026-11-21T16:30:00Z",
            1,
            "2026-10-22T00:30",
            "2026-10-22T01:30",
            id="by the Tokyo date of an instant in UTC",
        ),
        pytest.param(
            "2026-03-30T15:00:00Z",
            "2026-03-31T15:00:00Z",
            1,
            "2026-02-28T00:00",
            "2026-03-01T00:00",
            id="31 March in Tokyo, asked for in UTC",
        ),
        pytest.param(
            "2026-11-22T09:40",
            "2026-11-22T10:10",
            1,
            "2026-10-22T10:00",
            "2026-10-22T10:30",
            id="up to now",
        ),
    ],
)
def test_the_span_before_has_the_same_dates_some_months_earlier(
    start: str, end: str, months: int, first: str, last: str
) -> None:
    """US-6."""
    assert before(start, end, months) == slots(first, last)


def test_31_march_of_a_leap_year_is_compared_with_29_february() -> None:
    """US-6."""
    found = before("2024-03-31T00:00", "2024-04-01T00:00", 1, now=at("2024-04-10T00:00"))
    assert found == slots("2024-02-29T00:00", "2024-03-01T00:00")


def test_a_leap_day_is_compared_with_28_february_a_year_before() -> None:
    """US-6."""
    found = before("2024-02-29T00:00", "2024-03-01T00:00", 12, now=at("2024-04-10T00:00"))
    assert found == slots("2023-02-28T00:00", "2023-03-01T00:00")


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        pytest.param(
            "2025-11-22T00:00",
            "2025-11-23T00:00",
            slots("2024-11-22T00:00", "2024-11-23T00:00"),
            id="the first day of the history",
        ),
        pytest.param(
            "2025-11-01T00:00",
            "2025-12-01T00:00",
            slots("2024-11-22T00:00", "2024-12-01T00:00"),
            id="partly before the history",
        ),
        pytest.param("2025-11-21T00:00", "2025-11-22T00:00", None, id="up to the history"),
        pytest.param("2025-01-01T00:00", "2025-02-01T00:00", None, id="long before the history"),
    ],
)
def test_the_span_before_is_cut_to_the_history_or_none(
    start: str, end: str, found: tuple[int, int] | None
) -> None:
    """US-6."""
    assert before(start, end, 12) == found


def test_the_span_before_is_cut_to_the_time_under_contract() -> None:
    """US-1, US-6."""
    of = facility((date(2025, 11, 22), date(2026, 11, 1)))
    span = ("2026-11-01T00:00", "2026-12-01T00:00")
    assert before(*span, 12, of) == slots("2025-11-22T00:00", "2025-12-01T00:00")
    assert before(*span, 1, of) == slots("2026-10-01T00:00", "2026-11-01T00:00")
    moved_in = facility((date(2026, 1, 1), None))
    assert before(*span, 12, moved_in) == slots("2026-01-01T00:00", "2026-01-01T00:00")


def test_midnight_is_that_of_tokyo() -> None:
    assert midnight(date(2026, 11, 22)).isoformat() == "2026-11-22T00:00:00+09:00"
