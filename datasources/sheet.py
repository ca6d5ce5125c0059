"""Pages of A4 for documents in Japanese: texts, lines and tables at places in millimetres.

What stands on them is told in `invoice_pdf`, `consolidated_pdf` and `certificate_pdf`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum, auto
from functools import partial
from typing import Final

from fpdf import FPDF
from fpdf.enums import TextMode

from datasources.document_font import FONT, document_font
from domain.line_breaks import broken
from domain.slots import TOKYO

WIDTH: Final = 210.0
LEFT: Final = 18.0
RIGHT: Final = 192.0
TEXT_WIDTH: Final = RIGHT - LEFT
_TOP: Final = 18.0
_BOTTOM: Final = 284.0
_FOOT: Final = 290.0
_FOLDS: Final = (99.0, 198.0)
"Where a page is folded for an envelope of 235 by 120 mm."
_MM_PER_POINT: Final = 25.4 / 72
_LEADING: Final = 1.5
"Height of a line as a multiple of the size of its letters."
_BOLD: Final = 0.02
"How much thicker strokes of bold letters are, as a part of their size: the font has one weight."
_SMALLEST: Final = 5.0

_PADDING: Final = 1.5
"Beside the text of a cell."
_AIR: Final = 0.8
"Above and below the text of a row, together."

BLACK: Final = 0
GREY: Final = 110
HAIR: Final = 180
PALE: Final = 238


class Align(Enum):
    LEFT = auto()
    RIGHT = auto()
    CENTRE = auto()


_SHIFT: Final = {Align.LEFT: 0.0, Align.CENTRE: 0.5, Align.RIGHT: 1.0}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, as wide as `width` mm."""

    title: str
    width: float
    align: Align = Align.LEFT


class Sheet:
    """A document as it is written, from the top of its first page down. `y` is where it goes on."""

    def __init__(self, title: str, author: str, made_on: date, number: str) -> None:
        """Begin the first page. Nothing in the file depends on the time, but on `made_on`."""
        self._font = document_font()
        self._pdf = FPDF(unit="mm", format="A4")
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_creation_date(datetime.combine(made_on, time(), TOKYO))
        self._pdf.set_title(title)
        self._pdf.set_author(self._font.printable(author))
        self._pdf.set_lang("ja")
        self._font.put_into(self._pdf)
        self._foot = f"{title}　{number}"
        self.y = _TOP
        self.page()
        for fold in _FOLDS:
            self.line(4, fold, 8, fold, shade=GREY)

    def page(self) -> None:
        """Begin another page."""
        self._pdf.add_page()
        self.y = _TOP

    def room_for(self, height: float) -> bool:
        """Whether the page has room for something; if not, another page is begun."""
        if self.y + height <= _BOTTOM:
            return True
        self.page()
        return False

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9,
        *,
        align: Align = Align.LEFT,
        bold: bool = False,
        shade: int = BLACK,
        width: float | None = None,
    ) -> None:
        """One line of text from, to or around `x`; smaller, then cut, if wider than `width`."""
        printable = self._font.printable(text)
        if width is not None and _width(printable, size) > width:
            size *= width / _width(printable, size)
            if size < _SMALLEST:
                size, printable = _SMALLEST, _cut(printable, _SMALLEST, width)
        self._pdf.set_font(FONT, size=size)
        self._pdf.set_text_color(shade)
        left = x - _SHIFT[align] * _width(printable, size)
        if not bold:
            self._pdf.text(left, y, printable)
            return
        mode, weight = TextMode.FILL_STROKE, size * _BOLD
        with self._pdf.local_context(text_mode=mode, line_width=weight, draw_color=shade):
            self._pdf.text(left, y, printable)

    def broken(self, text: str, width: float, size: float) -> list[str]:
        """A text in lines of a width."""
        return broken(self._font.printable(text), width, partial(_width, size=size))

    def fitted(
        self, text: str, width: float, sizes: Sequence[float], most: int
    ) -> tuple[float, list[str]]:
        """A text in at most so many lines, in the first size that does, or cut at the smallest."""
        for size in sizes:
            lines = self.broken(text, width, size)
            if len(lines) <= most:
                return size, lines
        return size, [*lines[: most - 1], _cut("".join(lines[most - 1 :]), size, width)]

    def paragraph(
        self, x: float, width: float, text: str, size: float = 8, *, mark: str = ""
    ) -> None:
        """A text in as many lines as it takes, from `y` on, all right of a mark."""
        indent = _width(mark, size)
        for place, line in enumerate(self.broken(text, width - indent, size)):
            self.room_for(height(size))
            if place == 0:
                self.text(x, self.y + _baseline(size), mark, size)
            self.text(x + indent, self.y + _baseline(size), line, size)
            self.y += height(size)

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        weight: float = 0.15,
        shade: int = BLACK,
    ) -> None:
        self._pdf.set_draw_color(shade)
        self._pdf.set_line_width(weight)
        self._pdf.line(x1, y1, x2, y2)

    def box(self, x: float, y: float, width: float, tall: float, shade: int) -> None:
        self._pdf.set_fill_color(shade)
        self._pdf.rect(x, y, width, tall, style="F")

    def heading(self, text: str) -> None:
        """The name of a part, with a line under it."""
        self.text(LEFT, self.y + 4, text, 10, bold=True)
        self.line(LEFT, self.y + 5.5, RIGHT, self.y + 5.5, weight=0.4)
        self.y += 6.5

    def head_of_table(self, columns: Sequence[Column], size: float = 8) -> None:
        tall = height(size) + _AIR
        self.box(LEFT, self.y, sum(column.width for column in columns), tall, PALE)
        self._cells(columns, [column.title for column in columns], size, shade=GREY)
        self.y += tall

    def row(
        self,
        columns: Sequence[Column],
        cells: Sequence[str],
        size: float = 8.5,
        *,
        bold: bool = False,
    ) -> None:
        """A row of a table; on a new page the head is repeated. The first cell may have many lines."""
        lines = self.broken(cells[0], columns[0].width - 2 * _PADDING, size)
        tall = len(lines) * height(size) + _AIR
        if not self.room_for(tall):
            self.head_of_table(columns)
        self._cells(columns, [lines[0], *cells[1:]], size, bold=bold)
        for place, line in enumerate(lines[1:], start=1):
            y = self.y + _AIR / 2 + place * height(size) + _baseline(size)
            self.text(LEFT + _PADDING, y, line, size, bold=bold)
        self.y += tall
        end = LEFT + sum(column.width for column in columns)
        self.line(LEFT, self.y, end, self.y, weight=0.15, shade=HAIR)

    def finished(self) -> bytes:
        """The file, with its number and the count of pages on every page."""
        pages = self._pdf.page
        for page in range(1, pages + 1):
            self._pdf.page = page
            self._pdf.current_font_is_set_on_page = False
            self.text(LEFT, _FOOT, self._foot, 7, shade=GREY)
            self.text(RIGHT, _FOOT, f"{page}／{pages}ページ", 7, align=Align.RIGHT, shade=GREY)
        return self._font.output(self._pdf)

    def _cells(
        self,
        columns: Sequence[Column],
        cells: Sequence[str],
        size: float,
        *,
        bold: bool = False,
        shade: int = BLACK,
    ) -> None:
        left = LEFT
        y = self.y + _AIR / 2 + _baseline(size)
        for column, cell in zip(columns, cells, strict=True):
            x = {
                Align.LEFT: left + _PADDING,
                Align.CENTRE: left + column.width / 2,
                Align.RIGHT: left + column.width - _PADDING,
            }[column.align]
            width = column.width - 2 * _PADDING
            self.text(x, y, cell, size, align=column.align, bold=bold, shade=shade, width=width)
            left += column.width


def height(size: float) -> float:
    """Of a line of text of a size in points, in mm."""
    return size * _MM_PER_POINT * _LEADING


def _cut(text: str, size: float, width: float) -> str:
    """As much of a text as a width has room for."""
    if _width(text, size) <= width:
        return text
    while text and _width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…"


def _baseline(size: float) -> float:
    """From the top of a line down to where its letters stand."""
    return size * _MM_PER_POINT * (0.88 + (_LEADING - 1) / 2)


def _width(text: str, size: float) -> float:
    return document_font().width(text) * size * _MM_PER_POINT / 1000
