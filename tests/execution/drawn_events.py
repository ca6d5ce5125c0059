"""A schema of subscriptions with nothing but plain fields, and payloads for them, right and wrong."""

from collections.abc import AsyncGenerator, Generator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from random import Random
from types import SimpleNamespace
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import strawberry
from graphql import (
    GraphQLError,
    GraphQLNonNull,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from schema.scalars import DATE_TIME


@strawberry.enum
class Colour(Enum):
    RED = "r"
    GREEN = "g"


@strawberry.enum
class Size(IntEnum):
    SMALL = 0
    BIG = 1


@strawberry.enum
class Mood(StrEnum):
    GOOD = "good"
    POOR = "bad"


@strawberry.type
class Plain:
    text: str
    note: str | None
    whole: int
    count: int | None
    real: float
    share: float | None
    sure: bool
    perhaps: bool | None
    key: strawberry.ID
    colour: Colour
    size: Size | None
    mood: Mood | None
    at: datetime
    until: datetime | None
    price: Decimal | None
    anything: JSON | None
    numbers: list[int | None]
    colours: list[Colour] | None
    grid: list[list[float]] | None
    from_: str | None
    inner: "Plain | None"
    rest: list["Plain | None"] | None


@strawberry.type
class Query:
    nothing: int | None = None


async def plain(info: strawberry.Info) -> AsyncGenerator[Plain, None]:
    for payload in info.context:
        yield payload


async def perhaps(
    info: strawberry.Info, ids: list[strawberry.ID]
) -> AsyncGenerator[Plain | None, None]:
    for payload in info.context:
        yield payload


async def several(
    info: strawberry.Info, first: int | None = None
) -> AsyncGenerator[list[Plain], None]:
    for payload in info.context:
        yield payload


async def counted(info: strawberry.Info) -> AsyncGenerator[int, None]:
    for payload in info.context:
        yield payload


@strawberry.type
class Subscription:
    """Each yields what the context has, whatever the arguments."""

    plain = strawberry.subscription(resolver=plain)
    perhaps = strawberry.subscription(resolver=perhaps)
    several = strawberry.subscription(resolver=several)
    counted = strawberry.subscription(resolver=counted)


class PlainSchema(strawberry.Schema):
    def __init__(self) -> None:
        config = StrawberryConfig(scalar_map={datetime: DATE_TIME})
        super().__init__(Query, subscription=Subscription, config=config)
        self.kind: Any = self._schema.type_map["Plain"]

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """They are looked for, not logged."""


PLAIN: Final = PlainSchema()
LEAVES: Final = {
    name: field.extensions["strawberry-definition"].python_name
    for name, field in PLAIN.kind.fields.items()
    if is_leaf_type(get_nullable_type(field.type))
}
"Python names of the leaves of `Plain`."


class Later:
    """What must be awaited first."""

    def __await__(self) -> Generator[None, None, str]:
        yield from ()
        return "later"


_ZONE: Final = ZoneInfo("America/New_York")
_INSTANT: Final = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
_TWICE: Final = datetime(2026, 11, 1, 1, 30, tzinfo=_ZONE)

RIGHT: Final[dict[str, Sequence[Any]]] = {
    "String": ("", "電気", '"\0\\', Mood.GOOD, 5, 1.5, True, Decimal("1.50"), UTC),
    "Int": (0, 1, -(2**31), 2**31 - 1, True, 3.0, "7", Size.BIG, np.int64(5), Decimal(4)),
    "Float": (0.0, -0.0, 0.1, 1e300, 5e-324, 7, True, "2.5", np.float64(0.1), Decimal("0.3")),
    "Boolean": (True, False, 1, 0.0, np.True_),
    "ID": ("a", "", 5, 5.0, Mood.GOOD),
    "Colour": (*Colour, "r"),
    "Size": (*Size, 0, 1, True, 1.0),
    "Mood": (*Mood, "good", "bad"),
    "DateTime": (
        _INSTANT,
        _INSTANT.replace(microsecond=5),
        _INSTANT.astimezone(timezone(timedelta(hours=9))),
        _TWICE,
        _TWICE.replace(fold=1),
    ),
    "Date": (date(2026, 11, 22), datetime(2026, 11, 22, tzinfo=UTC)),
    "Decimal": (Decimal("1.0"), Decimal("1.00"), 1, 1.0, True, "1"),
    "JSON": ({}, {"b": [1, 2.5], "a": None}, [], "text", 0, False, float("nan")),
}
WRONG: Final[dict[str, Sequence[Any]]] = {
    "String": (b"x", [], "\ud800"),
    "Int": (2**31, -(2**31) - 1, 1.5, float("nan"), "x", 10**400, None),
    "Float": (float("nan"), float("inf"), -float("inf"), 2**53 + 1, "nan", 10**400, ()),
    "Boolean": ("x", float("nan"), []),
    "ID": (True, 1.5, b""),
    "Colour": ("PURPLE", [], Size.BIG),
    "Size": (7, "SMALL", {}),
    "Mood": ("GOOD", 0, []),
    "DateTime": ("2026-11-22", 5),
    "Decimal": (),
    "JSON": (object(), {1: 2}),
}
NOWHERE_RIGHT: Final = (None, Undefined, LookupError("returned, not raised"), Later())


class Payloads:
    """Draws what a field may be given; a share of all values is wrong for its type."""

    def __init__(self, chance: Random, wrong: float = 0) -> None:
        self._chance = chance
        self._wrong = wrong

    def of(self, kind: Any, depth: int = 0) -> Any:
        """A value for a GraphQL type."""
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, depth)
        return self._chance.choice((None, self._present(kind, depth), self._present(kind, depth)))

    def _present(self, kind: Any, depth: int) -> Any:
        is_wrong = self._chance.random() < self._wrong
        if is_wrong and self._chance.random() < 0.5:
            return self._chance.choice(NOWHERE_RIGHT)
        if is_leaf_type(kind):
            return self._chance.choice((is_wrong and WRONG[kind.name]) or _right(kind))
        if is_list_type(kind):
            return self._list(kind.of_type, depth, is_wrong)
        return self._object(kind, depth, is_wrong)

    def _list(self, kind: Any, depth: int, is_wrong: bool) -> Any:
        values = [self.of(kind, depth) for _ in range(self._chance.choice((0, 1, 2)))]
        if is_wrong:
            return self._chance.choice((iter(values), dict.fromkeys(range(2)), "ab", 5))
        return self._chance.choice((values, tuple(values)))

    def _object(self, kind: Any, depth: int, is_wrong: bool) -> Any:
        fields = {
            field.extensions["strawberry-definition"].python_name: field.type
            for field in kind.fields.values()
        }
        values = {
            name: None if depth and name in {"inner", "rest"} else self.of(field, depth + 1)
            for name, field in fields.items()
        }
        if is_wrong:
            del values[self._chance.choice(list(values))]
        return SimpleNamespace(**values)


def _right(kind: Any) -> Sequence[Any]:
    return RIGHT[kind.name] if kind.name in RIGHT else list(kind.wrapped_cls)
