"""Things that each get their turn once a round, spread evenly over its parts."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Turns(Generic[Item]):
    """A round of an even number of parts, each with the items whose turn it is then."""

    def __init__(self, parts: int) -> None:
        self._parts: list[dict[Item, None]] = [{} for _ in range(parts)]
        self._part_of: dict[Item, int] = {}
        self._now = 0
        self._added = 0

    def __len__(self) -> int:
        return len(self._part_of)

    def add(self, item: Item) -> None:
        """Give an item a turn in every round; its first one comes after half a round to a whole one."""
        half = len(self._parts) // 2
        part = (self._now + 1 + half + self._added % half) % len(self._parts)
        self._added += 1
        self._parts[part][item] = None
        self._part_of[item] = part

    def discard(self, item: Item) -> None:
        part = self._part_of.pop(item, None)
        if part is not None:
            del self._parts[part][item]

    def next(self) -> list[Item]:
        """Go on to the next part of the round; answers whose turn it is."""
        self._now = (self._now + 1) % len(self._parts)
        return list(self._parts[self._now])
