"""The ways in which the conditions of an operation come out: what its variables skip and include."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from graphql import DirectiveNode, DocumentNode, VariableNode, Visitor, visit

Made = TypeVar("Made")

_MOST_OUTCOMES: Final = 16
"Of one operation: its conditions may come out in so many ways."


class Outcomes(Generic[Made]):
    """What is made of an operation once for every way in which its conditions come out."""

    def __init__(self, conditions: Sequence[str]) -> None:
        self._conditions = conditions
        self._made: dict[Hashable, Made | None] = {}

    def of(self, coerced: Mapping[str, Any], make: Callable[[], Made | None]) -> Made | None:
        """What `make` makes for these variables; None where it can't, or has been too often."""
        outcome = tuple([coerced.get(name) for name in self._conditions])
        if outcome not in self._made:
            if len(self._made) >= _MOST_OUTCOMES:
                return None
            self._made[outcome] = make()
        return self._made[outcome]


def conditions(document: DocumentNode) -> Sequence[str]:
    """Names of the variables in the arguments of directives."""
    found = _Conditions()
    visit(document, found)
    return sorted(found.names)


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names.add(argument.value.name.value)
