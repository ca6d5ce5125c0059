"""Who asks for series: a member with a session and many facilities, the first with years of usage."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.half_hours import HalfHours
from bench.household import PORTAL, new_facility, new_member
from bench.month_layout import USAGE_MONTHS, month_documents
from datasources.collections import migrate
from domain.facilities import Facility
from domain.settings import Settings
from domain.slots import SLOTS_PER_DAY, day_at
from resolvers.intake import store_columns
from resolvers.sources import Sources, open_sources
from schema.nodes import node_id

_SPARE: Final = timedelta(minutes=20)
"A run that goes on past midnight still asks for what the portal's history shows."


@dataclass(frozen=True, slots=True)
class Homes:
    """What was put into the database: usage ends with `end_day`; as many sessions as facilities."""

    tokens: Sequence[str]
    member: str
    facilities: Sequence[tuple[str, HalfHours]]
    "Ids, and usage."
    end_day: int

    @classmethod
    async def made(cls, settings: Settings, days: Sequence[int]) -> "Homes":
        """Put facilities with usage of so many days into an empty database, in both layouts."""
        sources = open_sources(settings)
        try:
            await migrate(sources.mongo)
            return await cls._put(sources, days)
        finally:
            await sources.close()

    @classmethod
    async def _put(cls, sources: Sources, days: Sequence[int]) -> "Homes":
        member, session = await new_member(sources)
        more = [await sources.sessions.open(member, PORTAL, sources.clock()) for _ in days[1:]]
        end_day = day_at(sources.clock() + _SPARE)
        usages = [HalfHours.simulated(seed, end_day, count) for seed, count in enumerate(days)]
        facilities = [
            (await _move_in(sources, new_facility(member, place), usage), usage)
            for place, usage in enumerate(usages, 1)
        ]
        return cls([one.access_token for one in (session, *more)], member, facilities, end_day)

    def with_usage_of(self, days: int) -> list[str]:
        """Ids of the facilities that have usage of so many days."""
        return [name for name, usage in self.facilities if len(usage.wh) >= days * SLOTS_PER_DAY]

    def write(self, file: Path) -> None:
        """The first facility and session, for those that answer from memory."""
        facility, usage = self.facilities[0]
        home = {
            "token": self.tokens[0],
            "member": self.member,
            "facility": facility,
            "first": usage.first,
            "wh": usage.wh.tolist(),
            "quality": usage.quality.tolist(),
        }
        file.write_text(json.dumps(home))


async def _move_in(sources: Sources, facility: Facility, usage: HalfHours) -> str:
    number = await sources.facilities.put(facility)
    await store_columns(sources, usage.readings(number), sources.clock())
    await sources.mongo[USAGE_MONTHS].insert_many(list(month_documents(number, usage)))
    return node_id("Facility", number)
