"""A town to bill: as many homes as are asked for, read on the same day, with settled half hours."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
from bson import Int64
from tqdm import tqdm

from bench.household import PORTAL, new_facility, new_member
from datasources.collections import migrate
from datasources.usage_documents import day_documents
from domain.facilities import ReadingPeriod
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.simulation import Premises, PremisesKind, simulate
from domain.slots import day_of_date, first_slot
from domain.stored import QUALITY_BITS, day_key_range
from domain.usage_days import DayBlock
from resolvers.sources import Sources, open_sources

MONTH: Final = date(2026, 10, 1)
START: Final = date(2026, 9, 12)
END: Final = date(2026, 10, 12)
_DAYS: Final = (END - START).days
_PLANS: Final = ("lighting-b", "season-hours", "night-saver", "one-price")
_AT_ONCE: Final = 500
_SHAPES: Final = 64
"Of usage; the homes take them in turn."


@dataclass(frozen=True, slots=True)
class Town:
    """What there is to bill."""

    settings: Settings
    facilities: int

    @classmethod
    async def made(cls, settings: Settings, count: int) -> "Town":
        """Put it into an empty database."""
        sources = open_sources(settings)
        try:
            await migrate(sources.mongo)
            await _put(sources, count)
        finally:
            await sources.close()
        return cls(settings, count)

    async def forget_bills(self) -> None:
        """Let nothing be billed."""
        sources = open_sources(self.settings)
        try:
            for name in ("bills", "billRevisions"):
                await sources.mongo[name].delete_many({})
        finally:
            await sources.close()


async def _put(sources: Sources, count: int) -> None:
    member, _ = await new_member(sources)
    first = await _first(sources, member)
    period = await sources.mongo["readingPeriods"].find_one({})
    shapes = [
        simulate(Premises(seed, PremisesKind.HOME), day_of_date(START), _DAYS).drawn_wh
        for seed in range(min(_SHAPES, count))
    ]
    for begin in tqdm(range(1, count + 1, _AT_ONCE), desc="town", leave=False, disable=None):
        numbers = range(begin, min(begin + _AT_ONCE, count + 1))
        await sources.mongo["usageDays"].insert_many(
            [day for number in numbers for day in _days(number, shapes[number % len(shapes)])],
            ordered=False,
        )
        if others := numbers[begin == 1 :]:
            await sources.mongo["facilities"].insert_many([_facility(first, at) for at in others])
            await sources.mongo["readingPeriods"].insert_many(
                [_period(period, at) for at in others]
            )


async def _first(sources: Sources, member: str) -> dict[str, Any]:
    """The document of the first facility, whose reading period is put too."""
    facility = new_facility(member, 1)
    contract = replace(
        facility.contracts[0], plan=_PLANS[1], capacity=Decimal(4), capacity_unit="kVA"
    )
    number = await sources.facilities.put(replace(facility, contracts=(contract,)))
    period = ReadingPeriod(number, START, END, END, 1_000_000, 1_300_000, 300_000)
    await sources.periods.put([(PORTAL, member, period)], sources.clock())
    document: dict[str, Any] = await sources.mongo["facilities"].find_one({"_id": number})
    return document


def _facility(first: dict[str, Any], number: int) -> dict[str, Any]:
    return first | {
        "_id": Int64(number),
        "supplyPointNumber": f"03{number:020d}",
        "contracts": [first["contracts"][0] | {"plan": _PLANS[number % len(_PLANS)]}],
    }


def _period(first: dict[str, Any], number: int) -> dict[str, Any]:
    return first | {"_id": f"{number}/{START}", "facility": Int64(number)}


def _days(number: int, wh: "np.ndarray[Any, Any]") -> Iterator[Any]:
    low, high = day_key_range(
        number, Direction.IMPORT, first_slot(day_of_date(START)), first_slot(day_of_date(END))
    )
    block = DayBlock.empty(_DAYS)
    block.wh[:] = wh
    block.state[:] = 1 << QUALITY_BITS | Quality.SETTLED
    block.order[:] = np.arange(block.order.size).reshape(block.order.shape) + 1
    return iter(day_documents(block, np.arange(low, high + 1), np.arange(_DAYS)))
