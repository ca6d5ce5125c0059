"""Letters as print files: a PDF of postcards with its font in it, and a CSV of what is where."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from fpdf import FPDF
from fpdf.fonts import TTFFont
from pylopdf_fonts_jp import sans_path

from datasources.private_files import write_private
from domain.line_breaks import broken
from domain.mail_texts import FilledText, one_line
from domain.outbox import Dispatch, Language, PostalAddress, split_address

_WIDTH, _HEIGHT = 100.0, 148.0
"Of a Japanese postcard, in mm."
_MARGIN: Final = 10.0
_TEXT_WIDTH: Final = _WIDTH - 2 * _MARGIN
_ADDRESS_TOP: Final = 16.0
_TEXT_TOP: Final = 62.0
_TEXT_BOTTOM: Final = 136.0
_FOOT: Final = 141.0
_LINE: Final = 1.7
"Height of a line as a multiple of the size of its letters."
_MM_PER_POINT: Final = 25.4 / 72
_FONT: Final = "letters"
_COLUMNS: Final = (
    "letter",
    "page",
    "kind",
    "portal",
    "written_at",
    "postal_code",
    "address",
    "name",
)
_FORMULA: Final = ("=", "+", "-", "@")
"What a spreadsheet would reckon with instead of showing it."


class UnprintableLetter(Exception):
    """A letter that cannot be printed as it is; the text says why, and nothing of what it says."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, ready to be printed."""

    dispatch: Dispatch
    text: FilledText

    @property
    def address(self) -> PostalAddress:
        return split_address(self.dispatch.message.to)

    @property
    def addressee(self) -> str:
        """The name as it stands on the letter."""
        polite = " 様" if self.dispatch.message.language is Language.JA else ""
        return self.address.name + polite


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page; where its letters stand, in mm, and their size in points."""

    y: float
    size: float
    text: str


class LetterPrinter:
    """Makes one PDF with a page for each letter, and its CSV."""

    def __init__(self, folder: Path, printed_at: datetime) -> None:
        """Makes the folder, so that one that cannot be made is known before anything is printed."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._pdf = FPDF(unit="mm", format=(_WIDTH, _HEIGHT))
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_creation_date(printed_at)
        self._pdf.set_title(f"{printed_at:%Y-%m-%d %H:%M}")
        self._pdf.add_font(_FONT, fname=sans_path())
        self._font = cast(TTFFont, self._pdf.fonts[_FONT])
        self._rows: list[Sequence[object]] = []

    def add(self, letter: Letter) -> None:
        """Give a letter the next page; raises UnprintableLetter, and then there is no such page."""
        lines = self._lines(letter)
        self._pdf.add_page()
        for line in lines:
            self._pdf.set_font(_FONT, size=line.size)
            self._pdf.text(_MARGIN, line.y, line.text)
        self._pdf.line(_MARGIN, _TEXT_TOP - 6, _WIDTH - _MARGIN, _TEXT_TOP - 6)
        self._rows.append(_row(letter, self._pdf.page))

    def write(self, name: str) -> tuple[Path, Path]:
        """Write both files, whole or not at all, for nobody but their owner to read."""
        table = io.StringIO(newline="")
        csv.writer(table).writerows([_COLUMNS, *self._rows])
        return (
            write_private(self._folder / f"{name}.pdf", bytes(self._pdf.output())),
            write_private(self._folder / f"{name}.csv", table.getvalue().encode("utf-8-sig")),
        )

    def close(self) -> None:
        """Let the font's file go."""
        self._font.close()

    def _lines(self, letter: Letter) -> list[_Line]:
        address = letter.address
        lines = self._block(_ADDRESS_TOP, 11, f"〒{address.postal_code}")
        lines += self._block(_below(lines), 10, "\n".join(address.lines))
        lines += self._block(_below(lines) + 4, 13, letter.addressee)
        if lines[-1].y > _TEXT_TOP - 8:
            raise UnprintableLetter("ADDRESS_TOO_LONG")
        text = self._block(_TEXT_TOP, 11, letter.text.subject)
        text += self._block(_below(text) + 2, 8.5, letter.text.body.rstrip())
        if text[-1].y > _TEXT_BOTTOM:
            raise UnprintableLetter("TEXT_TOO_LONG")
        return [*lines, *text, *self._block(_FOOT, 6, letter.dispatch.id)]

    def _block(self, top: float, size: float, text: str) -> list[_Line]:
        """A text in lines of its own."""
        printable = "\n".join(_printable(line) for line in text.split("\n"))
        if any(ord(char) not in self._font.cmap for char in printable if char != "\n"):
            raise UnprintableLetter("NO_SUCH_GLYPH")
        self._pdf.set_font(_FONT, size=size)
        height = size * _MM_PER_POINT * _LINE
        lines = broken(printable, _TEXT_WIDTH, self._pdf.get_string_width)
        return [_Line(top + index * height, size, line) for index, line in enumerate(lines)]


def _below(lines: Sequence[_Line]) -> float:
    last = lines[-1]
    return last.y + last.size * _MM_PER_POINT * _LINE


def _printable(line: str) -> str:
    """A line as a font without variants of its glyphs can show it."""
    composed = unicodedata.normalize("NFC", one_line(line))
    return "".join(char for char in composed if not _chooses_a_variant(char))


def _chooses_a_variant(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _row(letter: Letter, page: int) -> Sequence[object]:
    dispatch, address = letter.dispatch, letter.address
    texts = (address.postal_code, " ".join(address.lines), letter.addressee)
    return (
        dispatch.id,
        page,
        dispatch.message.kind.value,
        dispatch.message.portal,
        dispatch.created_at.isoformat(),
        *(f"'{text}" if text.startswith(_FORMULA) else text for text in texts),
    )
