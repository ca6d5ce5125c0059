"""Lines of a file as records, the facilities that they are about, and whose those are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias, TypeVar

from datasources.reading_lines import json_object
from domain.facilities import Facility
from domain.readings import InvalidReading, Rejection
from domain.record_fields import InvalidRecord
from resolvers.sources import Sources

Item = TypeVar("Item")
Lines: TypeAlias = Sequence[tuple[int, bytes]]
"Numbered from 1."


def parsed(
    lines: Lines, parse: Callable[[Mapping[str, object]], Item]
) -> tuple[list[tuple[int, Item]], list[Rejection]]:
    """Records of lines with their numbers, and a rejection for each that is none."""
    items, rejections = [], []
    for number, line in lines:
        try:
            items.append((number, parse(json_object(line))))
        except (InvalidReading, InvalidRecord) as error:
            rejections.append(Rejection(number, str(error)))
    return items, rejections


class _OfSupplyPoint(Protocol):
    @property
    def supply_point(self) -> str: ...


Placed = TypeVar("Placed", bound=_OfSupplyPoint)


async def with_facility(
    sources: Sources, items: Sequence[tuple[int, Placed]]
) -> tuple[list[tuple[int, Placed, Facility]], list[Rejection]]:
    """Records with the facility of their supply point, and a rejection for those without one."""
    numbers = await sources.facilities.numbers_of({item.supply_point for _, item in items})
    facilities = await sources.facilities.by_numbers(list(numbers.values()))
    known = [
        (line, item, facilities[numbers[item.supply_point]])
        for line, item in items
        if item.supply_point in numbers
    ]
    unknown = [
        Rejection(line, f"no facility has supply point number {item.supply_point}")
        for line, item in items
        if item.supply_point not in numbers
    ]
    return known, unknown


async def give_to_owners(sources: Sources, facilities: Iterable[Facility]) -> None:
    """Give what was stored as nobody's to who has registered the contract just before."""
    numbers = {(each.portal, each.customer_number) for each in facilities if not each.owner}
    for portal, number in numbers:
        if member := await sources.contracts.settled_member(portal, number):
            await sources.facilities.give(portal, number, member)
