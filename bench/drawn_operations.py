"""Operations that nobody would write, drawn from the schema by chance: most are valid, some in no way.

Whatever a client can say is drawn: any field of any type, aliases, fragments, directives, variables,
arguments that make sense and such that don't, damaged documents, and bodies that are no request.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

_DEEPEST: Final = 9
_ABSURD: Final = 0.015
"How likely it is that a value is of another kind than its type."
_TEXTS: Final = (
    "",
    "a",
    "検針 太郎",
    "ケンシン タロウ",
    "09012345678",
    "160-0022",
    "somebody@example.jp",
    "denki-jtb",
    "hepco",
    "2040-06-15",
    "\0",
    "\ud7ff\ue000",
    "😀",
    "\u202e",
    '"\\\n',
    "%s{}$ne",
    "9" * 30,
    "x" * 3000,
)
_INTEGERS: Final = (0, 1, 1, 1, 2, 2, 3, 5, 7, 10, 10, 20, 31, 99, 100, 101, 1000, -1, 2**31 - 1)
_HUGE: Final = (-(2**31), 2**31, 10**30)
_FLOATS: Final = (0.0, 0.5, -1.5, 1e308, 123456789.25)
_DAYS: Final = (0, 0, 1, 7, 30, 365, 800, -1, -400)
_BAD_DATES: Final = ("2026-02-30", "0001-01-01", "9999-12-31", "15.6.2040", "2040-06-15T00:00:00")
_BAD_INSTANTS: Final = (
    "0001-01-01T00:00:00+09:00",
    "9999-12-31T23:59:59.999999+14:00",
    "2040-06-15T00:00:00",
    "2040-06-15T24:61:00Z",
    "now",
)
_DAMAGE: Final = '{}()[]$@!:|&."\\#,\0\n…\ufeff a1'
_ABSURDITIES: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    1.5,
    "x",
    [],
    [[]],
    {},
    {"a": 1},
    [None] * 3,
)


class Literal(str):
    """A name of an enum, which a document has without quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What makes arguments meaningful: ids of objects, the asker's and others', and the present day."""

    ids: Sequence[str]
    today: date
    weights: Mapping[str, int] = field(default_factory=dict)
    "How much likelier than others some fields are."


@dataclass(frozen=True, slots=True)
class DrawnOperation:
    """What is sent: `body` is the JSON of a request."""

    kind: str
    body: Any


class Drawing:
    """One operation as it is drawn."""

    def __init__(self, chance: Random, schema: GraphQLSchema, known: Known) -> None:
        self._chance = chance
        self._schema = schema
        self._known = known
        self._names = 0
        self._fragments: list[str] = []
        self._declared: dict[str, str] = {}
        self._variables: dict[str, Any] = {}

    def operation(self, kinds: Sequence[str]) -> DrawnOperation:
        """An operation of one of these kinds, perhaps damaged."""
        kind = self._chance.choice(kinds)
        root = getattr(self._schema, f"{kind}_type")
        body = self._selection(root, 0, 1 if kind == "subscription" else 3)
        declared = " ".join(f"${name}: {kind}" for name, kind in self._declared.items())
        variables = f" Drawn({declared})" if declared else ""
        text = "\n".join([f"{kind}{variables} {body}", *self._fragments])
        if self._likely(0.06):
            text = self._damaged(text)
        request: Any = {"query": text, "variables": self._variables}
        return DrawnOperation(kind, self._spoilt(request) if self._likely(0.03) else request)

    def _selection(self, kind: Any, depth: int, most: int = 4) -> str:
        if is_abstract_type(kind):
            return self._of_several(kind, depth)
        fields = [
            (name, one)
            for name, one in kind.fields.items()
            if depth < _DEEPEST or is_leaf_type(get_named_type(one.type))
        ]
        weights = [self._known.weights.get(name, 1) for name, _ in fields]
        count = self._chance.randint(1, most)
        chosen = self._chance.choices(fields, weights, k=count) if fields else []
        items = [self._field(name, one, depth) for name, one in chosen]
        if depth and (not items or self._likely(0.1)):
            items.append("__typename")
        if not depth and kind is self._schema.query_type and self._likely(0.03):
            items.append("__schema { types { name fields { name type { name } } } }")
        return f"{{ {' '.join(items)} }}"

    def _of_several(self, kind: Any, depth: int) -> str:
        possible = self._schema.get_possible_types(kind)
        items = [
            f"... on {one.name} {self._selection(one, depth + 1)}"
            for one in self._chance.sample(possible, self._chance.randint(1, len(possible)))
        ]
        return f"{{ __typename {' '.join(items)} }}"

    def _field(self, name: str, one: GraphQLField, depth: int) -> str:
        arguments = self._arguments(one.args)
        # Two of one name could not be merged where their arguments differ.
        alias = f"{self._name('a')}: " if arguments or self._likely(0.1) else ""
        text = f"{alias}{name}{arguments}{self._condition()}"
        inner = get_named_type(one.type)
        if is_leaf_type(inner):
            return text
        selection = self._selection(inner, depth + 1)
        if self._likely(0.1):
            selection = self._in_fragment(inner, selection)
        return f"{text} {selection}"

    def _in_fragment(self, kind: Any, selection: str) -> str:
        if self._likely(0.5):
            return f"{{ ... {self._condition()} {selection} }}"
        name = self._name("F")
        self._fragments.append(f"fragment {name} on {kind.name} {selection}")
        return f"{{ ...{name} }}"

    def _condition(self) -> str:
        if not self._likely(0.04):
            return ""
        held = self._chance.choice(("true", "false", "$condition"))
        if held == "$condition":
            self._declared["condition"] = "Boolean!"
            self._variables["condition"] = self._likely(0.5)
        return f" @{self._chance.choice(('skip', 'include'))}(if: {held})"

    def _arguments(self, args: Mapping[str, GraphQLArgument]) -> str:
        given = {
            name: self._given(one)
            for name, one in args.items()
            if self._likely(0.98 if isinstance(one.type, GraphQLNonNull) else 0.5)
        }
        return f"({', '.join(f'{name}: {text}' for name, text in given.items())})" if given else ""

    def _given(self, one: GraphQLArgument) -> str:
        value = self._value(one.type)
        if not self._likely(0.4):
            return literal(value)
        name = self._name("v")
        self._declared[name] = str(one.type)
        if not self._likely(0.03):
            self._variables[name] = value
        return f"${name}"

    def _value(self, kind: Any) -> Any:
        if self._likely(_ABSURD):
            return self._chance.choice(_ABSURDITIES)
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type)
        if isinstance(kind, GraphQLList):
            count = 150 if self._likely(0.02) else self._chance.randint(0, 3)
            return [self._value(kind.of_type) for _ in range(count)]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                name: self._value(one.type)
                for name, one in kind.fields.items()
                if self._likely(0.97 if _is_required(one) else 0.6)
            }
        if isinstance(kind, GraphQLEnumType):
            return Literal(self._chance.choice(list(kind.values)))
        return self._scalar(kind.name)

    def _scalar(self, kind: str) -> Any:
        choose = self._chance.choice
        day = self._known.today - timedelta(days=choose(_DAYS))
        match kind:
            case "ID":
                return choose(self._known.ids if self._likely(0.85) else _TEXTS)
            case "Int":
                return choose(_INTEGERS if self._likely(0.98) else _HUGE)
            case "Float" | "Boolean":
                return choose(_FLOATS if kind == "Float" else (True, False))
            case "Date":
                return choose([day.isoformat()] * 9 + [choose(_BAD_DATES)])
            case "DateTime":
                return choose([f"{day}T00:00:00+09:00"] * 9 + [choose(_BAD_INSTANTS)])
        return choose(_TEXTS)

    def _damaged(self, text: str) -> str:
        """The text with a piece of it lost, doubled, or something else in its place."""
        at = self._chance.randrange(len(text))
        end = at + self._chance.randint(0, 12)
        put = self._chance.choice(("", text[at:end] * 2, self._chance.choice(_DAMAGE)))
        return text[:at] + put + text[end:]

    def _spoilt(self, request: dict[str, Any]) -> Any:
        """The request with something in it that no request has."""
        place = self._chance.choice(("query", "variables", "operationName", "extensions", ""))
        absurd = self._chance.choice(_ABSURDITIES)
        if not place:
            return self._chance.choice((absurd, [request], [request] * 3))
        return request | {place: absurd}

    def _likely(self, share: float) -> bool:
        return self._chance.random() < share

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"


def literal(value: Any) -> str:
    """A value as a document has it."""
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {literal(one)}' for name, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value)


def _is_required(one: GraphQLInputField) -> bool:
    return isinstance(one.type, GraphQLNonNull)


def root_fields(schema: GraphQLSchema, kind: str) -> Sequence[str]:
    """Names of all that can be asked for at the top."""
    root: GraphQLObjectType = getattr(schema, f"{kind}_type")
    return list(root.fields)
