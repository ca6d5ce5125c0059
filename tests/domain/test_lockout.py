"""Until when wrong passwords lock an account, and what of an address one client has."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lockout import ALLOWANCE_SPAN, Allowance, address_block, locked_until

TOKYO = ZoneInfo("Asia/Tokyo")
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them so


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2040-06-15T05:59:59.999", "2040-06-15T06:00:00"),
        ("2040-06-15T06:00:00.000", "2040-06-16T06:00:00"),
        ("2040-06-15T06:00:00.001", "2040-06-16T06:00:00"),
        ("2040-06-15T23:59:59.999", "2040-06-16T06:00:00"),
        ("2040-06-16T00:00:00.000", "2040-06-16T06:00:00"),
        ("2040-12-31T12:00:00.000", "2041-01-01T06:00:00"),
    ],
)
def test_a_lock_ends_at_the_next_six_o_clock_in_tokyo(now: str, until: str) -> None:
    found = locked_until(datetime.fromisoformat(now).replace(tzinfo=TOKYO), 6)
    assert found == datetime.fromisoformat(until).replace(tzinfo=TOKYO)


@given(now=INSTANTS, hour=st.integers(0, 23))
def test_a_lock_ends_after_now_within_a_day_at_the_full_hour(now: datetime, hour: int) -> None:
    until = locked_until(now, hour)
    assert timedelta(0) < until - now <= timedelta(days=1)
    assert until.astimezone(TOKYO).time() == time(hour)


@given(now=INSTANTS, hour=st.integers(0, 23))
def test_whoever_comes_before_the_end_of_a_lock_finds_the_same_end(
    now: datetime, hour: int
) -> None:
    until = locked_until(now, hour)
    assert locked_until(until - timedelta(milliseconds=1), hour) == until
    assert locked_until(until, hour) == until + timedelta(days=1)


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", None),
        ("testclient", None),
    ],
)
def test_one_client_has_an_ipv4_address_or_an_ipv6_network(address: str, block: str | None) -> None:
    assert address_block(address) == block


@given(st.integers(1, 10_000))
def test_the_whole_allowance_fits_into_its_span(most: int) -> None:
    step = Allowance(most).step
    assert step * most <= ALLOWANCE_SPAN
    assert step.microseconds % 1000 == 0
