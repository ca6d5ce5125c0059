"""Forms of short texts: named sets of characters, lengths, and the pattern that says the same.

A pattern is a regular expression that Python's `re` and JavaScript (flags `u` or `v`, as of the
`pattern` of an HTML input) read alike, and it must match the whole text. Lengths are code points.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Final

from domain.policy_tables import Between, WrongValue

MAX_LENGTH: Final = 254
"No text of a form is longer; it is also the longest address that mail can be sent to."

Length = Annotated[int, Between(1, MAX_LENGTH)]


class Characters(StrEnum):
    """Sets of characters that a rule can name."""

    DIGITS = "DIGITS"
    HALF_WIDTH_ALPHANUMERIC = "HALF_WIDTH_ALPHANUMERIC"
    ALPHANUMERIC_HYPHEN_UNDERSCORE = "ALPHANUMERIC_HYPHEN_UNDERSCORE"
    HALF_WIDTH_VISIBLE = "HALF_WIDTH_VISIBLE"
    "All of ASCII that leaves ink."
    TEXT = "TEXT"
    "What Japanese and Latin texts are written with; no emoji, nothing invisible."
    FULL_WIDTH = "FULL_WIDTH"
    KATAKANA = "KATAKANA"
    "Of either width, with spaces between the parts of a name."
    FULL_WIDTH_KATAKANA = "FULL_WIDTH_KATAKANA"


class Need(StrEnum):
    """What a text must have at least one of."""

    LETTER = "LETTER"
    DIGIT = "DIGIT"


_KATAKANA: Final = "\u3000\u3099-\u309a\u30a0-\u30ff\u31f0-\u31ff"
_WIDE: Final = (
    "‐-―‘’“”…※−"
    "\u2160-\u217f\u2460-\u2473\u3000-\u3029\u3041-\u3096\u3099-\u30ff\u31f0-\u31ff\u3220-\u3247"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\uffe0-\uffe6"
    "\U00020000-\U000323af"
)
"Punctuation, numerals, ㈱ and its like, kana, ideographs, full-width forms of ASCII."

CLASSES: Final = {
    Characters.DIGITS: "0-9",
    Characters.HALF_WIDTH_ALPHANUMERIC: "A-Za-z0-9",
    Characters.ALPHANUMERIC_HYPHEN_UNDERSCORE: r"A-Za-z0-9_\-",
    Characters.HALF_WIDTH_VISIBLE: "!-~",
    Characters.TEXT: f" -~À-ÖØ-öø-ɏ{_WIDE}\uff61-\uff9f",
    Characters.FULL_WIDTH: _WIDE,
    Characters.KATAKANA: f" {_KATAKANA}\uff65-\uff9f",
    Characters.FULL_WIDTH_KATAKANA: _KATAKANA,
}
"The inside of a character class for each set."

NEEDED: Final = {Need.LETTER: "A-Za-z", Need.DIGIT: "0-9"}
"The same for what a text needs."
_EXAMPLES: Final = {Need.LETTER: "a", Need.DIGIT: "0"}


READABLE: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"What can be read from paper, where nothing looks like something else."


@lru_cache
def one_of(inside: str) -> re.Pattern[str]:
    """Matches one character of a class."""
    return re.compile(f"[{inside}]")


@dataclass(frozen=True, slots=True)
class TextForm:
    """Length and characters of a text; spaces at its ends are never allowed."""

    min_length: Length
    max_length: Length
    characters: Characters
    needs: tuple[Need, ...] = ()

    @property
    def pattern(self) -> str:
        inside = CLASSES[self.characters]
        needed = "".join(f"(?=[{inside}]*[{NEEDED[need]}])" for need in self.needs)
        length = f"{{{self.min_length},{self.max_length}}}"
        return f"(?![ \u3000]){needed}[{inside}]{length}(?<![ \u3000])"

    @property
    def readable(self) -> str:
        """Of what the portal makes such texts; empty if it cannot."""
        allowed = "".join(one_of(CLASSES[self.characters]).findall(READABLE))
        has_needed = all(one_of(NEEDED[need]).search(allowed) for need in self.needs)
        return allowed if has_needed else ""

    def contradictions(self) -> Iterator[WrongValue]:
        if self.min_length > self.max_length:
            yield WrongValue(
                ("max_length",),
                f"expected at least min_length {self.min_length}, found {self.max_length}",
            )
        for place, need in enumerate(self.needs):
            if one_of(CLASSES[self.characters]).match(_EXAMPLES[need]) is None:
                yield WrongValue(("needs", place), f"no character of {self.characters} is a {need}")


class MailCharacters(StrEnum):
    """Sets of characters that the part of an address before the @ can have."""

    LETTERS_DIGITS_DOT_HYPHEN_UNDERSCORE = "LETTERS_DIGITS_DOT_HYPHEN_UNDERSCORE"
    ATOM = "ATOM"
    "All that RFC 5322 allows without quotes; the set that Hokkaido Electric prints."


MAIL_CLASSES: Final = {
    MailCharacters.LETTERS_DIGITS_DOT_HYPHEN_UNDERSCORE: r"A-Za-z0-9_\-",
    MailCharacters.ATOM: r"A-Za-z0-9!#\$%&'\*\+\-\/=\?\^_`\{\|\}~",
}
"The inside of a character class for each set, without the dot, which must stand between others."

MIN_ADDRESS: Final = 6
"Code points of the shortest address: a@b.jp."
MAX_LOCAL: Final = 64
"Code points before the @ (RFC 5321)."
DOMAIN_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?"
DOMAIN: Final = f"(?:{DOMAIN_LABEL}\\.)+[A-Za-z][A-Za-z0-9\\-]{{0,61}}[A-Za-z0-9]"
"A host with a dot whose last label does not look like a number."


def mail_pattern(characters: MailCharacters, max_length: int) -> str:
    """Pattern of an address."""
    atom = f"[{MAIL_CLASSES[characters]}]+"
    lengths = f"(?=[!-~]{{{MIN_ADDRESS},{max_length}}}$)(?=[^@]{{1,{MAX_LOCAL}}}@)"
    return f"{lengths}{atom}(?:\\.{atom})*@{DOMAIN}"
