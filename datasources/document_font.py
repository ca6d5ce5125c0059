"""The Japanese font of documents: read once per process, embedded with the glyphs that are used.

fpdf2 reads the whole font for every document and takes a subset of its 18,000 glyphs, which takes
0.4 s. Here outlines are turned into TrueType when they are first used and kept (0.3 KB each), and a
document gets a font that is made of its own glyphs only.
"""

import unicodedata
from collections.abc import Sequence
from copy import copy
from functools import cache
from threading import Lock
from typing import Any, Final, cast

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont
from pylopdf_fonts_jp import sans_path

from domain.mail_texts import one_line

FONT: Final = "sans"
_NO_GLYPH: Final = "〓"
"What printers set for a character that they don't have."
_EM: Final = 1000
_CLOSE_ENOUGH: Final = 1.0
"How far a quadratic curve may be from the cubic one, in thousandths of the size."


class DocumentFont:
    """The whole font. Documents of many threads may use it at once."""

    def __init__(self) -> None:
        reader = FPDF()
        reader.add_font(FONT, fname=sans_path())
        self._whole = cast("TTFFont", reader.fonts[FONT])
        self._drawn = cast("Any", self._whole.ttfont).getGlyphSet()
        self._whole.close()  # the file; its tables are in memory
        self._outlines: dict[str, tuple[bytes, int]] = {}
        # Outlines are decoded when they are first needed, which no two threads may do.
        self._decoding = Lock()

    def put_into(self, pdf: FPDF) -> None:
        """Let a document set texts in this font."""
        font = copy(self._whole)
        font.i = len(pdf.fonts) + 1
        font.desc = copy(self._whole.desc)
        font.missing_glyphs = []
        font.subset = SubsetMap(font)
        font.is_cff = font.is_cid_keyed = False
        font.cff_ros = None
        pdf.fonts[FONT] = font

    def output(self, pdf: FPDF) -> bytes:
        """The finished document, with the glyphs that it uses."""
        font = cast("TTFFont", pdf.fonts[FONT])
        font.ttfont = self._made_of(font.subset.get_all_glyph_names())
        return bytes(pdf.output())

    def printable(self, text: str) -> str:
        """A text in characters that the font has, in one line; variants of glyphs are not chosen."""
        composed = unicodedata.normalize("NFC", one_line(text))
        return "".join(
            char if ord(char) in self._whole.cmap else _NO_GLYPH
            for char in composed
            if not _chooses_a_variant(char)
        )

    def width(self, text: str) -> int:
        """In thousandths of the size of its letters."""
        return int(sum(self._whole.cw[ord(char)] for char in text))

    def _made_of(self, names: Sequence[str]) -> TTFont:
        """A TrueType font of some glyphs; its bytes depend on nothing else."""
        order = [".notdef", *sorted(set(names) - {".notdef"})]
        outlines = {name: self._outline(name) for name in order}
        builder = FontBuilder(_EM, isTTF=True)
        builder.setupGlyphOrder(order)
        builder.setupCharacterMap({})
        builder.setupGlyf({}, calcGlyphBounds=False)
        font = cast("Any", builder.font)
        font["glyf"].glyphs = {name: Glyph(data) for name, (data, _) in outlines.items()}
        builder.setupHorizontalMetrics(
            {name: (width, _left_of(data)) for name, (data, width) in outlines.items()}
        )
        builder.setupHorizontalHeader(
            ascent=self._whole.desc.ascent, descent=self._whole.desc.descent
        )
        builder.setupPost(keepGlyphNames=False)
        font.recalcBBoxes = font.recalcTimestamp = False
        font["head"].created = font["head"].modified = 0
        return cast("TTFont", font)

    def _outline(self, name: str) -> tuple[bytes, int]:
        """Compiled outline of a glyph, and its width."""
        if name not in self._outlines:
            with self._decoding:
                glyph = self._drawn[name]
                pen = TTGlyphPen(None)
                glyph.draw(Cu2QuPen(pen, _CLOSE_ENOUGH, reverse_direction=True))
                outline = pen.glyph()
                data = outline.compile(None) if outline.numberOfContours else b""
                self._outlines[name] = (data, glyph.width)
        return self._outlines[name]


_first: Final = Lock()


@cache
def _font() -> DocumentFont:
    return DocumentFont()


def document_font() -> DocumentFont:
    """The one font of the process, read when it is first asked for."""
    with _first:
        return _font()


def _left_of(outline: bytes) -> int:
    """Where a compiled outline begins: renderers put it there."""
    return int.from_bytes(outline[2:4], "big", signed=True)


def _chooses_a_variant(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
