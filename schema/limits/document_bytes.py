"""Bytes of a document: read before anything else looks at it.

The queries of a page are a few thousand bytes. Without a limit of their own, documents could be as long
as a request with large variables may be, and each byte of a document costs far more than one of those.
"""

from typing import Final

from schema.limits.rule import Rule

DOCUMENT_BYTES: Final[Rule[str]] = Rule(
    "max_document_bytes",
    lambda text: len(text) if text.isascii() else len(text.encode(errors="replace")),
    "a document must be at most {most} bytes, found {found}",
)
