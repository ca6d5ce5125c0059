"""Reads of half-hour usage: series of spans, heads of facilities, what was stored since.

How a day is kept is `usage_documents`, how days become columns `usage_columns`, how readings get
there `usage_writes`.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from datasources.mongo import Document, Mongo
from datasources.stored_rows import StoredRows, rows_between
from datasources.usage_columns import PROJECTION, DayColumns, day_columns
from datasources.usage_documents import DamagedDays
from domain.readings import Direction
from domain.slots import SLOTS_PER_DAY, day_of_slot, first_slot
from domain.stored import (
    QUALITY_BITS,
    QUALITY_MASK,
    Head,
    day_key_range,
    stored_reading,
)
from domain.usage import SlotSeries

DAYS_PER_COMMAND: Final = 36_000
"As many as fit the 16 MB of a reply."


class Span(NamedTuple):
    """Slots ``[first, end)`` of one direction of a facility."""

    facility: int
    direction: Direction
    first: int
    end: int


class UsageReader:
    """Usage as it was stored."""

    def __init__(self, mongo: Mongo, damaged: DamagedDays) -> None:
        self._mongo = mongo
        self._damaged = damaged

    async def read(self, spans: Sequence[Span]) -> list[SlotSeries]:
        """Series of every span, in one command as far as one reply can hold them."""
        ranges = [
            day_key_range(span.facility, span.direction, span.first, span.end) for span in spans
        ]
        wanted = {found for span, found in zip(spans, ranges, strict=True) if span.first < span.end}
        days = await self.days(sorted(wanted), {})
        rows = days.rows(ranges)
        return [
            _series(span, low, high, days, found)
            for span, (low, high), found in zip(spans, ranges, rows, strict=True)
        ]

    async def days(self, ranges: Iterable[tuple[int, int]], after: Mapping[int, int]) -> DayColumns:
        """Days with keys in the ranges, both ends included, and those of some facilities that have
        readings after a place in the facility's order.
        """
        commands = _commands(ranges, after)
        reads = (self._mongo.find_raw("usageDays", choice, PROJECTION) for choice in commands)
        return day_columns(await asyncio.gather(*reads), self._damaged)

    async def heads(self, facilities: Sequence[int]) -> dict[int, Head]:
        """Heads by facility number; a facility without any reading has one of order 0."""
        found = await self._mongo.find("usageHeads", {"_id": {"$in": list(facilities)}})
        heads = {head["_id"]: _head(head) for head in found}
        return {
            number: heads.get(number) or Head(number, 0, None, (None, None))
            for number in facilities
        }

    async def stored_between(
        self, after: Mapping[int, int], until: Mapping[int, int]
    ) -> StoredRows:
        """Readings in places ``(after, until]`` of their facility's order, by facility in that order.

        All that were stored before the call: `until` must be no later than a head that was read. What
        lands while days are read has later places, and may be seen in one day and not in another, so
        it is left out. Of a slot that was replaced meanwhile only its newest revision is left.
        """
        found: list[Document] = []
        if after:
            days = self._mongo["usageDays"].find({"$or": _stored_after(after)})
            found = [day for day in await days.to_list(None) if self._damaged.intact(day)]
        return await rows_between(found, after, until)


def _stored_after(after: Mapping[int, int]) -> list[Document]:
    """Choices of the days that have readings after a place in their facility's order."""
    return [{"facility": facility, "newest": {"$gt": order}} for facility, order in after.items()]


def _commands(ranges: Iterable[tuple[int, int]], after: Mapping[int, int]) -> Iterator[Document]:
    """Choices that together find all, each as much as fits a reply."""
    choices = _stored_after(after)
    days = 0
    for low, high in ranges:
        days += high - low + 1
        if choices and days > DAYS_PER_COMMAND:
            yield _any_of(choices)
            choices, days = [], high - low + 1
        choices.append({"_id": {"$gte": low, "$lte": high}})
    if choices:
        yield _any_of(choices)


def _any_of(choices: Sequence[Document]) -> Document:
    return choices[0] if len(choices) == 1 else {"$or": choices}


def _series(span: Span, low: int, high: int, days: DayColumns, rows: slice) -> SlotSeries:
    """Slots of a span out of its days, keys `low` to `high`; a day that was not found is MISSING."""
    wh, state = days.wh[rows], days.state[rows]
    if len(wh) <= high - low:
        at = days.keys[rows] - low
        wh, state = _spread(wh, at, high - low + 1), _spread(state, at, high - low + 1)
    start = span.first - first_slot(day_of_slot(span.first))
    cut = slice(start, start + span.end - span.first)
    wh, state = wh.reshape(-1)[cut], state.reshape(-1)[cut]
    return SlotSeries(span.first, wh, state & QUALITY_MASK, state >> QUALITY_BITS)


def _spread(found: NDArray[np.int32], at: NDArray[np.int64], days: int) -> NDArray[np.int32]:
    """Rows at their places among so many days, zero elsewhere."""
    spread = np.zeros((days, SLOTS_PER_DAY), np.int32)
    spread[at] = found
    return spread


def _head(head: Document) -> Head:
    drawn, fed_in = (
        latest
        and stored_reading(
            head["_id"],
            direction,
            latest["slot"],
            latest["wh"],
            latest["state"],
            latest["order"],
            latest["receivedMs"],
        )
        for direction, latest in zip(Direction, head["latest"], strict=True)
    )
    return Head(head["_id"], head["order"], head["receivedAt"], (drawn, fed_in))
