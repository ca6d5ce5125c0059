"""Postal codes of Japan, and the places that they stand for (MB-12)."""

import re
from dataclasses import dataclass
from typing import Final

from domain.identity import normalised

_LONGEST: Final = 40
"Of a text that is looked at: a code has nine characters at most."


@dataclass(frozen=True, slots=True)
class PlaceName:
    """Both are empty where a code names no such part of an address."""

    kanji: str
    kana: str
    "Full-width katakana; empty also where nobody has recorded it."


@dataclass(frozen=True, slots=True)
class PostalArea:
    """A place of a code; some codes have several."""

    code: str
    "Seven digits."
    prefecture: PlaceName
    city: PlaceName
    town: PlaceName
    office: str | None = None
    "Who has the code alone, as those have who get much mail."
    block: str | None = None
    "Of the office: what follows the town in its address."


def postal_code(text: str) -> str | None:
    """The seven digits of a code in any width, with or without hyphen and 〒; None for another text."""
    if len(text) > _LONGEST:
        return None
    digits = normalised(text).removeprefix("〒")
    return digits if re.fullmatch("[0-9]{7}", digits) else None
