"""One line about a reading period becomes one, or a reason of one short clause."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facilities import ContractKind, ReadingPeriod
from domain.reading_period_records import NewReadingPeriod, parse_reading_period
from tests.domain.records_given import (
    FULL_READING_PERIOD,
    GAS_PERIOD,
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
            previous_register=100_000,
            present_register=350_500,
            usage=250_500,
        ),
    )


def test_every_field_of_a_reading_period_can_be_given() -> None:
    assert parse_reading_period(FULL_READING_PERIOD).period.read_on == date(2026, 11, 11)


def test_gas_is_read_in_m3_and_kept_in_litres() -> None:
    parsed = parse_reading_period(GAS_PERIOD).period
    assert (parsed.kind, parsed.previous_register, parsed.present_register, parsed.usage) == (
        ContractKind.GAS,
        812_000,
        843_250,
        31_250,
    )


@pytest.mark.parametrize("kind", ["ELECTRICITY", "BUY_BACK"])
def test_what_is_drawn_and_what_is_fed_in_are_read_in_kwh(kind: str) -> None:
    assert parse_reading_period(READING_PERIOD | {"kind": kind}).period == replace(
        parse_reading_period(READING_PERIOD).period, kind=ContractKind(kind)
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            READING_PERIOD | {"kind": "WATER"},
            "kind must be ELECTRICITY, GAS or BUY_BACK, found 'WATER'",
        ),
        (
            READING_PERIOD | {"kind": "GAS"},
            "previousRegisterKwh must not be given, previousRegisterM3 is what GAS has",
        ),
        (
            READING_PERIOD | {"usageM3": 1},
            "usageM3 must not be given, usageKwh is what ELECTRICITY has",
        ),
        (GAS_PERIOD | {"usageM3": None}, "usageM3 must be given, found none"),
    ],
)
def test_a_quantity_in_the_unit_of_another_kind_is_refused(
    fields: dict[str, Any], reason: str
) -> None:
    assert refusal_of(parse_reading_period, fields) == reason


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
    assert parsed.period.present_register == wh


@given(st.decimals(0, 10**9, places=8))
def test_a_register_is_within_half_a_wh_of_its_kwh(kwh: Decimal) -> None:
    parsed = parse_reading_period(READING_PERIOD | {"usageKwh": f"{kwh:f}"})
    assert parsed.period.usage == int((kwh * 1000).to_integral_value(ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("supplyPointNumber", GONE, "supplyPointNumber must be given, found none"),
        ("startOn", GONE, "startOn must be given, found none"),
        ("endOn", GONE, "endOn must be given, found none"),
        ("endOn", "2026-10-12", "endOn must be after startOn 2026-10-12, found 2026-10-12"),
        ("endOn", "2026-10-11", "endOn must be after startOn 2026-10-12, found 2026-10-11"),
        (
            "startOn",
            "0001-01-01",
            "startOn must be from 1950-01-01 to 2199-12-31, found 0001-01-01",
        ),
        ("endOn", "9999-12-31", "endOn must be from 1950-01-01 to 2199-12-31, found 9999-12-31"),
        (
            "endOn",
            "2028-10-13",
            "endOn must be at most 731 days after startOn 2026-10-12, found 2028-10-13",
        ),
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
