"""How long a span may be at a resolution, after it was cut to what can have a value."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain.errors import RangeTooLarge
from domain.facilities import Facility
from domain.slots import SLOTS_PER_DAY
from domain.usage import Resolution
from domain.usage_span import AskedSpan, asked_span, span_before
from tests.domain.spans_given import ALWAYS, PORTAL, at, facility

NOW = at("2026-11-22T10:10")
TEN_YEARS = replace(PORTAL, history_months=120)
LIMITS = dict.fromkeys(Resolution, 3660) | {Resolution.HALF_HOUR: 775, Resolution.HOUR: 1550}
SHORT = [Resolution.HALF_HOUR, Resolution.HOUR]
HALF_HOUR = timedelta(minutes=30)
FAR = at("2140-01-01T00:00")


def asked(
    start: datetime, end: datetime, resolution: Resolution, of: Facility = ALWAYS
) -> AskedSpan:
    return asked_span(start, end, resolution, of, TEN_YEARS, NOW)


def days(count: int) -> tuple[datetime, datetime]:
    """So many days up to the midnight before now."""
    end = at("2026-11-22T00:00")
    return end - timedelta(days=count), end


@pytest.mark.parametrize("resolution", SHORT)
def test_a_span_as_long_as_its_limit_is_read_and_a_half_hour_more_is_refused(
    resolution: Resolution,
) -> None:
    limit = LIMITS[resolution]
    start, end = days(limit)
    span = asked(start, end, resolution)
    assert span.end - span.first == limit * SLOTS_PER_DAY

    with pytest.raises(RangeTooLarge) as refusal:
        asked(start - HALF_HOUR, end, resolution)

    assert refusal.value.code == "RANGE_TOO_LARGE"
    assert str(refusal.value) == (
        f"{resolution} is answered for at most {limit:,} days at once, found {limit + 1:,}"
    )


@pytest.mark.parametrize("resolution", [one for one in Resolution if one not in SHORT])
def test_longer_resolutions_go_as_far_as_any_history(resolution: Resolution) -> None:
    """Ten years, with their leap days and the day that readings may come early."""
    span = asked(at("2016-11-22T00:00"), FAR, resolution)
    assert (span.end - span.first) // SLOTS_PER_DAY > LIMITS[resolution]


@pytest.mark.parametrize("resolution", SHORT)
def test_the_future_and_what_is_out_of_the_contracts_do_not_count(resolution: Resolution) -> None:
    start, _ = days(LIMITS[resolution] - 2)
    assert asked(start, FAR, resolution).end > 0
    begun = facility((start.date(), None))
    assert asked(at("2016-11-22T00:00"), FAR, resolution, begun).first > 0
    ended = facility((date(2000, 1, 1), date(2016, 12, 1)))
    assert asked(at("2016-11-22T00:00"), FAR, resolution, ended).end > 0


def test_a_span_that_is_answered_can_be_compared_though_the_months_before_are_longer() -> None:
    """US-6: 29 February is in the one and not in the other."""
    start, end = days(775)
    span = asked(start, end, Resolution.HALF_HOUR)
    before = span_before(start, end, 12, Resolution.HALF_HOUR, ALWAYS, TEN_YEARS, NOW)
    assert before is not None
    assert before.end - before.first == span.end - span.first + SLOTS_PER_DAY


def test_the_span_before_may_be_too_long_where_the_asked_one_ends_in_the_future() -> None:
    start, _ = days(600)
    assert asked(start, FAR, Resolution.HALF_HOUR).end > 0
    with pytest.raises(RangeTooLarge, match="at most 775 days at once, found 967"):
        span_before(start, FAR, 12, Resolution.HALF_HOUR, ALWAYS, TEN_YEARS, NOW)
