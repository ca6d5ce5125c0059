"""Files of half-hour readings become readings in the order of the file, and rejections by line."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from datasources.reading_files import (
    Layout,
    ReadingFile,
    WrongFile,
    read_readings,
    recognize,
)
from datasources.reading_layouts import MAX_LINE_BYTES
from domain.readings import Direction, InvalidReading, NewReading, Quality, Rejection
from domain.slots import TOKYO, day_of_date, first_slot, slot_at

NUMBER = "0312345678901234567890"
OTHER = "0" * 22
NOW = datetime(2026, 11, 22, 1, 10, tzinfo=UTC)
HALF_HOURS = [f"{half // 2}:{half % 2 * 30:02}" for half in range(48)]
DAY_HEADER = "年月日," + ",".join(HALF_HOURS)
NOVEMBER_21 = first_slot(day_of_date(date(2026, 11, 21)))

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "readings"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def read(path: Path, **options: Any) -> list[NewReading | Rejection]:
    given: dict[str, Any] = {"supply_point": NUMBER, "now": NOW}
    rows = read_readings(path, **given | options)
    return [row if isinstance(row, Rejection) else row[1] for row in rows]


def settled(slot: int, wh: int, direction: Direction = Direction.IMPORT) -> NewReading:
    return NewReading(NUMBER, direction, slot, wh, Quality.SETTLED, None)


def tokyo(text: str) -> int:
    return slot_at(datetime.fromisoformat(text).replace(tzinfo=TOKYO))


@pytest.mark.parametrize(
    "content",
    [
        ",KWH/hh (per half hour) \n2026-11-21 00:00:00,0.082\n2026-11-21 00:30:00,0.03\n",
        "2026-11-21 00:00,0.082\n2026-11-21 00:30,0.03",
        "time\tkWh\r\n2026-11-21T00:00:00\t0.082\r\n2026-11-21T00:30:00\t0.03\r\n",
        "日時,使用量\n2026/11/21 0:00,0.082\n2026/11/21 0:30,0.03\n",
        '"日時","使用量"\n"2026/11/21 00:00","0.082"\n"2026/11/21 00:30","0.03"\n',
        "\n\n2026-11-20T15:00:00Z,0.082\n\n2026-11-20T10:30-05:00, 0.03 \n",
        "2026-11-21 00:00:00.0000000,0.082\n2026-11-21 00:30:00.0000000,0.03\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_lines_of_a_time_and_kwh_are_read_however_written(
    write: Write, content: str, encoding: str
) -> None:
    path = write(content.encode(encoding))
    assert recognize(path).layout is Layout.TIME_KWH
    assert read(path) == [settled(NOVEMBER_21, 82), settled(NOVEMBER_21 + 1, 30)]


def test_the_direction_given_is_the_one_of_all_lines(write: Write) -> None:
    path = write("2026-11-21 00:00,1\n")
    assert read(path, direction=Direction.EXPORT) == [settled(NOVEMBER_21, 1000, Direction.EXPORT)]


def test_bad_lines_are_rejected_by_number_and_the_rest_goes_on(write: Write) -> None:
    lines = [
        "time,kWh",
        "2026-11-21 00:00,1",
        "2026-11-21 00:30,Null",
        "2026-11-21 01:00,",
        "2026-11-21 01:30,x",
        "",
        "2026-11-21 02:10,1",
        "2026-11-21 24:61,1",
        "2026-11-21,1",
        "2026-11-21 02:00",
        "2026-11-22 10:30,1",
        "1999-12-31 23:30,1",
        "0001-01-01 00:00,1",
        'a\rb,"1"',
        "9999-12-31 23:30,1",
        "2026-11-22 10:00,1",
    ]
    time = "time must be one such as 2026-11-22 10:30, found"
    assert read(write("\n".join(lines))) == [
        settled(NOVEMBER_21, 1000),
        Rejection(3, "no value, found 'Null'"),
        Rejection(4, "no value, found ''"),
        Rejection(5, "kwh must be a number, found 'x'"),
        Rejection(7, "startAt must be on a half hour, found 2026-11-21T02:10:00+09:00"),
        Rejection(8, f"{time} '2026-11-21 24:61'"),
        Rejection(9, f"{time} '2026-11-21'"),
        Rejection(10, "a line must have 2 columns, found 1"),
        Rejection(11, "startAt must not be in the future, found 2026-11-22T10:30:00+09:00"),
        Rejection(12, "startAt must be 2000-01-01 or later, found 1999-12-31T23:30:00+09:00"),
        Rejection(13, "startAt must be 2000-01-01 or later, found 0001-01-01T00:00:00+09:18:59"),
        Rejection(14, "not a CSV line, found 'a\\rb,\"1\"'"),
        Rejection(15, "startAt must not be in the future, found 9999-12-31T23:30:00+09:00"),
        settled(slot_at(NOW), 1000),
    ]


def test_a_bad_first_row_is_no_header(write: Write) -> None:
    found = read(write("2026-13-45 00:00,Null\n2026-11-21 00:00,1\n"))
    assert [type(one) for one in found] == [Rejection, NewReading]


def test_a_line_of_another_encoding_or_without_end_is_rejected_alone(write: Write) -> None:
    good = b"2026-11-21 00:00,1\n"
    found = read(write(good + b"2026-11-21 \xff,1\n" + b"9" * (3 * MAX_LINE_BYTES) + b"\n" + good))
    assert found == [
        settled(NOVEMBER_21, 1000),
        Rejection(2, r"a line must be utf-8 text, found b'\xff'"),
        Rejection(3, "a line must be under 65536 bytes, found more"),
        settled(NOVEMBER_21, 1000),
    ]


@pytest.mark.parametrize("day", ["2026/11/21", "2026-11-21", "20261121"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_a_day_is_read_in_either_encoding(
    write: Write, day: str, encoding: str, end: str
) -> None:
    row = ",".join([day, *(f"0.{half:03}" for half in range(48))])
    path = write(f"{DAY_HEADER}{end}{row}{end}".encode(encoding))
    assert recognize(path).layout is Layout.DAY_ROWS
    assert read(path) == [settled(NOVEMBER_21 + half, half) for half in range(48)]


def test_the_header_of_a_row_a_day_may_have_leading_zeros(write: Write) -> None:
    header = "date," + ",".join(time.rjust(5, "0") for time in HALF_HOURS)
    assert read(write(f"{header}\n2026/1/5,1{',' * 47}\n")) == [settled(tokyo("2026-01-05"), 1000)]


def test_an_empty_cell_is_no_reading_and_a_bad_one_is_rejected_alone(write: Write) -> None:
    row = ",".join(["2026/11/21", "1", "", " ", "-", "2", *[""] * 43])
    assert read(write(f"{DAY_HEADER}\n{row}\n2026/11/31{',' * 48}\n2026/11/20,1\n")) == [
        settled(NOVEMBER_21, 1000),
        Rejection(2, "01:30: kwh must be a number, found '-'"),
        settled(NOVEMBER_21 + 4, 2000),
        Rejection(3, "date must be one such as 2026/11/22, found '2026/11/31'"),
        Rejection(4, "a line must have 49 columns, found 2"),
    ]


def json_line(**changes: object) -> str:
    fields = {"supplyPointNumber": NUMBER, "startAt": "2026-11-21T00:00:00+09:00", "kwh": 1}
    return orjson.dumps(
        {name: value for name, value in (fields | changes).items() if value is not ...}
    ).decode()


def test_json_lines_are_read_and_bad_ones_rejected_by_number(write: Write) -> None:
    lines = [
        json_line(),
        json_line(direction="EXPORT", quality="PROVISIONAL", revision=3),
        "",
        json_line()[:-1],
        '{"kwh":NaN}',
        "[1]",
        json_line(startAt="2026-11-21T00:00:00"),
    ]
    path = write("\n".join(lines))
    assert recognize(path) == ReadingFile(Layout.NDJSON, "utf-8", "", has_header=False)
    found = read(path, supply_point=None)
    assert found[:2] == [
        settled(NOVEMBER_21, 1000),
        NewReading(NUMBER, Direction.EXPORT, NOVEMBER_21, 1000, Quality.PROVISIONAL, 3),
    ]
    rejections = [(one.line, one.reason) for one in found if isinstance(one, Rejection)]
    assert [line for line, _ in rejections] == [4, 5, 6, 7]
    assert rejections[0][1].startswith("not a JSON object: unexpected end of data at column ")
    assert rejections[1][1].startswith("not a JSON object: ")
    assert rejections[2][1] == "not a JSON object: found [...]"
    assert rejections[3][1].endswith("has no offset")


def test_what_is_given_for_the_file_stands_for_what_a_json_line_leaves_out(write: Write) -> None:
    lines = [
        json_line(supplyPointNumber=..., direction="IMPORT"),
        json_line(),
        json_line(supplyPointNumber=OTHER),
    ]
    assert read(write("\n".join(lines)), direction=Direction.EXPORT) == [
        settled(NOVEMBER_21, 1000),
        settled(NOVEMBER_21, 1000, Direction.EXPORT),
        Rejection(3, "supplyPointNumber must be the one given for the file, found another"),
    ]


def test_a_series_is_moved_by_whole_days_until_its_last_day(write: Write) -> None:
    path = write("2014-02-26 23:30,1\n2014-02-27 10:30,3\n2014-02-27 10:00,2\n")
    assert read(path, ending=date(2026, 11, 22)) == [
        settled(tokyo("2026-11-21 23:30"), 1000),
        Rejection(2, "startAt must not be in the future, found 2026-11-22T01:30:00+00:00"),
        settled(tokyo("2026-11-22 10:00"), 2000),
    ]


def test_a_moved_day_row_has_its_future_cells_rejected(write: Write) -> None:
    row = ",".join(["2014/02/27", *["1"] * 48])
    found = read(write(f"{DAY_HEADER}\n{row}\n"), ending=date(2026, 11, 22))
    assert [type(one) for one in found] == [NewReading] * 21 + [Rejection] * 27
    assert {one.line for one in found if isinstance(one, Rejection)} == {2}


def test_a_moved_file_without_a_reading_is_only_rejections(write: Write) -> None:
    found = read(write("2026-11-21 00:00,x\n"), ending=date(2026, 11, 22))
    assert found == [Rejection(1, "kwh must be a number, found 'x'")]


@pytest.mark.parametrize("ending", [date.min, date(1999, 12, 31), date.max])
def test_a_series_cannot_be_moved_off_the_calendar(write: Write, ending: date) -> None:
    with pytest.raises(InvalidReading, match=r"^ending must be between 2000 and 9998, found "):
        read(write("2026-11-21 00:00,1\n"), ending=ending)


@pytest.mark.parametrize("ending", [None, date(2026, 11, 22)])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_progress_adds_up_to_the_bytes_of_the_file(
    write: Write, ending: date | None, bom: bytes
) -> None:
    told: list[int] = []
    path = write(bom + b"2026-11-21 00:00,1\n" * 10_000)
    assert len(read(path, ending=ending, progress=told.append)) == 10_000
    assert len(told) == 3
    assert sum(told) == path.stat().st_size


def test_readings_come_with_the_numbers_of_their_lines(write: Write) -> None:
    path = write("time,kWh\n\n2026-11-21 00:00,1\nx\n2026-11-21 00:30,2\n")
    rows = list(read_readings(path, supply_point=NUMBER, now=NOW))
    assert [row.line if isinstance(row, Rejection) else row[0] for row in rows] == [3, 4, 5]


def test_lines_are_read_only_as_they_are_asked_for(write: Write) -> None:
    told: list[int] = []
    path = write("2026-11-21 00:00,1\n" * 100_000)
    readings = read_readings(path, supply_point=NUMBER, now=NOW, progress=told.append)
    next(readings)
    assert told == []


def test_a_csv_file_needs_to_be_told_its_supply_point(write: Write) -> None:
    with pytest.raises(WrongFile) as refusal:
        read_readings(write("2026-11-21 00:00,1\n"), supply_point=None, now=NOW)
    assert str(refusal.value) == (
        "expected a supply point number; found a file of time,kWh lines, which names none"
    )


def test_a_wrong_supply_point_is_refused_before_a_line_is_read(write: Write) -> None:
    with pytest.raises(InvalidReading, match="must be 22 digits, found 1"):
        read_readings(write("2026-11-21 00:00,1\n"), supply_point="1", now=NOW)
