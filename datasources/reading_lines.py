"""What one line of each layout means: a line in, its readings and the reasons of its bad cells out.

Which layout a file has is in `reading_layouts`; opening and decoding it is in `reading_files`.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from datasources.local_times import LocalTimes, read_date, read_time
from domain.reading_rows import ReadingRows
from domain.readings import (
    Direction,
    InvalidReading,
    NewReading,
    Quality,
    Rejection,
    parse_reading,
    reading_values,
    shown,
    wh_of,
)
from domain.slots import SLOTS_PER_DAY

LineReader = Callable[[str], Iterable[NewReading | InvalidReading]]
"""Readings of a line and reasons of its bad cells; raises InvalidReading if all of it is bad."""

TIME_KWH_COLUMNS: Final = 2
DAY_ROW_COLUMNS: Final = 1 + SLOTS_PER_DAY
DAY_TIMES: Final = tuple(time(half // 2, half % 2 * 30) for half in range(SLOTS_PER_DAY))
_NO_VALUE: Final = frozenset({"", "null"})


@dataclass(frozen=True, slots=True)
class Source:
    """Whose readings a file holds, by which clock, and until when."""

    supply_point: str | None
    direction: Direction
    zone: ZoneInfo
    now: datetime


def cells_of(line: str, delimiter: str) -> list[str]:
    """Cells of a CSV line, quoted or not; raises InvalidReading."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader((line,), delimiter=delimiter))
    except csv.Error:
        raise InvalidReading(f"not a CSV line, found {shown(line)}") from None


def time_kwh_reader(source: Source, supply_point: str, delimiter: str) -> LineReader:
    """Reader of `time,kWh` lines."""
    slot_of = LocalTimes(source.zone, source.now).slot

    def read(line: str) -> tuple[NewReading]:
        cells = cells_of(line, delimiter)
        _expect_columns(cells, TIME_KWH_COLUMNS)
        at, kwh = cells
        slot = slot_of(read_time(at))
        if kwh.strip().lower() in _NO_VALUE:
            raise InvalidReading(f"no value, found {shown(kwh)}")
        return (_settled(supply_point, source.direction, slot, kwh),)

    return read


def day_row_reader(source: Source, supply_point: str, delimiter: str) -> LineReader:
    """Reader of rows of a date and 48 kWh; an empty cell is no reading."""
    slot_of = LocalTimes(source.zone, source.now).slot

    def read_cell(at: datetime, kwh: str) -> NewReading | InvalidReading:
        try:
            return _settled(supply_point, source.direction, slot_of(at), kwh)
        except InvalidReading as error:
            return InvalidReading(f"{at:%H:%M}: {error}")

    def read(line: str) -> Iterator[NewReading | InvalidReading]:
        cells = cells_of(line, delimiter)
        _expect_columns(cells, DAY_ROW_COLUMNS)
        on = read_date(cells[0])
        for at, kwh in zip(DAY_TIMES, cells[1:], strict=True):
            if kwh and not kwh.isspace():
                yield read_cell(datetime.combine(on, at), kwh)

    return read


def json_line_reader(source: Source) -> LineReader:
    """Reader of one JSON object a line."""

    def read(line: str) -> tuple[NewReading]:
        return (read_json_line(line, source.now, source.supply_point, source.direction),)

    return read


def read_json_line(
    line: str | bytes,
    now: datetime,
    supply_point: str | None = None,
    direction: Direction = Direction.IMPORT,
) -> NewReading:
    """Reading of one NDJSON line, as `parse_reading`; raises InvalidReading.

    A given supply point (22 digits) stands for an absent one and must not differ from a present
    one; the direction stands for an absent one.
    """
    given = {"direction": direction.name}
    if supply_point is not None:
        given["supplyPointNumber"] = supply_point
    reading = parse_reading(given | json_object(line), now)
    if supply_point not in {None, reading.supply_point}:
        raise InvalidReading("supplyPointNumber must be the one given for the file, found another")
    return reading


def read_json_lines(lines: Iterable[tuple[int, bytes]], now: datetime) -> ReadingRows:
    """Readings of numbered NDJSON lines, as `parse_reading`, and why a line has none."""
    rows = ReadingRows()
    for number, line in lines:
        try:
            rows.add(number, reading_values(json_object(line), now))
        except InvalidReading as error:
            rows.rejections.append(Rejection(number, str(error)))
    return rows


def json_object(line: str | bytes) -> dict[str, object]:
    """Object of one NDJSON line; raises InvalidReading."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        reason = f"not a JSON object: {error.msg} at column {error.colno}"
        raise InvalidReading(reason) from None
    if not isinstance(value, dict):
        raise InvalidReading(f"not a JSON object: found {shown(value)}")
    return value


def _expect_columns(cells: list[str], columns: int) -> None:
    if len(cells) != columns:
        raise InvalidReading(f"a line must have {columns} columns, found {len(cells)}")


def _settled(supply_point: str, direction: Direction, slot: int, kwh: str) -> NewReading:
    return NewReading(supply_point, direction, slot, wh_of(kwh), Quality.SETTLED, None)
