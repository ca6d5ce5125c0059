"""Who listens to live readings: members with a session and a facility each, and what is reported."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from bench.household import PORTAL, new_facility
from datasources.announcements import Announcer
from datasources.collections import migrate
from domain.members import MemberProfile, MemberState
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import slot_at, start_of_slot
from domain.stored import Announcement, ReadingColumns
from domain.stream_cursor import encode_positions
from resolvers.intake import store_columns
from resolvers.sources import Sources, open_sources
from schema.nodes import node_id
from schema.scalars import tokyo_text

_AT_ONCE: Final = 50
_TIMEOUT_SECONDS: Final = 60.0
"Nothing that is measured waits for what is stored here."
_HALF_HOURS: Final = 400
"More than are ever reported, so that none of them is in the future."


@dataclass(frozen=True, slots=True)
class Home:
    facility: int
    token: str

    @property
    def facility_id(self) -> str:
        return node_id("Facility", self.facility)


class LiveHomes:
    """Homes in a database; readings of one half hour after the other are put into it."""

    def __init__(self, sources: Sources, homes: Sequence[Home]) -> None:
        self.homes = homes
        "In the order of their facilities."
        self._kept = _KeptAnnouncer(sources)
        self._sources = replace(sources, announcer=self._kept)
        self._slot = slot_at(sources.clock()) - _HALF_HOURS

    @property
    def deployment(self) -> str:
        return self._sources.mongo.name

    @classmethod
    @asynccontextmanager
    async def made(cls, settings: Settings, count: int) -> AsyncIterator["LiveHomes"]:
        """Put so many into an empty database."""
        sources = open_sources(replace(settings, database_timeout_seconds=_TIMEOUT_SECONDS))
        try:
            await migrate(sources.mongo)
            turns = asyncio.Semaphore(_AT_ONCE)

            async def move_in(place: int) -> Home:
                async with turns:
                    return await _moved_in(sources, place)

            homes = await asyncio.gather(*map(move_in, range(1, count + 1)))
            yield cls(sources, sorted(homes, key=lambda home: home.facility))
        finally:
            await sources.close()

    async def report(self, count: int) -> Sequence[Announcement]:
        """Store the next half hour of the first homes; gives what is to be announced of it."""
        facilities = np.array([home.facility for home in self.homes[:count]], np.int64)
        columns = ReadingColumns(
            facility=facilities,
            direction=np.full(count, Direction.IMPORT, np.int64),
            slot=np.full(count, self._slot, np.int64),
            wh=(100 + (7 * facilities + self._slot) % 900).astype(np.int32),
            quality=np.full(count, Quality.PROVISIONAL, np.int32),
            revision=np.zeros(count, np.int32),
        )
        self._slot += 1
        await store_columns(self._sources, columns, self._sources.clock())
        return self._kept.taken()


class _KeptAnnouncer(Announcer):
    """Counts as having published what it only keeps."""

    def __init__(self, sources: Sources) -> None:
        super().__init__(sources.settings.redis_url, sources.mongo.name, timeout_seconds=1)
        self._kept: list[Announcement] = []

    async def publish(self, announcements: Sequence[Announcement]) -> bool:
        self._kept += announcements
        return True

    def taken(self) -> Sequence[Announcement]:
        """In the order of facilities; forgets them."""
        taken, self._kept = sorted(self._kept, key=lambda one: one.facility), []
        return taken


def event_of(announcement: Announcement) -> dict[str, Any]:
    """Data of the event that the only reading of an announcement makes, by the measured query."""
    if announcement.readings is None or len(announcement.readings) != 1:
        raise ValueError(f"one reading was to be announced: {announcement}")
    (reading,) = announcement.readings
    return {
        "readings": {
            "reading": {
                "facilityId": node_id("Facility", reading.facility),
                "startAt": tokyo_text(start_of_slot(reading.slot)),
                "kwh": reading.wh / 1000,
            },
            "cursor": encode_positions({reading.facility: reading.order}),
        }
    }


async def _moved_in(sources: Sources, place: int) -> Home:
    """A new member at home."""
    profile = MemberProfile("計測 太郎", None, None, None)
    login = f"live{place}@example.jp"
    member = await sources.members.put(PORTAL, login, "no password", MemberState.ACTIVE, profile)
    facility, session = await asyncio.gather(
        sources.facilities.put(new_facility(member, place)),
        sources.sessions.open(member, PORTAL, sources.clock()),
    )
    return Home(facility, session.access_token)
