"""What a reader finds in a PDF."""

import unicodedata
from typing import Any

import pypdfium2 as pdfium


def pages_of(pdf: bytes) -> list[str]:
    """The text of every page without spaces and line ends."""
    document: Any = pdfium.PdfDocument(pdf)
    try:
        return ["".join(lines_of(page)) for page in document]
    finally:
        document.close()


def text_of(pdf: bytes) -> str:
    return "".join(pages_of(pdf))


def lines_of(page: Any) -> list[str]:
    """The texts of a page that stand for themselves, without spaces."""
    text = unicodedata.normalize("NFKC", page.get_textpage().get_text_range())
    return ["".join(line.split()) for line in text.splitlines() if line.strip()]
