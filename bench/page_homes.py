"""Who looks at the page: a member of sixty facilities, the first with 24 months of half hours."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.half_hours import HalfHours
from bench.household import PORTAL, new_facility, new_member
from domain.readings import Direction, Quality
from domain.slots import SLOTS_PER_DAY, day_at, first_slot, slot_at
from domain.stored import ReadingColumns
from resolvers.intake import store_columns
from resolvers.sources import Sources
from schema.nodes import node_id

_OTHERS_DAYS: Final = 3
"Of usage that all but the first have."


@dataclass
class PageHomes:
    """The member's facilities, by number; readings can be put into them, which the API announces."""

    sources: Sources
    member: str
    facilities: list[int]
    wh: int = 100_000
    "Of the last reading that was put in: more than any half hour of a home has."

    @classmethod
    async def put(cls, sources: Sources, count: int, days: int, kept_free: int) -> "PageHomes":
        """Put them into an empty database: usage up to now, of the others but for the last days."""
        member, _ = await new_member(sources)
        places = [new_facility(member, place) for place in range(1, count + 1)]
        homes = cls(sources, member, [await sources.facilities.put(one) for one in places])
        today = day_at(sources.clock())
        await homes._use(homes.facilities[0], today + 1, days)
        for facility in homes.facilities[1:]:
            await homes._use(facility, today - kept_free, _OTHERS_DAYS)
        return homes

    @property
    def first_id(self) -> str:
        return node_id("Facility", self.facilities[0])

    async def refresh_token(self) -> str:
        """Of a new session."""
        opened = await self.sources.sessions.open(self.member, PORTAL, self.sources.clock())
        return opened.refresh_token

    async def report_day(self, days_ago: int) -> int:
        """Let all facilities report a day, half hour by half hour; answers the last one's Wh."""
        first = first_slot(day_at(self.sources.clock()) - days_ago)
        for slot in range(first, first + SLOTS_PER_DAY):
            await self._report(self.facilities, slot)
        return self.wh

    async def report_running(self, facility: int) -> None:
        """Let a facility report once more what the running half hour has come to."""
        await self._report([facility], slot_at(self.sources.clock()))

    async def _report(self, facilities: list[int], slot: int) -> None:
        count = len(facilities)
        self.wh += 1
        columns = ReadingColumns(
            facility=np.array(facilities, np.int64),
            direction=np.full(count, Direction.IMPORT, np.int64),
            slot=np.full(count, slot, np.int64),
            wh=np.full(count, self.wh, np.int32),
            quality=np.full(count, Quality.PROVISIONAL, np.int32),
            revision=np.full(count, self.wh, np.int32),
        )
        await store_columns(self.sources, columns, self.sources.clock())

    async def _use(self, facility: int, end_day: int, days: int) -> None:
        """Usage of days before another, as far as they are over."""
        readings = HalfHours.simulated(facility, end_day, days).readings(facility)
        over = readings.slot < slot_at(self.sources.clock())
        await store_columns(self.sources, readings[over], self.sources.clock())
