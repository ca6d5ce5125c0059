"""Our application with nothing but its stores replaced: what they are asked for is in memory.

Run as `python -m bench.memory_api`, with the settings of `kenshin serve` and the home in PEER_HOME.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import uvicorn

from bench.half_hours import HalfHours
from bench.household import PORTAL, new_facility
from datasources.facilities import FacilityStore
from datasources.logs import configure_logs
from datasources.sessions import Lifetimes, SessionStore
from datasources.usage import Span, UsageReader
from datasources.usage_columns import DayColumns
from datasources.usage_documents import DamagedDays
from domain.facilities import Facility
from domain.members import Session
from domain.readings import Direction
from domain.settings import Settings
from domain.slots import SLOTS_PER_DAY
from domain.stored import Head, day_key_range
from domain.usage import SlotSeries
from resolvers.sources import Sources, open_sources
from schema.nodes import facility_number
from server import create_app, server_config

_HOUR: Final = timedelta(hours=1)
_NEWEST: Final = 2
"Place of what was stored last in the facility's order."


def main() -> None:
    settings = Settings.from_environment(os.environ)
    configure_logs(settings.log_format, settings.log_level)
    home = json.loads(Path(os.environ["PEER_HOME"]).read_bytes())
    app = create_app(in_memory(open_sources(settings), home))
    uvicorn.Server(server_config(app, settings)).run()


def in_memory(sources: Sources, home: dict[str, Any]) -> Sources:
    """The sources with a home's token, facility and usage in place of MongoDB's."""
    number = facility_number(home["facility"])
    session = Session("1", home["member"], PORTAL, sources.clock() + _HOUR)
    facility = replace(new_facility(home["member"], 1), number=number)
    wh, quality = np.array(home["wh"], np.int32), np.array(home["quality"], np.int32)
    return replace(
        sources,
        sessions=_Sessions(sources, {home["token"]: session}),
        facilities=_Facilities(sources, {number: facility}),
        usage=_Usage(sources, number, HalfHours(home["first"], wh, quality)),
    )


class _Sessions(SessionStore):
    def __init__(self, sources: Sources, sessions: dict[str, Session]) -> None:
        super().__init__(sources.mongo, Lifetimes(_HOUR, _HOUR))
        self._by_token = sessions

    async def by_access_tokens(self, asked: Sequence[tuple[str, datetime]]) -> list[Session | None]:
        found = [(self._by_token.get(token), now) for token, now in asked]
        return [session if session and session.ends_at > now else None for session, now in found]


class _Facilities(FacilityStore):
    def __init__(self, sources: Sources, facilities: dict[int, Facility]) -> None:
        super().__init__(sources.mongo)
        self._by_number = facilities

    async def by_numbers(self, numbers: Sequence[int]) -> dict[int, Facility]:
        return {number: self._by_number[number] for number in numbers if number in self._by_number}


class _Usage(UsageReader):
    """One facility's; its newest day was stored last, all others before that."""

    def __init__(self, sources: Sources, facility: int, usage: HalfHours) -> None:
        super().__init__(sources.mongo, DamagedDays())
        self._usage = usage
        count = len(usage.wh) // SLOTS_PER_DAY
        low, high = day_key_range(facility, Direction.IMPORT, usage.first, usage.end)
        self._days = DayColumns(
            keys=np.arange(low, high + 1),
            newest=np.repeat((_NEWEST - 1, _NEWEST), (count - 1, 1)),
            wh=usage.wh.reshape(count, SLOTS_PER_DAY),
            state=usage.quality.reshape(count, SLOTS_PER_DAY),
            damaged=frozenset(),
        )

    async def read(self, spans: Sequence[Span]) -> list[SlotSeries]:
        """What the cache of days is not asked for."""
        return [self._series(span) for span in spans]

    async def days(self, ranges: Iterable[tuple[int, int]], after: Mapping[int, int]) -> DayColumns:
        """What the cache of days asks for."""
        days = self._days
        chosen = days.newest > min(after.values(), default=_NEWEST)
        for rows in days.rows(list(ranges)):
            chosen[rows] = True
        return DayColumns(
            days.keys[chosen],
            days.newest[chosen],
            days.wh[chosen],
            days.state[chosen],
            days.damaged,
        )

    async def heads(self, facilities: Sequence[int]) -> dict[int, Head]:
        return {number: Head(number, _NEWEST, None, (None, None)) for number in facilities}

    def _series(self, span: Span) -> SlotSeries:
        usage = self._usage
        cut = slice(span.first - usage.first, span.end - usage.first)
        wh = usage.wh[cut]
        return SlotSeries(span.first, wh, usage.quality[cut], np.zeros_like(wh))


if __name__ == "__main__":
    main()
