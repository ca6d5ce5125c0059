"""Times on the clocks of a zone become slots, or are refused where those clocks jump."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from datasources.local_times import LocalTimes
from domain.readings import InvalidReading
from domain.slots import TOKYO, slot_at

NOW = datetime(2026, 11, 22, 1, 10, tzinfo=UTC)
LONDON = LocalTimes(ZoneInfo("Europe/London"), NOW)


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("2013-03-31T01:00:00", "does not exist in Europe/London"),
        ("2013-03-31T01:30:00", "does not exist in Europe/London"),
        ("2013-10-27T01:00:00", "is ambiguous in Europe/London"),
        ("2013-10-27T01:30:00", "is ambiguous in Europe/London"),
    ],
)
def test_times_that_the_clocks_skip_or_repeat_are_refused(time: str, reason: str) -> None:
    with pytest.raises(InvalidReading) as refusal:
        LONDON.slot(datetime.fromisoformat(time))
    assert str(refusal.value) == f"time {time} {reason}"


def test_an_offset_tells_apart_what_the_clocks_repeat() -> None:
    first = LONDON.slot(datetime.fromisoformat("2013-10-27T01:30:00+01:00"))
    assert LONDON.slot(datetime.fromisoformat("2013-10-27T01:30:00+00:00")) == first + 2


@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/Sao_Paulo", "Australia/Lord_Howe", "America/Scoresbysund"]
)
@pytest.mark.parametrize("year", [2010, 2013])
def test_every_other_time_of_a_year_is_the_slot_that_the_zone_says(zone: str, year: int) -> None:
    local = LocalTimes(ZoneInfo(zone), NOW)
    start = datetime.fromisoformat(f"{year}-01-01")
    refused = 0
    for at in (start + timedelta(minutes=30 * half) for half in range(365 * 48)):
        first, second = (at.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
        if first.utcoffset() == second.utcoffset():
            assert local.slot(at) == slot_at(first)
        else:
            refused += 1
            with pytest.raises(InvalidReading):
                local.slot(at)
    assert refused in {2, 4}


def test_a_zone_of_quarter_hours_has_no_slot_on_its_half_hours() -> None:
    local = LocalTimes(ZoneInfo("Asia/Kathmandu"), NOW)
    assert local.slot(datetime.fromisoformat("2026-11-21T00:15")) == slot_at(
        datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
    )
    with pytest.raises(InvalidReading, match=r"half hour, found 2026-11-21T00:00:00[+]05:45"):
        local.slot(datetime.fromisoformat("2026-11-21T00:00"))


def test_the_half_hour_that_runs_now_is_the_last_one() -> None:
    local = LocalTimes(TOKYO, NOW)
    assert local.slot(datetime.fromisoformat("2026-11-22T10:00")) == slot_at(NOW)
    with pytest.raises(InvalidReading, match=r"in the future, found 2026-11-22T10:30:00[+]09:00"):
        local.slot(datetime.fromisoformat("2026-11-22T10:30"))
