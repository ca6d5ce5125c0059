"""A half-hour reading as it arrives: its values, and the checks one line of input must pass.

Where lines come from (files, HTTP) and where readings are stored live in datasources.
"""

import re
import reprlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum
from functools import lru_cache
from typing import Final

from domain.slots import day_of_date, first_slot, slot_at, start_of_slot

MAX_WH: Final = 100_000_000
"""100,000 kWh in a half hour: beyond any supply point."""

MAX_REVISION: Final = 2**29 - 1
SUPPLY_POINT_DIGITS: Final = 22
FIRST_YEAR: Final = 2000
FIRST_SLOT: Final = first_slot(day_of_date(date(FIRST_YEAR, 1, 1)))

_MAX_KWH: Final = MAX_WH // 1000
_WH_IN_KWH: Final = Decimal("0.001")
_NUMBER: Final = re.compile(
    r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?\s*", re.ASCII | re.IGNORECASE
)
_LONGEST_NUMBER: Final = 40
_FIELDS: Final = ("supplyPointNumber", "startAt", "kwh", "direction", "quality", "revision")
_KNOWN: Final = frozenset(_FIELDS)

# Typed for a hyphen in Japan and left as they are by NFKC: minus sign, prolonged sound mark.
_HYPHENS: Final = frozenset("\u2212\u30fc")
_SEPARATORS: Final = frozenset({"Pd", "Zs"})

_SHOWN: Final = 40
_SHORT: Final = reprlib.Repr()
_SHORT.maxlevel = 0
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = _SHOWN


class Direction(IntEnum):
    IMPORT = 0
    EXPORT = 1


class Quality(IntEnum):
    MISSING = 0
    """Marks an empty slot of a day; never the quality of a reading."""
    PROVISIONAL = 1
    SETTLED = 2
    ESTIMATED = 3


_DIRECTIONS: Final = {direction.name: direction.value for direction in Direction}
_QUALITIES: Final = {
    quality.name: quality.value for quality in Quality if quality is not Quality.MISSING
}

NO_REVISION: Final = -1
"Stands for no revision where there must be a number."

ReadingValues = tuple[str, int, int, int, int, int]
"Supply point, direction, slot, Wh, quality and revision of a reading, as numbers but for the first."


@dataclass(frozen=True, slots=True)
class NewReading:
    """A checked reading. `revision` None: the next one if the value differs from the stored one."""

    supply_point: str
    direction: Direction
    slot: int
    wh: int
    quality: Quality
    revision: int | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that gave no reading, and why; `line` counts from 1."""

    line: int
    reason: str


class InvalidReading(ValueError):
    """One line cannot become a reading; the message is the reason, one short clause."""


def shown(value: object) -> str:
    """Write a found value into a reason: at most 40 characters, control characters escaped."""
    return _SHORT.repr(value)


def wh_of(kwh: object) -> int:
    """Whole Wh of a number of kWh (int, float, Decimal or decimal text), halves rounded up."""
    if type(kwh) is float:
        return _wh_of_float(kwh)
    if isinstance(kwh, str):
        if len(kwh) > _LONGEST_NUMBER:
            raise InvalidReading(
                f"kwh must have up to {_LONGEST_NUMBER} characters, found {len(kwh)}"
            )
        return _wh_of_text(kwh)
    if isinstance(kwh, bool) or not isinstance(kwh, int | float | Decimal):
        raise InvalidReading(f"kwh must be a number, found {shown(kwh)}")
    return _wh_of_decimal(Decimal(str(kwh)) if isinstance(kwh, float) else Decimal(kwh))


@lru_cache(maxsize=8192)
def _wh_of_float(kwh: float) -> int:
    return _wh_of_decimal(Decimal(str(kwh)))


@lru_cache(maxsize=8192)
def _wh_of_text(kwh: str) -> int:
    if not _NUMBER.fullmatch(kwh):
        raise InvalidReading(f"kwh must be a number, found {shown(kwh)}")
    return _wh_of_decimal(Decimal(kwh))


def _wh_of_decimal(kwh: Decimal) -> int:
    if not (kwh.is_finite() and 0 <= kwh <= _MAX_KWH):
        raise InvalidReading(f"kwh must be between 0 and {_MAX_KWH}, found {_clipped(str(kwh))}")
    # Quantized before it is scaled: a product would be rounded to 28 digits first, and then again.
    return int(kwh.quantize(_WH_IN_KWH, ROUND_HALF_UP).scaleb(3))


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def slot_starting(instant: datetime, now: datetime) -> int:
    """Slot that starts at an instant; the half hour that runs at `now` is allowed."""
    if instant.tzinfo is None:
        raise InvalidReading(f"startAt must name its offset, {instant.isoformat()} has no offset")
    slot = slot_at(instant)
    if expected := _unmet(instant, slot, now):
        raise InvalidReading(f"startAt must {expected}, found {instant.isoformat()}")
    return slot


def _unmet(instant: datetime, slot: int, now: datetime) -> str | None:
    # The bounds come first: at the ends of the calendar the start of a slot cannot be written down.
    if slot < FIRST_SLOT:
        return f"be {FIRST_YEAR}-01-01 or later"
    if instant > now:
        return "not be in the future"
    return None if start_of_slot(slot) == instant else "be on a half hour"


def supply_point_number(text: str) -> str:
    """22 ASCII digits of a supply point number however it was typed: wide, spaced, hyphenated."""
    if len(text) == SUPPLY_POINT_DIGITS and text.isascii() and text.isdigit():
        return text
    typed = "".join(c for c in unicodedata.normalize("NFKC", text) if not _separates(c))
    digits = sum("0" <= c <= "9" for c in typed)
    if digits == len(typed) == SUPPLY_POINT_DIGITS:
        return typed
    among = f" among {len(typed)} characters" if digits < len(typed) else ""
    raise InvalidReading(
        f"supplyPointNumber must be {SUPPLY_POINT_DIGITS} digits, found {digits}{among}"
    )


def _separates(character: str) -> bool:
    return unicodedata.category(character) in _SEPARATORS or character in _HYPHENS


def parse_reading(fields: Mapping[str, object], now: datetime) -> NewReading:
    """Check the reading in one decoded NDJSON object.

    `supplyPointNumber` (22 digits), `startAt` (with an offset, on a half hour) and `kwh` are
    required; `direction` is IMPORT, `quality` SETTLED and `revision` the next one unless given.
    """
    supply_point, direction, slot, wh, quality, revision = reading_values(fields, now)
    return NewReading(
        supply_point,
        Direction(direction),
        slot,
        wh,
        Quality(quality),
        None if revision == NO_REVISION else revision,
    )


def reading_values(fields: Mapping[str, object], now: datetime) -> ReadingValues:
    """The same as `parse_reading` in plain values, for readings that come by the thousand."""
    if not fields.keys() <= _KNOWN:
        found = shown(", ".join(sorted(fields.keys() - _KNOWN)))
        raise InvalidReading(f"keys must be among {', '.join(_FIELDS)}, found {found}")
    return (
        supply_point_number(_text(fields, "supplyPointNumber")),
        _direction(fields.get("direction", "IMPORT")),
        _slot_of_text(_text(fields, "startAt"), now),
        wh_of(_required(fields, "kwh")),
        _quality(fields.get("quality", "SETTLED")),
        _revision(fields.get("revision")),
    )


def _required(fields: Mapping[str, object], name: str) -> object:
    if name not in fields:
        raise InvalidReading(f"{name} must be given, found none")
    return fields[name]


def _text(fields: Mapping[str, object], name: str) -> str:
    value = _required(fields, name)
    if not isinstance(value, str):
        raise InvalidReading(f"{name} must be a string, found {shown(value)}")
    return value


@lru_cache(maxsize=256)
def _slot_of_text(start_at: str, now: datetime) -> int:
    return slot_starting(_instant(start_at), now)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        expected = "a time such as 2026-11-22T10:00:00+09:00"
        raise InvalidReading(f"startAt must be {expected}, found {shown(text)}") from None


def _direction(value: object) -> int:
    if isinstance(value, str) and value in _DIRECTIONS:
        return _DIRECTIONS[value]
    raise InvalidReading(f"direction must be IMPORT or EXPORT, found {shown(value)}")


def _quality(value: object) -> int:
    if isinstance(value, str) and value in _QUALITIES:
        return _QUALITIES[value]
    raise InvalidReading(f"quality must be PROVISIONAL, SETTLED or ESTIMATED, found {shown(value)}")


def _revision(value: object) -> int:
    if value is None:
        return NO_REVISION
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_REVISION:
        return value
    raise InvalidReading(
        f"revision must be an integer from 0 to {MAX_REVISION}, found {shown(value)}"
    )
