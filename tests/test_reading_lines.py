"""One line of NDJSON, as it comes in a file or over HTTP."""

from datetime import UTC, datetime

import orjson
import pytest

from datasources.reading_lines import read_json_line
from domain.readings import Direction, InvalidReading, NewReading, Quality
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
