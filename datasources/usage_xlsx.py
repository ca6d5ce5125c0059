"""Half-hour usage as an Excel workbook, written row by row: times are times, numbers numbers.

Rows wait in a file of their own until the workbook is put together, so that memory stays small.
"""

from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from xlsxwriter import Workbook

from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, first_slot
from domain.tariff.points import NO_SEN
from domain.usage_parts import QUALITY_LABELS, UsagePart, UsageTitle

_SHEET: Final = "30分ごとの値"
_MISSING: Final = int(Quality.MISSING)
_QUALITIES: Final = tuple((QUALITY_LABELS[quality], quality.name) for quality in Quality)
_FORMATS: Final = ("yyyy-mm-dd hh:mm", "0.000", "#,##0.00")
"Of times, kWh and yen."
_WIDTH: Final = 18
_DAY_ZERO: Final = 25_569
"Excel's number of 1970-01-01; it counts days since the end of 1899."
_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"Stands in the workbook for when it was made: the same data must give the same file."


class UsageWorkbook:
    """A writer of one file."""

    def __init__(self, out: BinaryIO, title: UsageTitle) -> None:
        self._folder = TemporaryDirectory(prefix="kenshin-")
        self._book = Workbook(out, {"constant_memory": True, "tmpdir": self._folder.name})
        self._book.set_properties({"author": title.portal, "created": _MADE})
        self._sheet = self._book.add_worksheet(_SHEET)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(title.columns) - 1, _WIDTH)
        bold = self._book.add_format({"bold": True})
        for column, name in enumerate(title.columns):
            self._sheet.write_string(0, column, name, bold)
        self._formats = [self._book.add_format({"num_format": text}) for text in _FORMATS]
        self._count = 1
        "Of rows, the head included."

    def add(self, part: UsagePart) -> None:
        sheet, (time, energy, money) = self._sheet, self._formats
        wh, quality = part.wh.tolist(), part.quality.tolist()
        sen = [NO_SEN] * len(wh) if part.sen is None else part.sen.tolist()
        start = _serial(part.first)
        for at, (used, kind, cost) in enumerate(zip(wh, quality, sen, strict=True)):
            row, end, (label, code) = (
                self._count + at,
                _serial(part.first + at + 1),
                _QUALITIES[kind],
            )
            sheet.write_number(row, 0, start, time)
            sheet.write_number(row, 1, end, time)
            if kind != _MISSING:
                sheet.write_number(row, 2, used / 1000, energy)
            if cost != NO_SEN:
                sheet.write_number(row, 3, cost / 100, money)
            sheet.write_string(row, 4, label)
            sheet.write_string(row, 5, code)
            start = end
        self._count += len(wh)

    def finish(self) -> None:
        """Put the workbook together."""
        self._book.close()

    def close(self) -> None:
        """Leave nothing behind, also of a workbook that was not finished."""
        if not self._book.fileclosed:
            self._book.close()
        self._folder.cleanup()


def _serial(slot: int) -> float:
    """Start of a slot in Tokyo as Excel's number of days."""
    return _DAY_ZERO + (slot - first_slot(0)) / SLOTS_PER_DAY
