"""Reads the fields of a decoded JSON object into typed values, or refuses with one short clause.

A reader takes the path of a field and the value found there. What records there are, and which
fields they have, is told in `domain.records`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

from domain.readings import InvalidReading, shown, supply_point_number

LONGEST_TEXT: Final = 200
MOST_YEN: Final = 2 * 10**9
"What an integer of GraphQL holds."
MOST: Final = 10**9
"""Of a quantity, a unit price or a register in kWh: beyond any meter."""
DECIMALS: Final = 6
_FIRST_DAY: Final = date(1950, 1, 1)
_LAST_DAY: Final = date(2199, 12, 31)
"Of periods: months before and after one are dates, too."
_LONGEST_PERIOD: Final = 731
"Days; of more, half hours and prices are not read at once."

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?", re.ASCII)
_POSTAL_CODE: Final = re.compile(r"\d{3}-\d{4}", re.ASCII)
# A hash states what checking a password against it costs: up to 1 GB here, and 99 passes.
_ARGON2ID: Final = re.compile(
    r"\$argon2id\$v=19\$m=\d{1,6},t=\d{1,2},p=\d{1,2}\$[a-z0-9+/]{11,64}\$[a-z0-9+/]{16,88}",
    re.ASCII | re.IGNORECASE,
)
# Control characters, and halves of a surrogate pair: those have no UTF-8 to be stored in.
_UNWRITABLE: Final = frozenset({"Cc", "Cs"})
_THOUSANDTH: Final = Decimal("0.001")

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Reader: TypeAlias = Callable[[str, object], T]


class InvalidRecord(ValueError):
    """One line cannot become a record; the message is the reason, one short clause."""


@dataclass(frozen=True, slots=True)
class Record:
    """An object at a path (empty: the line itself). A null field counts as one not given."""

    path: str
    fields: Mapping[str, object]

    @classmethod
    def of(cls, path: str, value: object, names: tuple[str, ...]) -> "Record":
        """The object in a value, which has no other keys than these."""
        if not isinstance(value, Mapping):
            raise InvalidRecord(f"{path or 'line'} must be an object, found {shown(value)}")
        if unknown := value.keys() - set(names):
            keys = f"keys of {path}" if path else "keys"
            found = shown(", ".join(sorted(unknown)))
            raise InvalidRecord(f"{keys} must be among {', '.join(names)}, found {found}")
        return cls(path, value)

    def required(self, name: str, read: Reader[T]) -> T:
        if self.fields.get(name) is None:
            raise InvalidRecord(f"{self.at(name)} must be given, found none")
        return read(self.at(name), self.fields[name])

    def optional(self, name: str, read: Reader[T]) -> T | None:
        value = self.fields.get(name)
        return None if value is None else read(self.at(name), value)

    def span(self) -> tuple[date, date]:
        """Bounds ``[startOn, endOn)`` of one day to two years, which are not far from today."""
        start_on = self.required("startOn", iso_date)
        end_on = self.required("endOn", after(start_on))
        for name, on in (("startOn", start_on), ("endOn", end_on)):
            if not _FIRST_DAY <= on <= _LAST_DAY:
                expected = f"from {_FIRST_DAY} to {_LAST_DAY}"
                raise InvalidRecord(f"{self.at(name)} must be {expected}, found {on}")
        if (end_on - start_on).days > _LONGEST_PERIOD:
            expected = f"at most {_LONGEST_PERIOD} days after startOn {start_on}"
            raise InvalidRecord(f"{self.at('endOn')} must be {expected}, found {end_on}")
        return start_on, end_on

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def text(path: str, value: object) -> str:
    """1 to 200 characters in NFC without the white space around them."""
    written = unicodedata.normalize("NFC", _string(path, value)).strip()
    if any(unicodedata.category(character) in _UNWRITABLE for character in written):
        raise InvalidRecord(f"{path} must have no control characters, found {shown(written)}")
    return _of_length(path, written)


def password(path: str, value: object) -> str:
    """1 to 200 characters as they are, because they are compared as typed; no reason shows them."""
    written = _secret(path, value)
    if any(unicodedata.category(character) in _UNWRITABLE for character in written):
        raise InvalidRecord(f"{path} must have no control characters, found some")
    return _of_length(path, written)


def argon2id_hash(path: str, value: object) -> str:
    """An encoded argon2id hash; it may be a password put in the wrong field: not shown either."""
    written = _secret(path, value)
    if not _ARGON2ID.fullmatch(written):
        expected = "an argon2id hash such as $argon2id$v=19$m=19456,t=2,p=1$(salt)$(hash)"
        raise InvalidRecord(f"{path} must be {expected}, found {len(written)} other characters")
    return written


def supply_point(path: str, value: object) -> str:
    try:
        return supply_point_number(_string(path, value))
    except InvalidReading as refusal:
        raise InvalidRecord(str(refusal)) from None


def postal_code(path: str, value: object) -> str:
    written = _string(path, value)
    if not _POSTAL_CODE.fullmatch(written):
        raise InvalidRecord(f"{path} must be written NNN-NNNN, found {shown(written)}")
    return written


def iso_date(path: str, value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise InvalidRecord(f"{path} must be a date such as 2026-11-22, found {shown(value)}")


def instant(path: str, value: object) -> datetime:
    """A point of time with its offset from UTC, in milliseconds as MongoDB keeps them."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is not None and found.tzinfo is not None:
            at = found.astimezone(UTC)
            return at.replace(microsecond=at.microsecond // 1000 * 1000)
    except (ValueError, OverflowError):
        pass
    expected = "a time with its offset such as 2026-11-22T09:00:00+09:00"
    raise InvalidRecord(f"{path} must be {expected}, found {shown(value)}")


def after(start_on: date) -> Reader[date]:
    """Reads the end of what starts on a date."""

    def read(path: str, value: object) -> date:
        end_on = iso_date(path, value)
        if end_on <= start_on:
            raise InvalidRecord(f"{path} must be after startOn {start_on}, found {end_on}")
        return end_on

    return read


def whole_yen(path: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_YEN:
        bounds = f"-{MOST_YEN} to {MOST_YEN}"
        raise InvalidRecord(f"{path} must be an integer from {bounds}, found {shown(value)}")
    return value


def sen_of_yen(path: str, value: object) -> int:
    """Whole sen of a number of yen with up to two decimals."""
    number = None if isinstance(value, str) else _number(value)
    if number is None or abs(number) > MOST_YEN or round(number, 2) != number:
        bounds = f"from -{MOST_YEN} to {MOST_YEN}"
        expected = f"a number {bounds} with up to 2 decimals"
        raise InvalidRecord(f"{path} must be {expected}, found {shown(value)}")
    return int(number * 100)


def whole_percent(path: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 100:  # noqa: PLR2004
        raise InvalidRecord(f"{path} must be an integer from 0 to 99, found {shown(value)}")
    return value


def true_or_false(path: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidRecord(f"{path} must be true or false, found {shown(value)}")
    return value


def decimal(path: str, value: object) -> Decimal:
    """A number or decimal text, kept to the digit."""
    return _exact(path, value, -MOST)


def capacity(path: str, value: object) -> Decimal:
    """A decimal that is not negative."""
    return _exact(path, value, 0)


def thousandths(path: str, value: object) -> int:
    """Whole Wh of a number of kWh, or litres of a number of m³, halves rounded up."""
    number = _within(path, value, 0)
    return int(number.quantize(_THOUSANDTH, ROUND_HALF_UP).scaleb(3))


def one_of(kind: type[E]) -> Reader[E]:
    *others, last = (member.value for member in kind)
    allowed = f"{', '.join(others)} or {last}"

    def read(path: str, value: object) -> E:
        for member in kind:
            if member.value == value:
                return member
        raise InvalidRecord(f"{path} must be {allowed}, found {shown(value)}")

    return read


def list_of(read: Reader[T], most: int | None = None) -> Reader[tuple[T, ...]]:
    def read_all(path: str, value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise InvalidRecord(f"{path} must be a list, found {shown(value)}")
        if most is not None and len(value) > most:
            raise InvalidRecord(f"{path} must have at most {most}, found {len(value)}")
        return tuple(read(f"{path}[{index}]", item) for index, item in enumerate(value))

    return read_all


def _string(path: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRecord(f"{path} must be a string, found {shown(value)}")
    return value


def _secret(path: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRecord(f"{path} must be a string, found type {type(value).__name__}")
    return value


def _of_length(path: str, written: str) -> str:
    if not 1 <= len(written) <= LONGEST_TEXT:
        raise InvalidRecord(
            f"{path} must have 1 to {LONGEST_TEXT} characters, found {len(written)}"
        )
    return written


def _within(path: str, value: object, least: int) -> Decimal:
    number = _number(value)
    if number is None:
        raise InvalidRecord(f"{path} must be a number, found {shown(value)}")
    if not (number.is_finite() and least <= number <= MOST):
        raise InvalidRecord(f"{path} must be between {least} and {MOST}, found {shown(value)}")
    return number


def _exact(path: str, value: object, least: int) -> Decimal:
    number = _within(path, value, least)
    if round(number, DECIMALS) != number:
        raise InvalidRecord(f"{path} must have up to {DECIMALS} decimals, found {shown(value)}")
    return number


def _number(value: object) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value) if _DECIMAL.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)
