"""When a withdrawal takes effect, and how long access outlasts the contracts (MB-15)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facilities import Contract, ContractKind, PaymentMethod
from domain.leaving import access_ends_at, has_access, withdrawal_at
from domain.policy import Withdrawal, WithdrawalEffect

TOKYO = ZoneInfo("Asia/Tokyo")
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them so
DATES = st.dates(date(2000, 1, 1), date(2099, 1, 1))
INSTANT = timedelta(milliseconds=1)
AT_ONCE = Withdrawal(WithdrawalEffect.AT_ONCE, False, 24, False)
WITHIN_MONTH = Withdrawal(WithdrawalEffect.WITHIN_MONTH, True, 24, False)


def contracts(*ends: date | None, kind: ContractKind = ContractKind.ELECTRICITY) -> list[Contract]:
    payment = PaymentMethod.CARD
    return [
        Contract(f"E{place}", kind, "従量電灯", Decimal(40), "A", date(1990, 1, 1), end, payment)
        for place, end in enumerate(ends)
    ]


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def month_and_day(on: date) -> tuple[int, int]:
    return on.year * 12 + on.month, on.day


@given(now=INSTANTS)
def test_at_once_is_now(now: datetime) -> None:
    assert withdrawal_at(AT_ONCE, now) == now


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2040-06-15T00:00:00", "2040-07-15T00:00:00"),
        ("2040-06-15T23:59:59.999", "2040-07-15T00:00:00"),
        ("2040-01-31T12:00:00", "2040-02-29T00:00:00"),
        ("2040-12-31T12:00:00", "2041-01-31T00:00:00"),
    ],
)
def test_within_a_month_ends_at_a_midnight_in_tokyo(now: str, at: str) -> None:
    assert withdrawal_at(WITHIN_MONTH, tokyo(now)) == tokyo(at)


@given(now=INSTANTS)
def test_within_a_month_is_never_later_than_the_same_day_of_the_next_month(now: datetime) -> None:
    here = now.astimezone(TOKYO)
    at = withdrawal_at(WITHIN_MONTH, now).astimezone(TOKYO)

    month, day = month_and_day(here.date())
    assert now + timedelta(days=26) < at
    assert at.time() == time()
    assert month_and_day(at.date()) <= (month + 1, day)


@pytest.mark.parametrize(
    ("end", "until"),
    [
        (date(2040, 6, 15), "2042-06-15T00:00:00"),
        (date(2040, 2, 29), "2042-03-01T00:00:00"),
        (date(2039, 2, 28), "2041-02-28T00:00:00"),
        (date(2040, 12, 31), "2042-12-31T00:00:00"),
    ],
)
def test_access_lasts_for_24_months_after_the_end_of_the_contract(end: date, until: str) -> None:
    assert access_ends_at(AT_ONCE, None, contracts(end)) == tokyo(until)


@given(end=DATES, months=st.integers(0, 120))
def test_it_ends_at_the_first_midnight_in_tokyo_with_all_the_months_behind_it(
    end: date, months: int
) -> None:
    rule = Withdrawal(WithdrawalEffect.AT_ONCE, False, months, False)
    until = access_ends_at(rule, None, contracts(end))

    assert until is not None
    here = until.astimezone(TOKYO)
    month, day = month_and_day(end)
    assert here.time() == time()
    assert month_and_day(here.date()) >= (month + months, day)
    assert month_and_day(here.date() - timedelta(days=1)) < (month + months, day)
    assert has_access(until, until - INSTANT)
    assert not has_access(until, until)


@given(ends=st.lists(DATES, min_size=1, max_size=5))
def test_the_last_of_several_contracts_counts_whatever_their_order(ends: Sequence[date]) -> None:
    found = access_ends_at(AT_ONCE, None, contracts(*ends))
    assert found == access_ends_at(AT_ONCE, None, contracts(max(ends)))


@pytest.mark.parametrize("kind", ContractKind)
def test_one_contract_that_is_open_keeps_access_whatever_its_kind(kind: ContractKind) -> None:
    open_one = contracts(None, kind=kind)
    assert access_ends_at(AT_ONCE, None, [*contracts(date(2001, 1, 1)), *open_one]) is None


def test_without_a_contract_none_has_ended() -> None:
    assert access_ends_at(AT_ONCE, None, []) is None


def test_an_end_that_means_never_is_none() -> None:
    assert access_ends_at(AT_ONCE, None, contracts(date(9999, 12, 31))) is None


def test_the_end_of_the_contract_is_the_end_of_access_where_it_withdraws() -> None:
    rule = Withdrawal(WithdrawalEffect.AT_ONCE, False, 24, True)
    assert access_ends_at(rule, None, contracts(date(2040, 6, 15))) == tokyo("2040-06-15T00:00:00")


@pytest.mark.parametrize(
    ("leaves_at", "end", "until"),
    [
        ("2042-06-14T00:00:00", date(2040, 6, 15), "2042-06-14T00:00:00"),
        ("2042-06-16T00:00:00", date(2040, 6, 15), "2042-06-15T00:00:00"),
        ("2042-06-16T00:00:00", None, "2042-06-16T00:00:00"),
    ],
)
def test_a_withdrawal_ends_access_if_it_comes_first(
    leaves_at: str, end: date | None, until: str
) -> None:
    assert access_ends_at(WITHIN_MONTH, tokyo(leaves_at), contracts(end)) == tokyo(until)


def test_access_that_nothing_ends_lasts() -> None:
    assert has_access(None, datetime(2040, 6, 15, tzinfo=UTC))
