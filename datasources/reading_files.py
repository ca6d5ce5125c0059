"""Reads a file of half-hour readings line by line, so that memory does not grow with the file.

Which layout it has is told by `reading_layouts`, what a line means by `reading_lines`.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import MAXYEAR, date, datetime
from pathlib import Path
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from datasources.reading_layouts import (
    MAX_LINE_BYTES,
    Layout,
    ReadingFile,
    WrongFile,
    recognize,
)
from datasources.reading_lines import (
    LineReader,
    Source,
    day_row_reader,
    json_line_reader,
    read_json_line,
    time_kwh_reader,
)
from domain.readings import (
    FIRST_SLOT,
    FIRST_YEAR,
    Direction,
    InvalidReading,
    NewReading,
    Rejection,
    shown,
    slot_starting,
    supply_point_number,
)
from domain.slots import SLOTS_PER_DAY, TOKYO, slot_at, start_of_slot

__all__ = [
    "Layout",
    "ReadingFile",
    "Row",
    "WrongFile",
    "read_json_line",
    "read_readings",
    "recognize",
]

_LINES_PER_PROGRESS: Final = 4096

Row = tuple[int, NewReading] | Rejection
"""A reading with the number of its line, or why a line or a cell has none."""


def _unheard(_: int) -> None:
    pass


def read_readings(
    path: Path,
    *,
    supply_point: str | None = None,
    direction: Direction = Direction.IMPORT,
    zone: ZoneInfo = TOKYO,
    now: datetime,
    ending: date | None = None,
    progress: Callable[[int], object] = _unheard,
) -> Iterator[Row]:
    """Readings of a file, and a rejection for each line or cell that gave none, in file order.

    `ending` moves all readings by one number of days of 24 hours, so that the day of the last one
    in `zone` becomes `ending`; it takes a pass of its own. `progress` is told how many more bytes
    were read. WrongFile, InvalidReading for the supply point or `ending`, and OSError are raised
    by the call, before the first row.
    """
    file = recognize(path)
    number = None if supply_point is None else supply_point_number(supply_point)
    read_line = _line_reader(file, Source(number, direction, zone, now))
    if ending is None:
        return _read(path, file, read_line, progress)
    slots = _slots_until(ending, _read(path, file, read_line, _unheard), zone)
    return _read(path, file, _moving(read_line, slots, now), progress)


def _line_reader(file: ReadingFile, source: Source) -> LineReader:
    if file.layout is Layout.NDJSON:
        return json_line_reader(source)
    if source.supply_point is None:
        raise WrongFile(f"a file of {file.layout}, which names none", "a supply point number")
    make = time_kwh_reader if file.layout is Layout.TIME_KWH else day_row_reader
    return make(source, source.supply_point, file.delimiter)


def _read(
    path: Path, file: ReadingFile, read_line: LineReader, progress: Callable[[int], object]
) -> Iterator[Row]:
    for number, raw in _lines(path, file, progress):
        try:
            for found in read_line(_text(raw, file.encoding)):
                if isinstance(found, NewReading):
                    yield number, found
                else:
                    yield Rejection(number, str(found))
        except InvalidReading as error:
            yield Rejection(number, str(error))


def _lines(
    path: Path, file: ReadingFile, progress: Callable[[int], object]
) -> Iterator[tuple[int, bytes]]:
    """Lines below the header that are not blank, with their numbers."""
    header, told = file.has_header, 0
    with path.open("rb") as stream:
        for number, line in enumerate(_raw_lines(stream), 1):
            if number % _LINES_PER_PROGRESS == 0:
                progress(stream.tell() - told)
                told = stream.tell()
            if line.isspace():
                continue
            if header:
                header = False
                continue
            yield number, line
        progress(stream.tell() - told)


def _raw_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines of a file; of one that is too long only the beginning, so that it fits in memory."""
    if stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
        stream.seek(0)
    while line := stream.readline(MAX_LINE_BYTES):
        yield line
        while _is_cut(line):
            line = stream.readline(MAX_LINE_BYTES)


def _is_cut(line: bytes) -> bool:
    return len(line) == MAX_LINE_BYTES and not line.endswith(b"\n")


def _text(line: bytes, encoding: str) -> str:
    if _is_cut(line):
        raise InvalidReading(f"a line must be under {MAX_LINE_BYTES} bytes, found more")
    try:
        return line.decode(encoding).rstrip("\r\n")
    except UnicodeDecodeError as error:
        found = shown(line[error.start : error.end])
        raise InvalidReading(f"a line must be {encoding} text, found {found}") from None


def _slots_until(ending: date, rows: Iterable[Row], zone: ZoneInfo) -> int:
    if not FIRST_YEAR <= ending.year < MAXYEAR:
        raise InvalidReading(
            f"ending must be between {FIRST_YEAR} and {MAXYEAR - 1}, found {ending}"
        )
    last = max((row[1].slot for row in rows if not isinstance(row, Rejection)), default=None)
    if last is None:
        return 0
    return (ending - start_of_slot(last).astimezone(zone).date()).days * SLOTS_PER_DAY


def _moving(read_line: LineReader, slots: int, now: datetime) -> LineReader:
    last = slot_at(now)

    def move(reading: NewReading) -> NewReading | InvalidReading:
        moved = replace(reading, slot=reading.slot + slots)
        if not FIRST_SLOT <= moved.slot <= last:
            try:
                slot_starting(start_of_slot(moved.slot), now)
            except InvalidReading as error:
                return error
        return moved

    def read(line: str) -> Iterator[NewReading | InvalidReading]:
        for found in read_line(line):
            yield move(found) if isinstance(found, NewReading) else found

    return read
