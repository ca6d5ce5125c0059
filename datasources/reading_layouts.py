"""Tells from its first lines which layout a file of readings has, or why it has none."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from datasources.local_times import read_time
from datasources.reading_lines import (
    DAY_ROW_COLUMNS,
    DAY_TIMES,
    TIME_KWH_COLUMNS,
    cells_of,
    json_object,
)
from domain.readings import InvalidReading, shown, wh_of

MAX_LINE_BYTES: Final = 65_536
"""A line of readings has a few hundred bytes; one this long is another kind of file."""

_EXPECTED: Final = (
    'lines of "time,kWh", rows of a date and 48 half hours from 0:00, or one JSON object a line'
)
_SIGNATURES: Final = {
    b"PK\x03\x04": "a ZIP or Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF file",
    b"\x1f\x8b": "a gzip file",
    codecs.BOM_UTF16_LE: "UTF-16 text",
    codecs.BOM_UTF16_BE: "UTF-16 text",
    b"SQLite": "a SQLite database",
    b"PAR1": "a Parquet file",
}
_DELIMITERS: Final = (",", "\t")
_HEADER_TIME: Final = re.compile(r"\s*(\d\d?):(\d\d)(?::00)?\s*", re.ASCII)


class WrongFile(ValueError):
    """A file that holds no readings; the message is one line: what was expected, what was found."""

    def __init__(self, found: str, expected: str = _EXPECTED) -> None:
        super().__init__(f"expected {expected}; found {found}")


class Layout(StrEnum):
    TIME_KWH = "time,kWh lines"
    DAY_ROWS = "a row a day"
    NDJSON = "a JSON object a line"


@dataclass(frozen=True, slots=True)
class ReadingFile:
    """How a file is to be read; a header is its first line that is not blank."""

    layout: Layout
    encoding: str
    delimiter: str
    has_header: bool


def recognize(path: Path) -> ReadingFile:
    """Layout of a file by its first lines; raises WrongFile."""
    with path.open("rb") as file:
        head = file.read(MAX_LINE_BYTES)
    _refuse_binary(head)
    raw_lines = _whole_lines(head.removeprefix(codecs.BOM_UTF8), cut=len(head) == MAX_LINE_BYTES)
    encoding = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else _encoding(raw_lines[0])
    lines = [line.decode(encoding, errors="replace").rstrip("\r") for line in raw_lines]
    first = lines[0]
    if first.lstrip().startswith(("{", "[")):
        return _ndjson(lines, encoding)
    delimiter = max(_DELIMITERS, key=first.count)
    cells = _cells(first, delimiter)
    if len(cells) == TIME_KWH_COLUMNS:
        return _time_kwh(lines, encoding, delimiter)
    if len(cells) == DAY_ROW_COLUMNS:
        return _day_rows(lines, encoding, delimiter)
    columns = "1 column" if len(cells) == 1 else f"{len(cells)} columns"
    raise WrongFile(f"{columns} {shown(first)}")


def _refuse_binary(head: bytes) -> None:
    for signature, found in _SIGNATURES.items():
        if head.startswith(signature):
            raise WrongFile(found)
    if b"\0" in head:
        raise WrongFile(f"binary data {shown(head[:8])}")


def _whole_lines(head: bytes, *, cut: bool) -> list[bytes]:
    """Lines with something in them, without the last one if the head was cut within it."""
    lines = head.split(b"\n")
    if cut:
        lines.pop()
        if not lines:
            raise WrongFile(f"a line of more than {MAX_LINE_BYTES} bytes {shown(head[:40])}")
    filled = [line for line in lines if line and not line.isspace()]
    if not filled:
        raise WrongFile("blank lines" if head else "an empty file")
    return filled


def _encoding(first_line: bytes) -> str:
    # Only a header has more than ASCII; a bad byte further on is a bad line, not another encoding.
    for encoding in ("utf-8", "cp932"):
        try:
            first_line.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise WrongFile(f"text that is neither UTF-8 nor Shift_JIS {shown(first_line[:40])}")


def _ndjson(lines: list[str], encoding: str) -> ReadingFile:
    if not any(_passes(json_object, line) for line in lines):
        raise WrongFile(f"JSON that is not one object a line {shown(lines[0])}")
    return ReadingFile(Layout.NDJSON, encoding, delimiter="", has_header=False)


def _time_kwh(lines: list[str], encoding: str, delimiter: str) -> ReadingFile:
    header = _is_header(*_cells(lines[0], delimiter))
    rows = _rows(lines, header=header)
    if not any(_passes(read_time, line.split(delimiter)[0].strip('"')) for line in rows):
        raise WrongFile(f"2 columns without a time in the first one {shown(rows[0])}")
    return ReadingFile(Layout.TIME_KWH, encoding, delimiter, has_header=header)


def _is_header(at: str, kwh: str) -> bool:
    # A bad first row is to be rejected, not taken for a header, which has no time and no number.
    return not at.strip()[:1].isdigit() and not _passes(wh_of, kwh)


def _day_rows(lines: list[str], encoding: str, delimiter: str) -> ReadingFile:
    for due, cell in zip(DAY_TIMES, _cells(lines[0], delimiter)[1:], strict=True):
        match = _HEADER_TIME.fullmatch(cell)
        if not match or (int(match[1]), int(match[2])) != (due.hour, due.minute):
            raise WrongFile(f"49 columns with {shown(cell.strip())} for the time {due:%H:%M}")
    _rows(lines, header=True)
    return ReadingFile(Layout.DAY_ROWS, encoding, delimiter, has_header=True)


def _rows(lines: list[str], *, header: bool) -> list[str]:
    rows = lines[header:]
    if not rows:
        raise WrongFile(f"a header and no rows {shown(lines[0])}")
    return rows


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return cells_of(line, delimiter)
    except InvalidReading as error:
        raise WrongFile(str(error)) from None


def _passes(check: Callable[[str], object], text: str) -> bool:
    try:
        check(text)
    except InvalidReading:
        return False
    return True
