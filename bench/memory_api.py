"""Our application with nothing but its stores replaced: what they are asked for is in memory.

Run as `python -m bench.memory_api`, with the settings of `kenshin serve` and the home in PEER_HOME.
"""

import json
import os
import socket
from collections.abc import Callable, Generator, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from bench.half_hours import HalfHours
from bench.household import PORTAL, new_facility
from datasources.logs import configure_logs
from datasources.usage import Span, UsageReader
from datasources.usage_columns import DayColumns
from datasources.usage_documents import DamagedDays
from domain.members import Session
from domain.readings import Direction
from domain.settings import Settings
from domain.slots import SLOTS_PER_DAY
from domain.stored import Head, day_key_range
from domain.usage import SlotSeries
from resolvers.joined import Asked, Joined
from resolvers.sources import Sources, open_sources
from schema.nodes import facility_number
from server import create_app, serve_app

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_HOUR: Final = timedelta(hours=1)
_NEWEST: Final = 2
"Place of what was stored last in the facility's order."


def main() -> None:
    settings = replace(Settings.from_environment(os.environ), cost_per_minute_member=0)
    configure_logs(settings.log_format, settings.log_level)
    home = json.loads(Path(os.environ["PEER_HOME"]).read_bytes())
    app = create_app(in_memory(open_sources(settings), home))
    serve_app(app, settings, socket.create_server((settings.host, settings.port)))


def in_memory(sources: Sources, home: dict[str, Any]) -> Sources:
    """The sources with a home's token, facility and usage in place of MongoDB's.

    As in the peers there is nothing to wait for: what is read is there at once, Redis counts nothing.
    """
    number = facility_number(home["facility"])
    session = Session("1", home["member"], PORTAL, sources.clock() + _HOUR)
    facility = replace(new_facility(home["member"], 1), number=number)
    wh, quality = np.array(home["wh"], np.int32), np.array(home["quality"], np.int32)
    usage = _Usage(sources, number, HalfHours(home["first"], wh, quality))
    own = replace(sources, usage=usage)
    sessions, facilities = {home["token"]: session}, {number: facility}
    own.reads.session_by_token = _AtOnce(lambda key: _lasting(sessions.get(key[0]), key[1]))
    own.reads.facility = _AtOnce(facilities.get)
    own.reads.head = _AtOnce(usage.head)
    own.reads.series = _AtOnce(usage.series)
    return own


def _lasting(session: Session | None, now: datetime) -> Session | None:
    return session if session and session.ends_at > now else None


class _There(Asked[Value]):
    """An answer that is there already."""

    def __init__(self, value: Value) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, Value]:
        return self._value
        yield  # what makes it a generator


class _AtOnce(Joined[Key, Value]):
    """Reads that need no command."""

    def __init__(self, find: Callable[[Key], Value]) -> None:
        super().__init__(self._never)
        self._find = find

    def load(self, key: Key, asker: Hashable) -> Asked[Value]:  # noqa: ARG002 - nobody to join
        return _There(self._find(key))

    async def _never(self, keys: Sequence[Key]) -> Sequence[Value]:
        raise NotImplementedError


class _Usage(UsageReader):
    """One facility's; its newest day was stored last, all others before that."""

    def __init__(self, sources: Sources, facility: int, usage: HalfHours) -> None:
        super().__init__(sources.mongo, DamagedDays())
        self._usage = usage
        self._revision = np.zeros_like(usage.wh)
        count = len(usage.wh) // SLOTS_PER_DAY
        low, high = day_key_range(facility, Direction.IMPORT, usage.first, usage.end)
        self._days = DayColumns(
            keys=np.arange(low, high + 1),
            newest=np.repeat((_NEWEST - 1, _NEWEST), (count - 1, 1)),
            wh=usage.wh.reshape(count, SLOTS_PER_DAY),
            state=usage.quality.reshape(count, SLOTS_PER_DAY),
            damaged=frozenset(),
        )

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
        return {number: self.head(number) for number in facilities}

    def head(self, facility: int) -> Head:
        return Head(facility, _NEWEST, None, (None, None))

    def series(self, span: Span) -> SlotSeries:
        """What the cache of days is not asked for."""
        usage = self._usage
        cut = slice(span.first - usage.first, span.end - usage.first)
        return SlotSeries(span.first, usage.wh[cut], usage.quality[cut], self._revision[cut])


if __name__ == "__main__":
    main()
