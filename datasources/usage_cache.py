"""Days of usage that were read lately, kept in memory, and always as new as the database.

A facility's head, which every store moves on, is read before: if it stands where it stood when days
were read, nothing was stored since; else the days that have something newer are read. So a correction
is seen by the very next read in every process.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from datasources.usage import Span, UsageReader
from datasources.usage_columns import DayColumns
from domain.readings import Direction
from domain.slots import day_of_slot, first_slot
from domain.stored import day_key_range
from domain.usage import SlotSeries
from domain.usage_kept import FoundDays, KeptDays

Source = tuple[int, Direction]
"Facility number and direction."

_END: Final = first_slot(1 << 16)
"Slot after the last day that a key can have."


@dataclass(slots=True)
class _Wanted:
    """Days of a source as of a place in the facility's order, and what is kept of it."""

    kept: KeptDays | None
    order: int = 0
    days: list[range] = field(default_factory=list)

    @property
    def unread(self) -> set[range]:
        if self.kept is None:
            return set(self.days)
        return {run for days in self.days for run in self.kept.missing(days)}

    @property
    def after(self) -> int | None:
        """Place after which everything must be read; None if nothing was stored since.

        Where nothing is kept it is just before the head's own place: finding that shows that the
        days which were found are not older than the head.
        """
        as_of = 0 if self.kept is None else self.kept.as_of
        if as_of >= self.order:
            return None
        return self.order - 1 if self.kept is None else as_of


class UsageCache:
    """Days in front of a reader, the longest unused dropped when they pass `limit` bytes."""

    def __init__(self, usage: UsageReader, limit: int) -> None:
        self._usage = usage
        self._limit = limit
        self._kept: OrderedDict[Source, KeptDays] = OrderedDict()
        self.nbytes = 0

    def kept(self, span: Span, order: int) -> SlotSeries | None:
        """Series as of a place in the facility's order or later; None if it must be read."""
        source, days = (span.facility, span.direction), _days(span)
        if not days:
            return KeptDays.none(0).series(source, span.first, span.first)
        kept = self._kept.get(source)
        if kept is None or kept.as_of < order or not kept.has(days):
            return None
        self._kept.move_to_end(source)
        return kept.series(source, span.first, span.end)

    def unread_days(self, span: Span) -> int:
        """How many days of a span are not kept."""
        kept = self._kept.get((span.facility, span.direction))
        days = _days(span)
        return len(days) if kept is None else sum(map(len, kept.missing(days)))

    async def read(self, asked: Sequence[tuple[Span, int]]) -> list[SlotSeries]:
        """Series as of places in the facilities' orders or later, by one command."""
        wanted = self._wanted(asked)
        found = await self._usage.days(_unread_keys(wanted), _places(wanted))
        renewed = dict(_renewed(wanted, found))
        newest = _newest(wanted.keys(), found)
        for source, want in wanted.items():
            # The server that answered may lag behind the one that the head is from.
            if want.after is None or newest[source] >= want.order:
                self._keep(source, renewed[source])
        return [
            renewed[span.facility, span.direction].series(
                (span.facility, span.direction), span.first, span.end
            )
            for span, _ in asked
        ]

    def _wanted(self, asked: Sequence[tuple[Span, int]]) -> dict[Source, _Wanted]:
        wanted: dict[Source, _Wanted] = {}
        for span, order in asked:
            source = span.facility, span.direction
            want = wanted.setdefault(source, _Wanted(self._kept.get(source)))
            want.order = max(want.order, order)
            want.days += filter(None, [_days(span)])
        return wanted

    def _keep(self, source: Source, days: KeptDays) -> None:
        before = self._kept.pop(source, None)
        self._kept[source] = days
        self.nbytes += days.nbytes - (before.nbytes if before else 0)
        while self.nbytes > self._limit:
            _, dropped = self._kept.popitem(last=False)
            self.nbytes -= dropped.nbytes


def _days(span: Span) -> range:
    """Tokyo days of the slots of a span."""
    if span.first >= span.end:
        return range(0)
    return range(day_of_slot(span.first), day_of_slot(span.end - 1) + 1)


def _unread_keys(wanted: Mapping[Source, _Wanted]) -> list[tuple[int, int]]:
    """Keys of the first and last day of every run of days that must be read."""
    return sorted(
        day_key_range(*source, first_slot(run.start), first_slot(run.stop))
        for source, want in wanted.items()
        for run in want.unread
    )


def _places(wanted: Mapping[Source, _Wanted]) -> dict[int, int]:
    """Place in each facility's order after which everything must be read."""
    places: dict[int, int] = {}
    for (facility, _), want in wanted.items():
        if want.after is not None:
            places[facility] = min(want.after, places.get(facility, want.after))
    return places


def _newest(sources: Collection[Source], found: DayColumns) -> dict[Source, int]:
    """Newest place in its order of what was found of each facility, in both directions."""
    keys = [
        (_keys(facility, Direction.IMPORT)[0], _keys(facility, Direction.EXPORT)[1])
        for facility, _ in sources
    ]
    newest = (int(found.newest[rows].max(initial=0)) for rows in found.rows(keys))
    return dict(zip(sources, newest, strict=True))


def _renewed(
    wanted: Mapping[Source, _Wanted], found: DayColumns
) -> Iterator[tuple[Source, KeptDays]]:
    keys = [_keys(*source) for source in wanted]
    for (source, want), (low, high), rows in zip(
        wanted.items(), keys, found.rows(keys), strict=True
    ):
        days = FoundDays(
            found.keys[rows] - low,
            found.newest[rows],
            found.wh[rows],
            found.state[rows],
            [key - low for key in found.damaged if low <= key <= high],
        )
        kept = want.kept or KeptDays.none(min((run.start for run in want.days), default=0))
        yield source, kept.renewed(want.days, days, max(kept.as_of, want.order))


def _keys(facility: int, direction: Direction) -> tuple[int, int]:
    """Keys of the first and the last day that a source can have."""
    return day_key_range(facility, direction, first_slot(0), _END)
