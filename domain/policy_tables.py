"""Typed tables of a policy file: a frozen dataclass says what a table holds, this reads it.

Fields are texts, whole and decimal numbers, yes or no, dates, names of an enum, lists and tables of
these; a field with a default may be left out. What else must hold, a type says by `Annotated` and
`contradictions`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)

Path = tuple[str | int, ...]
"Keys and places in lists that lead from the whole file to a value."

_Table = TypeVar("_Table")


@dataclass(frozen=True, slots=True)
class WrongValue:
    """A value that breaks a rule: where it stands, what was expected and found."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{written(self.path)}: {self.problem}" if self.path else self.problem


class InvalidPolicy(ValueError):
    """A policy breaks rules; the message has a line for each of them."""

    def __init__(self, wrong: Sequence[WrongValue]) -> None:
        super().__init__("\n".join(map(str, wrong)))
        self.wrong = tuple(wrong)


@runtime_checkable
class Checked(Protocol):
    """A table whose values must fit each other."""

    def contradictions(self) -> Iterator[WrongValue]:
        """What does not fit, by paths within the table."""
        ...


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number within bounds, both allowed."""

    least: int
    most: int

    @property
    def expected(self) -> str:
        return f"a whole number {self.least} to {self.most}"

    def allows(self, value: object) -> bool:
        return isinstance(value, int) and self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class Amount:
    """A decimal number within bounds, both allowed, with so many decimals at most."""

    least: int
    most: int
    decimals: int = 2

    @property
    def expected(self) -> str:
        return f"a number {self.least} to {self.most} of at most {self.decimals} decimals"

    def allows(self, value: object) -> bool:
        if not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            return False
        within = self.least <= value <= self.most
        return within and Decimal(value).scaleb(self.decimals) % 1 == 0


@dataclass(frozen=True, slots=True)
class Only:
    """One text and no other."""

    text: str

    @property
    def expected(self) -> str:
        return self.text

    def allows(self, value: object) -> bool:
        return value == self.text


@dataclass(frozen=True, slots=True)
class Shaped:
    """A text that a regular expression matches."""

    pattern: str
    expected: str

    def allows(self, value: object) -> bool:
        return re.fullmatch(self.pattern, str(value)) is not None


def written(path: Path) -> str:
    """A path as a policy's reader writes it: `profile.fields[2].key`."""
    return "".join(map(_step, path)).removeprefix(".")


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if re.fullmatch(r"[\w-]+", step, re.ASCII) else f".{step!r}"


def read_table(kind: type[_Table], document: Mapping[str, object], **given: object) -> _Table:
    """The table, with `given` for fields that no file has; raises InvalidPolicy."""
    reading = _Reading()
    found = reading.table(kind, document, (), given)
    if reading.wrong:
        raise InvalidPolicy(reading.wrong)
    read: _Table = found
    return read


_WRONG: Final = object()
"Stands for a value that could not be read."


class _Reading:
    """One reading of a file, and all that was wrong with it."""

    def __init__(self) -> None:
        self.wrong: list[WrongValue] = []

    def table(self, kind: Any, value: Any, path: Path, given: Mapping[str, object]) -> Any:
        if not isinstance(value, Mapping):
            return self._refuse(path, f"expected a table, found {value!r}")
        before = len(self.wrong)
        read = {**given, **self._fields(kind, value, path, given)}
        if len(self.wrong) > before:
            return _WRONG
        made = kind(**read)
        if isinstance(made, Checked):
            for each in made.contradictions():
                self._refuse((*path, *each.path), each.problem)
        return made

    def _fields(
        self, kind: Any, value: Mapping[str, object], path: Path, given: Mapping[str, object]
    ) -> dict[str, Any]:
        hints = get_type_hints(kind, include_extras=True)
        known = {field.name: field for field in fields(kind) if field.name not in given}
        for key in sorted(value.keys() - known.keys()):
            self._refuse((*path, key), f"unknown key; known are {', '.join(known)}")
        for name, field in known.items():
            if name not in value and field.default is MISSING:
                self._refuse((*path, name), f"expected {_expected(hints[name])}, found nothing")
        return {
            name: self._value(hints[name], value[name], (*path, name))
            for name in known
            if name in value
        }

    def _value(self, hint: Any, value: Any, path: Path) -> Any:
        hint = _without_none(hint)
        if is_dataclass(hint):
            return self.table(hint, value, path, {})
        if get_origin(hint) is tuple:
            return self._list(get_args(hint)[0], value, path)
        if not _fits(hint, value):
            return self._refuse(path, f"expected {_expected(hint)}, found {_shown(value)}")
        return _kind(hint)(value) if _is_enum(hint) or _kind(hint) is Decimal else value

    def _list(self, hint: Any, value: Any, path: Path) -> Any:
        if not isinstance(value, list):
            return self._refuse(path, f"expected a list, found {value!r}")
        return tuple(self._value(hint, each, (*path, place)) for place, each in enumerate(value))

    def _refuse(self, path: Path, problem: str) -> object:
        self.wrong.append(WrongValue(path, problem))
        return _WRONG


def _fits(hint: Any, value: object) -> bool:
    if _is_enum(hint):
        return value in list(hint)
    kind = _kind(hint)
    # TOML writes a decimal number without decimals as a whole one.
    if type(value) is not kind and not (kind is Decimal and type(value) is int):
        return False
    if kind is str and not str(value).strip():
        return False
    return all(rule.allows(value) for rule in getattr(hint, "__metadata__", ()))


def _kind(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _shown(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _expected(hint: Any) -> str:
    hint = _without_none(hint)
    if get_origin(hint) is Annotated:
        return str(hint.__metadata__[0].expected)
    if _is_enum(hint):
        return f"one of {', '.join(hint)}"
    if get_origin(hint) is tuple:
        return "a list"
    return "a table" if is_dataclass(hint) else _NAMES[hint]


_NAMES: Final = {str: "a text", bool: "true or false", date: "a date like 2026-04-01"}


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in {Union, UnionType}:
        return hint
    (kind,) = (each for each in get_args(hint) if each is not NoneType)
    return kind


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, StrEnum)
