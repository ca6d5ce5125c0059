"""One line of input becomes a reading, or a reason of one short clause."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.readings import (
    FIRST_SLOT,
    MAX_REVISION,
    MAX_WH,
    Direction,
    InvalidReading,
    NewReading,
    Quality,
    parse_reading,
    slot_starting,
    supply_point_number,
    wh_of,
)
from domain.slots import slot_at, start_of_slot

NUMBER = "0312345678901234567890"
OPTIONAL = ("direction", "quality", "revision")
NOW = datetime(2026, 11, 22, 1, 10, tzinfo=UTC)
FIELDS = {"supplyPointNumber": NUMBER, "startAt": "2026-11-22T10:00:00+09:00", "kwh": 0.123}


@pytest.mark.parametrize(
    ("kwh", "wh"),
    [
        (0, 0),
        (1, 1000),
        (-0.0, 0),
        (0.1, 100),
        (0.123, 123),
        ("0.057", 57),
        (" 1.5\t", 1500),
        (".5", 500),
        ("5.", 5000),
        ("+2", 2000),
        ("1e-3", 1),
        ("1e-999", 0),
        (0.0005, 1),
        (0.0004999, 0),
        (1.0005, 1001),
        ("0.0005", 1),
        ("0.000499999999999999999999999999999999", 0),
        (Decimal("2.5"), 2500),
        (100_000, MAX_WH),
        ("100000.000", MAX_WH),
    ],
)
def test_kwh_become_whole_wh_with_halves_rounded_up(kwh: object, wh: int) -> None:
    assert wh_of(kwh) == wh


@pytest.mark.parametrize(
    ("kwh", "reason"),
    [
        (-1, "kwh must be between 0 and 100000, found -1"),
        ("-0.001", "kwh must be between 0 and 100000, found -0.001"),
        (100_000.0004, "kwh must be between 0 and 100000, found 100000.0004"),
        (float("nan"), "kwh must be between 0 and 100000, found NaN"),
        (float("inf"), "kwh must be between 0 and 100000, found Infinity"),
        (Decimal("sNaN"), "kwh must be between 0 and 100000, found sNaN"),
        (Decimal(10**5000), f"kwh must be between 0 and 100000, found 1{'0' * 36}..."),
        ("1e999", "kwh must be between 0 and 100000, found 1E+999"),
        ("1e9999", "kwh must be a number, found '1e9999'"),
        ("nan", "kwh must be a number, found 'nan'"),
        ("", "kwh must be a number, found ''"),
        ("1_0", "kwh must be a number, found '1_0'"),
        ("１", "kwh must be a number, found '１'"),
        ("1,234", "kwh must be a number, found '1,234'"),
        ("\x1b[31m", r"kwh must be a number, found '\x1b[31m'"),
        ("0" * 41, "kwh must have up to 40 characters, found 41"),
        (True, "kwh must be a number, found True"),
        (None, "kwh must be a number, found None"),
        ([[1]], "kwh must be a number, found [...]"),
        ({"a": 1}, "kwh must be a number, found {...}"),
    ],
)
def test_what_is_no_quantity_is_refused(kwh: object, reason: str) -> None:
    with pytest.raises(InvalidReading) as refusal:
        wh_of(kwh)
    assert str(refusal.value) == reason


@given(st.decimals(0, 100_000, places=8))
def test_wh_are_within_half_a_wh_of_the_kwh_however_they_are_written(kwh: Decimal) -> None:
    expected = int((kwh * 1000).to_integral_value(ROUND_HALF_UP))
    assert wh_of(kwh) == wh_of(str(kwh)) == wh_of(f"{kwh:f}") == expected


@given(st.integers(0, MAX_WH))
def test_a_float_of_whole_wh_gives_those_wh(wh: int) -> None:
    assert wh_of(wh / 1000) == wh


@given(st.floats())
def test_any_float_is_a_quantity_or_refused(kwh: float) -> None:
    if 0 <= kwh <= MAX_WH // 1000:
        assert abs(wh_of(kwh) - Decimal(str(kwh)) * 1000) <= Decimal("0.5")
    else:
        with pytest.raises(InvalidReading):
            wh_of(kwh)


@pytest.mark.parametrize(
    "instant",
    ["2026-11-22T10:00:00+09:00", "2026-11-22T01:00:00Z", "2026-11-22T06:45:00+05:45"],
)
def test_the_half_hour_that_runs_now_is_allowed(instant: str) -> None:
    assert slot_starting(datetime.fromisoformat(instant), NOW) == slot_at(NOW)


def test_the_first_slot_is_midnight_of_2000_in_tokyo() -> None:
    assert slot_starting(datetime.fromisoformat("2000-01-01T00:00+09:00"), NOW) == FIRST_SLOT


@pytest.mark.parametrize(
    ("instant", "reason"),
    [
        ("2026-11-22T10:30:00+09:00", "not be in the future, found 2026-11-22T10:30:00+09:00"),
        ("2026-11-22T09:10:00+09:00", "be on a half hour, found 2026-11-22T09:10:00+09:00"),
        (
            "2026-11-22T09:00:00.000001+09:00",
            "be on a half hour, found 2026-11-22T09:00:00.000001+09:00",
        ),
        ("1999-12-31T23:30:00+09:00", "be 2000-01-01 or later, found 1999-12-31T23:30:00+09:00"),
        ("0001-01-01T00:00:00+09:00", "be 2000-01-01 or later, found 0001-01-01T00:00:00+09:00"),
        ("9999-12-31T23:30:00-12:00", "not be in the future, found 9999-12-31T23:30:00-12:00"),
        ("2026-11-22T10:00:00", "name its offset, 2026-11-22T10:00:00 has no offset"),
    ],
)
def test_an_instant_that_starts_no_past_slot_is_refused(instant: str, reason: str) -> None:
    with pytest.raises(InvalidReading) as refusal:
        slot_starting(datetime.fromisoformat(instant), NOW)
    assert str(refusal.value) == f"startAt must {reason}"


@given(st.integers(FIRST_SLOT, slot_at(NOW)), st.integers(-1439, 1439))
def test_a_slot_is_found_again_from_its_start_in_any_offset(slot: int, minutes: int) -> None:
    start = start_of_slot(slot).astimezone(timezone(timedelta(minutes=minutes)))
    assert slot_starting(start, NOW) == slot


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        "03-1234-5678-9012-3456-7890",
        "03 1234 5678 9012 3456 7890",
        "０３－１２３４－５６７８－９０１２－３４５６－７８９０",
        "03ー1234−5678‐9012–3456\u30007890",
    ],
)
def test_a_supply_point_number_is_read_however_it_is_typed(typed: str) -> None:
    assert supply_point_number(typed) == NUMBER


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", "0"),
        (NUMBER[1:], "21"),
        (NUMBER + "1", "23"),
        (NUMBER + "x", "22 among 23 characters"),
        ("٣" * 22, "0 among 22 characters"),
    ],
)
def test_a_wrong_supply_point_number_is_refused_by_count(typed: str, found: str) -> None:
    with pytest.raises(InvalidReading) as refusal:
        supply_point_number(typed)
    assert str(refusal.value) == f"supplyPointNumber must be 22 digits, found {found}"


def test_what_is_not_given_is_settled_import_of_the_next_revision() -> None:
    assert parse_reading(FIELDS, NOW) == NewReading(
        NUMBER, Direction.IMPORT, slot_at(NOW), 123, Quality.SETTLED, None
    )


def test_every_field_can_be_given() -> None:
    given = {"direction": "EXPORT", "quality": "ESTIMATED", "revision": MAX_REVISION}
    assert parse_reading(FIELDS | given, NOW) == NewReading(
        NUMBER, Direction.EXPORT, slot_at(NOW), 123, Quality.ESTIMATED, MAX_REVISION
    )


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("supplyPointNumber", 1, "supplyPointNumber must be a string, found 1"),
        ("supplyPointNumber", "1", "supplyPointNumber must be 22 digits, found 1"),
        ("startAt", 1, "startAt must be a string, found 1"),
        (
            "startAt",
            "noon",
            "startAt must be a time such as 2026-11-22T10:00:00+09:00, found 'noon'",
        ),
        (
            "startAt",
            "2026-11-22T10:00:00",
            "startAt must name its offset, 2026-11-22T10:00:00 has no offset",
        ),
        ("kwh", "x", "kwh must be a number, found 'x'"),
        ("direction", "import", "direction must be IMPORT or EXPORT, found 'import'"),
        ("direction", 0, "direction must be IMPORT or EXPORT, found 0"),
        ("direction", [], "direction must be IMPORT or EXPORT, found []"),
        (
            "quality",
            "MISSING",
            "quality must be PROVISIONAL, SETTLED or ESTIMATED, found 'MISSING'",
        ),
        ("quality", 2, "quality must be PROVISIONAL, SETTLED or ESTIMATED, found 2"),
        ("revision", -1, "revision must be an integer from 0 to 536870911, found -1"),
        ("revision", 2**29, "revision must be an integer from 0 to 536870911, found 536870912"),
        ("revision", 1.0, "revision must be an integer from 0 to 536870911, found 1.0"),
        ("revision", True, "revision must be an integer from 0 to 536870911, found True"),
        (
            "kWh",
            1,
            f"keys must be among {', '.join([*FIELDS, *OPTIONAL])}, found 'kWh'",
        ),
    ],
)
def test_a_wrong_field_is_refused_with_what_was_expected(
    field: str, value: object, reason: str
) -> None:
    with pytest.raises(InvalidReading) as refusal:
        parse_reading(FIELDS | {field: value}, NOW)
    assert str(refusal.value) == reason


@pytest.mark.parametrize("field", list(FIELDS))
def test_a_field_that_must_be_given_is_missed(field: str) -> None:
    with pytest.raises(InvalidReading, match=f"^{field} must be given, found none$"):
        parse_reading({name: FIELDS[name] for name in FIELDS if name != field}, NOW)


texts = st.text("09aZ'\"\\\x1b\n\u2028\u202e年")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*FIELDS, *OPTIONAL]), json_values))
def test_whatever_the_line_says_the_reason_is_one_short_line(changes: dict[str, Any]) -> None:
    try:
        parse_reading(FIELDS | changes, NOW)
    except InvalidReading as refusal:
        reason = str(refusal)
        assert len(reason) < 160
        assert reason.isprintable()


def test_an_integer_too_long_for_text_is_refused_as_any_other() -> None:
    with pytest.raises(InvalidReading, match=r"found 10{36}[.]{3}$"):
        wh_of(10**5000)
