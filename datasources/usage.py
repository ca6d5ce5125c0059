"""Reads of half-hour usage: series of spans, heads of facilities, what was stored since.

How a day is kept is `usage_documents`, how readings get there is `usage_writes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from datasources.mongo import Document, Mongo
from datasources.usage_documents import INT32, INT64, intact
from domain.readings import Direction
from domain.slots import SLOTS_PER_DAY, day_of_slot, first_slot
from domain.stored import (
    QUALITY_BITS,
    QUALITY_MASK,
    Head,
    StoredReading,
    day_key_range,
    parts_of_day_key,
    stored_reading,
)
from domain.usage import SlotSeries

_BATCH: Final = 20_000
"So that a span of many facilities needs no second command, as far as 16 MB go."


@dataclass(frozen=True, slots=True)
class Span:
    """Slots ``[first, end)`` of one direction of a facility."""

    facility: int
    direction: Direction
    first: int
    end: int


class UsageReader:
    """Usage as it was stored."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def read(self, spans: Sequence[Span]) -> list[SlotSeries]:
        """Series of every span, in one command."""
        wanted = [span for span in spans if span.first < span.end]
        days: dict[int, Document] = {}
        if wanted:
            ranges = {
                day_key_range(span.facility, span.direction, span.first, span.end)
                for span in wanted
            }
            choice = [{"_id": {"$gte": low, "$lte": high}} for low, high in sorted(ranges)]
            found = self._mongo["usageDays"].find(
                choice[0] if len(choice) == 1 else {"$or": choice},
                {"wh": 1, "state": 1},
                batch_size=_BATCH,
            )
            days = {day["_id"]: day for day in await found.to_list(None)}
        return [_series(span, days) for span in spans]

    async def heads(self, facilities: Sequence[int]) -> dict[int, Head]:
        """Heads by facility number; a facility without any reading has one of order 0."""
        found = (
            await self._mongo["usageHeads"].find({"_id": {"$in": list(facilities)}}).to_list(None)
        )
        heads = {head["_id"]: _head(head) for head in found}
        return {
            number: heads.get(number) or Head(number, 0, None, (None, None))
            for number in facilities
        }

    async def stored_between(
        self, after: Mapping[int, int], until: Mapping[int, int]
    ) -> list[StoredReading]:
        """Readings in places ``(after, until]`` of their facility's order, by facility in that order.

        All that were stored before the call: `until` must be a head that was read. What lands while
        days are read has later places, and may be seen in one day and not in another, so it is left
        out. Of a slot that was replaced meanwhile only its newest revision is left.
        """
        choice = [
            {"facility": facility, "newest": {"$gt": order}} for facility, order in after.items()
        ]
        if not choice:
            return []
        found = await self._mongo["usageDays"].find({"$or": choice}).to_list(None)
        readings = [
            reading
            for day in found
            if intact(day)
            for reading in _readings_between(day, after[day["facility"]], until[day["facility"]])
        ]
        return sorted(readings, key=lambda reading: (reading.facility, reading.order))


def _series(span: Span, days: Mapping[int, Document]) -> SlotSeries:
    """Slots of a span out of its days; a day that is not there is MISSING."""
    if span.first >= span.end:
        nothing = np.zeros(0, np.int32)
        return SlotSeries(span.first, nothing, nothing, nothing)
    low, high = day_key_range(span.facility, span.direction, span.first, span.end)
    block = np.zeros((2, high - low + 1, SLOTS_PER_DAY), np.int32)
    for key in range(low, high + 1):
        day = days.get(key)
        if day is not None and intact(day):
            block[0, key - low] = np.frombuffer(day["wh"], INT32)
            block[1, key - low] = np.frombuffer(day["state"], INT32)
    skipped = span.first - first_slot(day_of_slot(span.first))
    wh, state = block.reshape(2, -1)[:, skipped : skipped + span.end - span.first]
    return SlotSeries(span.first, wh, state & QUALITY_MASK, state >> QUALITY_BITS)


def _readings_between(day: Document, after: int, until: int) -> list[StoredReading]:
    facility, direction, number = parts_of_day_key(day["_id"])
    orders = np.frombuffer(day["order"], INT64)
    wh = np.frombuffer(day["wh"], INT32)
    state = np.frombuffer(day["state"], INT32)
    received = np.frombuffer(day["receivedMs"], INT64)
    return [
        stored_reading(
            facility,
            direction,
            first_slot(number) + int(place),
            int(wh[place]),
            int(state[place]),
            int(orders[place]),
            int(received[place]),
        )
        for place in np.flatnonzero((orders > after) & (orders <= until))
    ]


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
