"""Columns of values as JSON text.

The text of a value is looked up in a table of texts of equal width, so that numpy moves them without
a Python object per value. Shorter ones are filled up with spaces, which JSON allows before a value.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.bytes_]
Codes = NDArray[np.integer[Any]]

NULL: Final = b"null"
FEW: Final = 64
"So few rows are written faster by Python than by numpy."

_TABLE_DIGITS: Final = 5
"Of the numbers in a table: 100,000 texts at most."
_SHORT: Final = 10_000
"Numbers below it have their texts in a list."
_ABSENT: Final = b"\0"
"A flag that is not set, as numpy keeps it."


@dataclass(slots=True)
class Shared:
    """Texts that come again in other answers, a time axis say: equal versions, equal texts.

    `make` is only called for a version that was not written lately.
    """

    version: Hashable
    width: int
    make: Callable[[], Texts]


@dataclass(slots=True)
class Column:
    """One JSON value a row: its pieces side by side. Never changed.

    A piece is one text for all rows, or one text a row: a list, for few rows, or an array of texts of
    one width.
    """

    pieces: tuple[bytes | list[bytes] | Texts | Shared, ...]
    nullable: bool = False
    "Whether a value may be null."


def constant(text: bytes) -> Column:
    """The same JSON value in every row."""
    return Column((text,), nullable=text == NULL)


def looked_up(table: tuple[bytes, ...], codes: Codes) -> Column:
    """`table[code]` in every row; no wider than the longest text that occurs."""
    if len(codes) <= FEW:
        few = codes.tolist()
        if few.count(few[0]) == len(few):
            return constant(table[few[0]])
        texts = [table[code] for code in few]
        return Column((texts,), NULL in texts)
    if _all(codes == codes[0]):
        return constant(table[codes[0]])
    used = [table[code] for code in np.flatnonzero(np.bincount(codes)).tolist()]
    return Column((_table(table, max(map(len, used)))[codes],), NULL in used)


def decimals(values: Codes, places: int = 0, present: NDArray[np.bool_] | None = None) -> Column:
    """`values / 10**places`, null where not `present`; values are whole and not negative.

    A text reads as the float nearest to the quotient, which is what `/` of Python gives.
    """
    if len(values) <= FEW:
        return _few_decimals(values, places, present)
    if present is not None and not _all(present):
        values = np.where(present, values, -1)
    elif values[0] == values[-1] and _all(values == values[0]):
        return constant(_number(int(values[0]), places))
    else:
        present = None
    highest = int(np.maximum.reduce(values))
    if highest < 0:
        return constant(NULL)
    return Column(
        _pieces(values, len(str(highest)), places, present is not None), present is not None
    )


def signed_decimals(values: Codes, places: int, present: NDArray[np.bool_]) -> Column:
    """The same where values may be negative too."""
    if not len(values) or int(np.where(present, values, 0).min()) >= 0:
        return decimals(values, places, present)
    distinct, codes = np.unique(values[present], return_inverse=True)
    texts = np.full(len(values), len(distinct))
    texts[present] = codes
    signed = [b"-" * (number < 0) + _number(abs(number), places) for number in distinct.tolist()]
    return looked_up((*signed, NULL), texts)


def _few_decimals(values: Codes, places: int, present: NDArray[np.bool_] | None) -> Column:
    try:
        texts = _short_numbers(places).take(values).tolist()
    except IndexError:
        texts = _some_numbers(values.tolist(), places)
    # Of so few flags the search in their bytes is the cheapest question.
    nullable = present is not None and _ABSENT in present.tobytes()
    if present is not None and nullable:
        flags = present.tolist()
        texts = [text if there else NULL for text, there in zip(texts, flags, strict=True)]
    if texts[0] == texts[-1] and texts.count(texts[0]) == len(texts):
        return constant(texts[0])
    return Column((texts,), nullable)


@lru_cache
def _short_numbers(places: int) -> NDArray[np.object_]:
    return np.array(_some_numbers(range(_SHORT), places), np.object_)


def _all(flags: NDArray[np.bool_]) -> bool:
    """The same as `flags.all()`, which goes through Python."""
    return int(np.count_nonzero(flags)) == len(flags)


def _pieces(values: Codes, digits: int, places: int, nullable: bool) -> tuple[Texts, ...]:
    """Texts of all values; -1 is null if `nullable`."""
    digits = max(digits, places + 1)
    if digits <= _TABLE_DIGITS:
        return (_numbers(digits, places, nullable)[values],)
    if places >= len(NULL) - 1 and digits - places <= _TABLE_DIGITS:
        whole, fraction = np.divmod(values, 10**places)  # of -1: -1, and the last of the fractions
        if nullable:
            fraction[whole < 0] = -1
        return _whole_numbers(digits - places)[whole], _fractions(places, nullable)[fraction]
    distinct, codes = np.unique(values, return_inverse=True)
    return (_texts(_some_numbers(distinct.tolist(), places))[codes],)


@lru_cache
def _numbers(digits: int, places: int, nullable: bool) -> Texts:
    """All numbers with up to so many digits; the last text is null if `nullable`."""
    return _texts(_some_numbers([*range(10**digits), *[-1] * nullable], places))


@lru_cache
def _whole_numbers(digits: int) -> Texts:
    """What stands before the point; the last text is blank, for null."""
    return _texts([*_some_numbers(range(10**digits), 0), b""])


@lru_cache
def _fractions(places: int, nullable: bool) -> Texts:
    """The point and what stands behind it; the last text is null if `nullable`."""
    fractions = [b".%0*d" % (places, number) for number in range(10**places)]
    return _texts([*fractions, *[NULL] * nullable])


def _some_numbers(numbers: Iterable[int], places: int) -> list[bytes]:
    return [NULL if number < 0 else _number(number, places) for number in numbers]


def _number(number: int, places: int) -> bytes:
    whole, fraction = divmod(number, 10**places)
    return b"%d.%0*d" % (whole, places, fraction) if places else b"%d" % whole


def _texts(texts: Sequence[bytes]) -> Texts:
    width = max(map(len, texts))
    return np.array([text.rjust(width) for text in texts], f"S{width}")


@lru_cache
def _table(texts: tuple[bytes, ...], width: int) -> Texts:
    """Texts in so many bytes; longer ones, which do not occur, are cut."""
    return np.array([text.rjust(width)[:width] for text in texts])
