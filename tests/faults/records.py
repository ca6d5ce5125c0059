"""What a client must have heard in the end: every reading exactly once by name, in order."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple


class Name(NamedTuple):
    """What names a reading, as `docs/live.md` has it."""

    facility_id: str
    direction: str
    start_at: str
    revision: int


@dataclass(frozen=True, slots=True)
class Reading:
    name: Name
    kwh: float

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Reading":
        """A reading as the API answers it."""
        name = (answer[key] for key in ("facilityId", "direction", "startAt", "revision"))
        return cls(Name(*name), answer["kwh"])


def faults(stored: Sequence[Reading], heard: Sequence[Reading]) -> list[str]:
    """What is wrong with a client's record; nothing when it has all that was stored, exactly once.

    `stored` is in the order of first storage. Of a half hour that was replaced, only the newest
    revision must be there.
    """
    places = {reading: place for place, reading in enumerate(stored)}
    counts = Counter(heard)
    return [
        *(f"never stored: {reading}" for reading in counts if reading not in places),
        *(f"came {count} times: {reading}" for reading, count in counts.items() if count > 1),
        *(f"missing: {reading}" for reading in newest(stored) if reading not in counts),
        *_disorder([reading for reading in heard if reading in places], places),
    ]


def newest(readings: Iterable[Reading]) -> list[Reading]:
    """The last revision of every half hour."""
    return list({reading.name[:3]: reading for reading in readings}.values())


def missing(stored: Sequence[Reading], heard: Sequence[Reading]) -> list[Reading]:
    """What a client has yet to hear."""
    known = set(heard)
    return [reading for reading in newest(stored) if reading not in known]


def first_of_each(heard: Iterable[Reading]) -> list[Reading]:
    """What is left when a client drops what it has seen already."""
    return list(dict.fromkeys(heard))


def spoiled(heard: Sequence[Reading]) -> Iterator[list[Reading]]:
    """The same record with one fault each: something lost, repeated, swapped, altered or foreign."""
    final = [heard.index(reading) for reading in newest(heard)]
    for place in (final[0], final[len(final) // 2], final[-1]):
        before, one, after = heard[:place], heard[place], heard[place + 1 :]
        yield [*before, *after]
        yield [*before, one, one, *after]
        yield [*heard, one]
        yield [*before, replace(one, kwh=one.kwh + 0.001), *after]
        yield [*before, one, replace(one, name=one.name._replace(revision=9)), *after]
    for first, second in _neighbours(heard):
        swapped = list(heard)
        swapped[first], swapped[second] = heard[second], heard[first]
        yield swapped


def _disorder(heard: Iterable[Reading], places: dict[Reading, int]) -> Iterator[str]:
    """Readings that came before one of their facility that was stored earlier."""
    last: dict[str, Reading] = {}
    for reading in heard:
        earlier = last.get(reading.name.facility_id)
        if earlier is not None and places[reading] < places[earlier]:
            yield f"out of order: {reading} after {earlier}"
        last[reading.name.facility_id] = reading


def _neighbours(heard: Sequence[Reading]) -> list[tuple[int, int]]:
    """Two places that follow each other in a facility's order, at either end of a record."""
    facility = heard[0].name.facility_id
    own = [place for place, reading in enumerate(heard) if reading.name.facility_id == facility]
    pairs = list(pairwise(own))
    return [pairs[0], pairs[-1]]
