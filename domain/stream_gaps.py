"""What a subscriber lacks: places of its facilities' orders."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Gap(NamedTuple):
    """Places ``(after, until]`` of a facility's order."""

    facility: int
    after: int
    until: int

    @property
    def size(self) -> int:
        """How many readings it has at most: those that were replaced since are gone."""
        return self.until - self.after


def gaps_between(after: Mapping[int, int], until: Mapping[int, int]) -> list[Gap]:
    """What is stored up to some places and lies after others, of the facilities in `after`."""
    return [
        Gap(facility, place, until[facility])
        for facility, place in after.items()
        if place < until[facility]
    ]


def size_of(gaps: Iterable[Gap]) -> int:
    """How many readings lie in gaps at most."""
    return sum(gap.size for gap in gaps)


def first_places(gaps: Sequence[Gap], most: int) -> list[Gap]:
    """The first places of gaps, at most so many in all."""
    cut = []
    for facility, after, until in gaps:
        if most <= 0:
            break
        cut.append(Gap(facility, after, min(until, after + most)))
        most -= until - after
    return cut
