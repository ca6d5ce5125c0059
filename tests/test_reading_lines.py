"""One line of NDJSON, as it comes in a file or over HTTP."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.reading_lines import read_json_line, read_json_lines
from domain.reading_rows import NO_FACILITY, ReadingRows
from domain.readings import (
    NO_REVISION,
    Direction,
    InvalidReading,
    NewReading,
    Quality,
    Rejection,
)
from domain.slots import slot_at

NUMBER = "0312345678901234567890"
NOW = datetime(2026, 11, 22, 1, 10, tzinfo=UTC)


def json_line(**changes: object) -> str:
    fields = {"supplyPointNumber": NUMBER, "startAt": "2026-11-21T00:00:00+09:00", "kwh": 1}
    return orjson.dumps(
        {name: value for name, value in (fields | changes).items() if value is not ...}
    ).decode()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "not a JSON object: "),
        ("{", "not a JSON object: "),
        ('{"kwh":NaN}', "not a JSON object: "),
        (b'{"kwh":"\\ud800"}', "not a JSON object: "),
        (b'{"kwh":"\xff"}', "not a JSON object: "),
        ("[1]", "not a JSON object: found [...]"),
        ("null", "not a JSON object: found None"),
        ('"' + "x" * 99 + '"', "not a JSON object: found 'xxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxx'"),
    ],
)
def test_a_line_that_is_no_object_is_refused(line: str | bytes, reason: str) -> None:
    with pytest.raises(InvalidReading) as refusal:
        read_json_line(line, NOW)
    assert str(refusal.value).startswith(reason)
    assert str(refusal.value).isprintable()


READING = NewReading(
    NUMBER,
    Direction.IMPORT,
    slot_at(datetime(2026, 11, 20, 15, tzinfo=UTC)),
    1000,
    Quality.SETTLED,
    None,
)


def test_a_json_line_without_a_supply_point_needs_one_from_elsewhere() -> None:
    with pytest.raises(InvalidReading, match=r"^supplyPointNumber must be given, found none$"):
        read_json_line(json_line(supplyPointNumber=...), NOW)
    line = json_line(supplyPointNumber=...).encode()
    assert read_json_line(line, NOW, NUMBER) == READING


def test_nesting_without_end_is_refused_as_any_other_line() -> None:
    with pytest.raises(InvalidReading, match=r"^not a JSON object: "):
        read_json_line('{"kwh":' + "[" * 30_000, NOW)


LINES = [
    json_line(),
    json_line(kwh="0.25", quality="ESTIMATED", revision=3),
    json_line(kwh=0.125, direction="EXPORT"),
    json_line(startAt="2026-11-20T15:00:00Z", quality="PROVISIONAL"),
    json_line(startAt="2026-11-21T00:10:00+09:00"),
    json_line(kwh=True),
    json_line(kwh=...),
    json_line(supplyPointNumber="1"),
    json_line(revision=-1),
    json_line(kWh=1),
    "[1]",
    "{",
]


@given(texts=st.lists(st.sampled_from(LINES), max_size=12))
def test_many_lines_give_what_each_gives_by_itself(texts: list[str]) -> None:
    lines = [(number, text.encode()) for number, text in enumerate(texts, 7)]
    expected: list[tuple[int, NewReading] | Rejection] = []
    for number, line in lines:
        try:
            expected.append((number, read_json_line(line, NOW)))
        except InvalidReading as error:
            expected.append(Rejection(number, str(error)))

    assert read_json_lines(lines, NOW) == ReadingRows.of(expected)


def test_rows_become_columns_of_the_facilities_of_their_supply_points() -> None:
    other = "03" + "9" * 20
    lines = [json_line(revision=2), json_line(supplyPointNumber=other), json_line(kwh=0.5)]
    rows = read_json_lines(list(enumerate(map(str.encode, lines), 1)), NOW)

    columns = rows.columns({NUMBER: 42})

    assert columns.facility.tolist() == [42, NO_FACILITY, 42]
    assert columns.slot.tolist() == [READING.slot] * 3
    assert columns.direction.tolist() == [Direction.IMPORT] * 3
    assert columns.wh.tolist() == [1000, 1000, 500]
    assert columns.quality.tolist() == [Quality.SETTLED] * 3
    assert columns.revision.tolist() == [2, NO_REVISION, NO_REVISION]
