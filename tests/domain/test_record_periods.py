"""One line about a reading period becomes one, or a reason of one short clause."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facilities import ReadingPeriod
from domain.records import NewReadingPeriod, parse_reading_period
from tests.domain.records_given import (
    FULL_READING_PERIOD,
    GONE,
    NUMBER,
    READING_PERIOD,
    changed,
    refusal_of,
)


def test_a_reading_period_is_read_on_its_end_unless_given() -> None:
    assert parse_reading_period(READING_PERIOD) == NewReadingPeriod(
        NUMBER,
        ReadingPeriod(
            facility=0,
            start_on=date(2026, 10, 12),
            end_on=date(2026, 11, 12),
            read_on=date(2026, 11, 12),
            previous_register_wh=100_000,
            present_register_wh=350_500,
            usage_wh=250_500,
        ),
    )


def test_every_field_of_a_reading_period_can_be_given() -> None:
    assert parse_reading_period(FULL_READING_PERIOD).period.read_on == date(2026, 11, 11)


@pytest.mark.parametrize(
    ("kwh", "wh"),
    [
        (0, 0),
        (-0.0, 0),
        (0.0005, 1),
        (0.0004999, 0),
        ("0.00049999999999999999", 0),
        ("1.0005", 1001),
        (1234567.891, 1_234_567_891),
        (10**9, 10**12),
        ("1000000000.000", 10**12),
    ],
)
def test_a_register_is_whole_wh_with_halves_rounded_up(kwh: object, wh: int) -> None:
    parsed = parse_reading_period(READING_PERIOD | {"presentRegisterKwh": kwh})
    assert parsed.period.present_register_wh == wh


@given(st.decimals(0, 10**9, places=8))
def test_a_register_is_within_half_a_wh_of_its_kwh(kwh: Decimal) -> None:
    parsed = parse_reading_period(READING_PERIOD | {"usageKwh": f"{kwh:f}"})
    assert parsed.period.usage_wh == int((kwh * 1000).to_integral_value(ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("supplyPointNumber", GONE, "supplyPointNumber must be given, found none"),
        ("startOn", GONE, "startOn must be given, found none"),
        ("endOn", GONE, "endOn must be given, found none"),
        ("endOn", "2026-10-12", "endOn must be after startOn 2026-10-12, found 2026-10-12"),
        ("endOn", "2026-10-11", "endOn must be after startOn 2026-10-12, found 2026-10-11"),
        ("readOn", "", "readOn must be a date such as 2026-11-22, found ''"),
        ("previousRegisterKwh", GONE, "previousRegisterKwh must be given, found none"),
        ("previousRegisterKwh", "1,0", "previousRegisterKwh must be a number, found '1,0'"),
        (
            "presentRegisterKwh",
            1_000_000_000.001,
            "presentRegisterKwh must be between 0 and 1000000000, found 1000000000.001",
        ),
        (
            "presentRegisterKwh",
            float("inf"),
            "presentRegisterKwh must be between 0 and 1000000000, found inf",
        ),
        ("usageKwh", "-0.1", "usageKwh must be between 0 and 1000000000, found '-0.1'"),
        ("usageKwh", [1], "usageKwh must be a number, found [...]"),
    ],
)
def test_a_wrong_reading_period_is_refused(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_reading_period, changed(READING_PERIOD, path, value)) == reason


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (20261012, "20261012"),
        (True, "True"),
        ("20261012", "'20261012'"),
        ("2026-W42-1", "'2026-W42-1'"),
        ("2026-10-12T00:00", "'2026-10-12T00:00'"),
        (" 2026-10-12", "' 2026-10-12'"),
        ("2026-10-12\n", r"'2026-10-12\n'"),
        ("2026-02-29", "'2026-02-29'"),
        ("0000-01-01", "'0000-01-01'"),
        ("２026-10-12", "'２026-10-12'"),
    ],
)
def test_what_is_no_date_is_refused(value: object, found: str) -> None:
    expected = f"startOn must be a date such as 2026-11-22, found {found}"
    assert refusal_of(parse_reading_period, READING_PERIOD | {"startOn": value}) == expected
