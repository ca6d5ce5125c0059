"""Amounts that a document says, or says once its variables are known."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Coerced = Mapping[str, Any]
"Variables by their names."
Told = Callable[[Coerced], int]
"A number that variables tell."


class Sum:
    """A number, and some that variables tell, each so many times."""

    __slots__ = ("known", "later")

    def __init__(self, known: int, later: Sequence[tuple[Told, int]]) -> None:
        self.known = known
        self.later = later

    def of(self, variables: Coerced) -> int:
        """What it comes to."""
        found = self.known
        for told, times in self.later:
            found += told(variables) * times
        return found


Amount = int | Sum


def told(amount: Told) -> Sum:
    """What variables tell."""
    return Sum(0, [(amount, 1)])


def amount_of(amount: Amount, variables: Coerced) -> int:
    return amount if isinstance(amount, int) else amount.of(variables)


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum; what is told by the same is told once."""
    known = 0
    later: dict[Told, int] = {}
    for amount in amounts:
        if isinstance(amount, int):
            known += amount
            continue
        known += amount.known
        for each, times in amount.later:
            later[each] = later.get(each, 0) + times
    return Sum(known, list(later.items())) if later else known


def product(size: Amount, each: Amount) -> Amount:
    if isinstance(size, int):
        return _scaled(each, size)
    if isinstance(each, int):
        return _scaled(size, each)
    return told(lambda variables: size.of(variables) * each.of(variables))


def largest(amounts: Iterable[Amount]) -> Amount:
    """The largest of at least one."""
    kept = list(amounts)
    if len(kept) == 1:
        return kept[0]
    numbers = [amount for amount in kept if isinstance(amount, int)]
    if len(numbers) == len(kept):
        return max(numbers)
    return told(lambda variables: max(amount_of(amount, variables) for amount in kept))


def _scaled(amount: Amount, factor: int) -> Amount:
    if isinstance(amount, int):
        return amount * factor
    if not factor:
        return 0
    later = [(each, times * factor) for each, times in amount.later]
    return Sum(amount.known * factor, later)
