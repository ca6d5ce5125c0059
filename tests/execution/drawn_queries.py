"""Queries drawn from the schema itself: selections, fragments, conditions, arguments, variables.

Response keys follow from field and arguments, so that fields of one key can always be merged.
"""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from tests.execution.drawn_values import CONDITIONS, NESTED, Arguments, Declaration, Variables

_DEEPEST: Final = 7
_UPPER: Final = 4
_MOST_FRAGMENTS: Final = 4

_ITEMS: Final = "FFFFFFFTIS"
"Fields, __typename, inline fragments and spreads."

_SURE: Final = "FFFFFFFIS"
_SIMPLE: Final = "FFT"
WEIGHTS: Final = {"facility": 9, "viewer": 2, "usage": 18, "points": 8, "columns": 5}
"How much likelier some fields are than others."

_OMITTED: Final = {"first": 1, "last": 200, "after": 20, "before": 20}
"How likely it is that an argument is left out; most pages need `first` and nothing else."

_RENAMED: Final = ("UsagePoint", "UsageColumns", "Address", "Reading", "Plain")
"Types whose fields may have each other's names."


class Query:
    """A query as it is drawn; `text` and `variables` are what a client sends."""

    _operation = "query"

    def __init__(
        self,
        chance: Random,
        schema: GraphQLSchema,
        arguments: Arguments,
        weights: Mapping[str, int] = WEIGHTS,
    ) -> None:
        self._weights = weights
        self._chance = chance
        self._schema = schema
        self._arguments = arguments
        self._fragments: dict[str, tuple[str, str]] = {}
        self._given: dict[tuple[str, str], list[str]] = {}
        self._keys: dict[str, Mapping[str, str]] = {}
        self._known: dict[str, Declaration] = CONDITIONS | NESTED
        self._declared: dict[str, Declaration] = {}
        body = self._body()
        self.variables, declarations = Variables(chance, self._declared).drawn()
        fragments = "".join(
            f"\nfragment {name} on {kind} {text}" for name, (kind, text) in self._fragments.items()
        )
        self.text = f"{self._operation}{declarations} {body}{fragments}"

    def _body(self) -> str:
        root = self._schema.query_type
        return self._selection(root, self._names(root, 0), 0)

    def _selection(self, kind: Any, names: Sequence[str], depth: int) -> str:
        count = self._chance.randint(1, 2 if depth == 0 else 3 if depth == 1 else 4)
        items = [self._item(kind, names, depth, _SURE if depth < _UPPER else _ITEMS)]
        items += [self._item(kind, names, depth, _ITEMS) for _ in range(count - 1)]
        return f"{{ {' '.join(items)} }}"

    def _item(self, kind: Any, names: Sequence[str], depth: int, kinds: str) -> str:
        what = self._chance.choice((kinds if depth < _DEEPEST else _SIMPLE) if names else "T")
        condition = self._condition()
        if what == "T":
            alias = self._chance.choice(["", "type: "])
            return f"{alias}__typename{condition}"
        if what == "I" or (what == "S" and depth == 0):
            return self._inline(kind, names, depth, condition)
        if what == "S":
            return f"...{self._fragment(kind, depth)}{condition}"
        return self._field(kind, self._chance.choice(names), depth, condition)

    def _inline(self, kind: Any, names: Sequence[str], depth: int, condition: str) -> str:
        on = self._chance.choice([None, *self._conditions_of(kind)])
        inner = kind if on is None else self._schema.type_map[on]
        if inner is not kind:
            names = self._names(inner, depth + 1)
        type_condition = "" if on is None else f" on {on}"
        return f"...{type_condition}{condition} {self._selection(inner, names, depth + 1)}"

    def _fragment(self, kind: Any, depth: int) -> str:
        on = self._chance.choice(self._conditions_of(kind))
        known = [name for name, (other, _) in self._fragments.items() if other == on]
        if known and (len(known) >= _MOST_FRAGMENTS or self._chance.random() < 0.5):
            return self._chance.choice(known)
        inner = self._schema.type_map[on]
        text = self._selection(inner, self._names(inner, depth + 1), depth + 1)
        name = f"f{len(self._fragments)}"
        self._fragments[name] = on, text
        return name

    def _field(self, kind: Any, name: str, depth: int, condition: str) -> str:
        field: GraphQLField = kind.fields[name]
        variant = self._chance.choice([0, 0, 0, 1])
        given = self._given.setdefault((kind.name, name), [])
        if not given:
            given += (self._arguments_text(field), self._arguments_text(field))
        aliased = variant > 0 or self._chance.choice([False, False, True])
        key = f"a{variant}_{name}" if aliased else self._renamed(kind)[name]
        alias = "" if key == name else f"{key}: "
        self._declare(given[variant])
        inner = get_named_type(field.type)
        below = ""
        if not is_leaf_type(inner):
            below = " " + self._selection(inner, self._names(inner, depth + 1), depth + 1)
        return f"{alias}{name}{given[variant]}{condition}{below}"

    def _names(self, kind: Any, depth: int) -> list[str]:
        """Fields to choose from: deep down only those that end there."""
        leaves = [n for n, f in kind.fields.items() if is_leaf_type(get_named_type(f.type))]
        return (
            leaves
            if depth >= _DEEPEST
            else [name for name in kind.fields for _ in range(self._weights.get(name, 1))]
        )

    def _renamed(self, kind: Any) -> Mapping[str, str]:
        names = list(kind.fields)
        if kind.name not in self._keys:
            rename = kind.name in _RENAMED and self._chance.random() < 0.5
            keys = self._chance.sample(names, len(names)) if rename else names
            self._keys[kind.name] = dict(zip(names, keys, strict=True))
        return self._keys[kind.name]

    def _conditions_of(self, kind: Any) -> list[str]:
        """Names of types that a fragment here may be on."""
        if is_abstract_type(kind):
            return [kind.name, *(one.name for one in self._schema.get_possible_types(kind))]
        return [kind.name, *(one.name for one in kind.interfaces)]

    def _condition(self) -> str:
        directive = self._chance.choice(["", "", "", "", "", "@skip", "@include"])
        if not directive:
            return ""
        usual = "false" if directive == "@skip" else "true"
        value = self._chance.choice([usual, usual, "true", "false", *CONDITIONS])
        self._declare(value)
        return f" {directive}(if: {value})"

    def _arguments_text(self, field: GraphQLField) -> str:
        given = {
            name: text
            for name, argument in field.args.items()
            if (text := self._argument(name, argument)) is not None
        }
        return f"({', '.join(f'{name}: {text}' for name, text in given.items())})" if given else ""

    def _argument(self, name: str, argument: GraphQLArgument) -> str | None:
        declared, literals = self._arguments.of(name, argument.type)
        required = isinstance(argument.type, GraphQLNonNull) and argument.default is None
        omitted = [None] * (0 if required else _OMITTED.get(name, 3))
        chosen = self._chance.choice([*literals, *declared, *omitted])
        self._known |= declared
        return chosen

    def _declare(self, text: str) -> None:
        """Declare the variables in a text."""
        self._declared |= {name: self._known[name] for name in re.findall(r"\$\w+", text)}

    def __repr__(self) -> str:
        return f"{self.text}\n{self.variables}"


class Subscription(Query):
    """A subscription as it is drawn: one field of this `kind`, perhaps in parts."""

    _operation = "subscription"

    def _body(self) -> str:
        root: Any = self._schema.subscription_type
        name = self._chance.choice(self._names(root, 0))
        self.kind = root.fields[name].type
        first = self._field(root, name, 0, "")
        inner = get_named_type(self.kind)
        if is_leaf_type(inner) or self._chance.random() < 0.5:
            return f"{{ {first} }}"
        again = f"{first.partition(' {')[0]} {self._selection(inner, self._names(inner, 1), 1)}"
        return f"{{ {first} ... {{ {again} }} }}"
