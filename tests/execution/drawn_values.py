"""Values of arguments and variables, right ones and wrong ones, and usage to ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import numpy as np
from graphql import GraphQLEnumType, get_named_type, get_nullable_type, is_list_type

from domain.readings import Quality
from domain.slots import TOKYO
from schema.nodes import node_id
from tests.execution.memory_portal import BILL, INVOICE, NOW, OTHERS, OWN, Usage

IDS: Final = (
    *(node_id("Facility", number) for number in OWN * 20),
    node_id("Facility", OTHERS),
    node_id("Facility", 999),
    node_id("Member", "mine"),
    node_id("Member", "other"),
    node_id("Bill", BILL.id),
    node_id("Invoice", INVOICE.id),
    "no id",
)
WRONG: Final[Sequence[Any]] = (None, "x", 5, 1e300, True, [], {}, [None])
_HALF_HOUR: Final = timedelta(minutes=30)
_EARLY: Final = 0.03
"Share of spans that begin before the portal's history, or may do."


@dataclass(frozen=True, slots=True)
class Declaration:
    """A variable as it is declared; `good` are values that it takes."""

    kind: str
    good: Sequence[Any]

    @property
    def may_be_omitted(self) -> bool:
        return "=" in self.kind or not self.kind.endswith("!")


CONDITIONS: Final = {
    "$yes": Declaration("Boolean!", (True, True, True, False)),
    "$no": Declaration("Boolean! = false", (False, False, False, True)),
    "$perhaps": Declaration("Boolean = true", (True, False)),
}

NESTED: Final = {"$kind": Declaration("ContractKind", ("GAS",))}
"In a literal of an input object."


class Variables:
    """Values of the variables that a query declares."""

    def __init__(self, chance: Random, declared: Mapping[str, Declaration]) -> None:
        self._chance = chance
        self._declared = declared

    def drawn(self) -> tuple[dict[str, Any], str]:
        """Values as a client sends them, and the text of the declarations."""
        wrong = self._chance.randint(0, 9) == 0
        values: dict[str, Any] = {}
        for name, declaration in self._declared.items():
            how = self._chance.choice("gggggow" if wrong else "gggo")
            if how == "w":
                values[name[1:]] = self._chance.choice(WRONG)
            elif how == "g" or not (wrong or declaration.may_be_omitted):
                values[name[1:]] = self._chance.choice(declaration.good)
        kinds = ", ".join(f"{name}: {one.kind}" for name, one in self._declared.items())
        return values, f" ({kinds})" if kinds else ""


Choices = tuple[Mapping[str, Declaration], Sequence[str]]
"Variables and literals that an argument takes."


class Arguments:
    """What arguments of the schema take; spans begin at or after `start` and have these slots."""

    def __init__(self, start: datetime, lengths: Sequence[int]) -> None:
        self._starts = [_text(start), _text(start.astimezone(UTC) + _HALF_HOUR)]
        self._ends = [_text(start + length * _HALF_HOUR) for length in lengths]

    def of(self, name: str, kind: Any) -> Choices:
        named: Any = get_named_type(kind)
        if isinstance(named, GraphQLEnumType):
            return _enum(name, named)
        if is_list_type(get_nullable_type(kind)):
            return _ids()
        return self._instant(name) if named.name == "DateTime" else _of_named(name, named.name)

    def _instant(self, name: str) -> Choices:
        texts = self._starts if name == "from" else self._ends
        return {f"${name}": Declaration("DateTime!", texts)}, list(map(_quoted, texts))


def _of_named(name: str, kind: str) -> Choices:
    match kind:
        case "ID":
            declared = {
                "$id": Declaration("ID!", IDS),
                "$own": Declaration(f"ID = {_quoted(IDS[0])}", IDS[:2]),
            }
            return declared, list(map(_quoted, IDS))
        case "Int":
            return _whole(name)
        case "FacilityFilter":
            return _filter()
        case "Date":
            return {"$on": Declaration("Date", ("2026-01-01",))}, ['"2026-10-16"', "null"]
    if name == "key":
        return {"$key": Declaration("String!", ("denki-jtb", ""))}, ['"denki-jtb"']
    return {f"${name}": Declaration("String = null", (None, None, None, "x"))}, ["null"] * 3


def _enum(name: str, kind: GraphQLEnumType) -> Choices:
    values = list(kind.values)
    literals = values + values[:1] * len(values)
    declared = {
        f"${name}": Declaration(f"{kind.name}!", literals),
        f"${name}Or": Declaration(f"{kind.name} = {values[-1]}", values),
    }
    return declared, literals


def _ids() -> Choices:
    declared = {"$ids": Declaration("[ID!]!", [IDS[:2], [*IDS[:1], *IDS[-6:]], [], IDS[0]])}
    lists = [IDS[:1], IDS[:1], IDS[:2], IDS[:2], [], [*IDS[-4:], *IDS[:1]]]
    return declared, [f"[{', '.join(map(_quoted, ids))}]" for ids in lists]


def _whole(name: str) -> Choices:
    declared = {
        f"${name}": Declaration("Int", (1, 2, 100)),
        f"${name}Or": Declaration("Int = 2", (1, 1, 0)),
    }
    return declared, [*["1", "2", "100"] * 5, "0", "101"]


def _filter() -> Choices:
    good: Sequence[Any] = ({"area": "東京"}, {"contractKind": "GAS"}, {"area": None}, {})
    declared = {"$filter": Declaration("FacilityFilter", good)}
    return declared, ["{}", '{area: "東京", contractKind: $kind}']


def _quoted(text: str) -> str:
    return f'"{text}"'


def _text(instant: datetime) -> str:
    return instant.isoformat()


def arguments(chance: Random, lengths: Sequence[int]) -> Arguments:
    """Spans of some of these lengths, in slots."""
    local = (NOW - timedelta(chance.choice((1, 2, 40, *range(1, 700, 30))))).astimezone(TOKYO)
    minute = chance.choice((0, 0, 0, 30, 10))
    start = local.replace(hour=chance.randint(0, 23), minute=minute)
    if chance.random() < _EARLY:
        start -= timedelta(700)
    return Arguments(start, chance.choices(lengths, k=2))


def usage(chance: Random, *, keeps: bool = False) -> Usage:
    """A short run again and again, or many values up to some highest one."""
    length = chance.choice((1, 2, 5, 1009, 1009))
    highest = chance.choice((0, 1, 999, 99_999, 100_000, 2_000_000_000))
    kinds = chance.choices(list(Quality), k=chance.randint(1, 4))
    quality = np.array(chance.choices(kinds, k=length), np.int32)
    wh = np.array([chance.randint(0, highest) for _ in range(length)], np.int32)
    revision = np.array(chance.choices((0, 0, 1, 12), k=length), np.int32)
    missing = quality == Quality.MISSING
    return Usage(np.where(missing, 0, wh), quality, np.where(missing, 0, revision), keeps)
