"""Storing readings: in transactions, so that a facility's order has no holes and readings become
visible in that order. What is stored and not yet announced stands in `unpublished`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from bson import Int64
from numpy.typing import NDArray
from pymongo import InsertOne, ReplaceOne

from datasources.mongo import Document, Mongo
from datasources.usage_documents import DamagedDays, day_document, load_day
from domain.readings import Direction
from domain.stored import (
    Announcement,
    ReadingColumns,
    StoredReading,
    parts_of_day_key,
    stored_reading,
)
from domain.usage_days import DayBlock, Effects, merge_batch

DAYS_PER_TRANSACTION: Final = 1000
"Keeps a transaction to about a megabyte and well under a second."

MAX_ANNOUNCED: Final = 200
"More readings than this in one announcement are left for the listeners to read."


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: outcome by row, and what to announce under the outbox entry."""

    outcome: NDArray[np.int8]
    announcements: tuple[Announcement, ...]
    outbox: Any


class UsageWriter:
    """Stores readings, idempotent and majority-durable."""

    def __init__(self, mongo: Mongo, damaged: DamagedDays) -> None:
        self._mongo = mongo
        self._damaged = damaged

    async def store(self, batch: ReadingColumns, received_at: datetime) -> Stored:
        """Store readings of about DAYS_PER_TRANSACTION days: all rows count or none."""

        async def work(session: Any) -> Stored:
            return await _Attempt(self._mongo, self._damaged, session, batch, received_at).run()

        return await self._mongo.transaction(work)

    async def unpublished(self, before: datetime) -> list[tuple[Any, list[Announcement]]]:
        """Outbox entries stored before an instant, whose announcements may not have gone out."""
        found = await self._mongo["unpublished"].find({"at": {"$lt": before}}).to_list(None)
        return [
            (
                entry["_id"],
                [
                    Announcement(facility, first, last, None)
                    for facility, first, last in entry["heads"]
                ],
            )
            for entry in found
        ]

    async def published(self, outbox: Any) -> None:
        """Remove an outbox entry."""
        await self._mongo["unpublished"].delete_one({"_id": outbox})


@dataclass(frozen=True, slots=True)
class _Change:
    """What a batch changed in one facility; `newest` has its newest reading by direction."""

    announcement: Announcement
    newest: Sequence[StoredReading]


class _Attempt:
    """One attempt to store a batch, within a transaction."""

    def __init__(
        self,
        mongo: Mongo,
        damaged: DamagedDays,
        session: Any,
        batch: ReadingColumns,
        received_at: datetime,
    ) -> None:
        self._mongo = mongo
        self._damaged = damaged
        self._session = session
        self._batch = batch
        self._received_at = received_at
        self._received_ms = round(received_at.timestamp() * 1000)

    async def run(self) -> Stored:
        keys, day_rows = np.unique(self._batch.day_keys(), return_inverse=True)
        facilities = np.unique(self._batch.facility).tolist()
        days = await self._read("usageDays", keys.tolist())
        heads = {head["_id"]: head for head in await self._read("usageHeads", facilities)}
        block = _block(keys, [day for day in days if self._damaged.intact(day)])
        last_orders = {
            number: heads[number]["order"] if number in heads else 0 for number in facilities
        }
        effects = merge_batch(block, day_rows, self._batch, last_orders, self._received_ms)
        if not effects.order.any():
            return Stored(effects.outcome, (), None)
        changed_days = np.unique(day_rows[effects.order > 0]).tolist()
        await self._write(
            "usageDays",
            _day_writes(keys, block, changed_days, {day["_id"] for day in days}),
        )
        changes = [self._change(effects, number, rows) for number, rows in self._rows(effects)]
        await self._write("usageHeads", _head_writes(heads, changes, self._received_at))
        announcements = tuple(change.announcement for change in changes)
        return Stored(effects.outcome, announcements, await self._remember(announcements))

    async def _read(self, collection: str, keys: Sequence[int]) -> list[Document]:
        cursor = self._mongo[collection].find({"_id": {"$in": list(keys)}}, session=self._session)
        found: list[Document] = await cursor.to_list(None)
        return found

    async def _write(self, collection: str, operations: Iterable[Any]) -> None:
        await self._mongo[collection].bulk_write(
            list(operations), ordered=False, session=self._session
        )

    def _rows(self, effects: Effects) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Changed rows by facility, in its order."""
        changed = np.flatnonzero(effects.order)
        facility = self._batch.facility
        changed = changed[np.lexsort((effects.order[changed], facility[changed]))]
        numbers, starts = np.unique(facility[changed], return_index=True)
        return zip(numbers.tolist(), np.split(changed, starts[1:]), strict=True)

    def _change(self, effects: Effects, number: int, rows: NDArray[np.intp]) -> _Change:
        first, last = (int(effects.order[row]) for row in (rows[0], rows[-1]))
        if len(rows) > MAX_ANNOUNCED:
            newest = self._readings(effects, self._newest(rows))
            return _Change(Announcement(number, first, last, None), newest)
        readings = self._readings(effects, rows)
        return _Change(Announcement(number, first, last, readings), readings)

    def _newest(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The last row of the newest slot in each direction."""
        direction, slot = self._batch.direction[rows], self._batch.slot[rows]
        by_time = rows[np.lexsort((np.arange(len(rows)), slot, direction))]
        ends = np.flatnonzero(np.diff(self._batch.direction[by_time], append=-1))
        return by_time[ends]

    def _readings(self, effects: Effects, rows: NDArray[np.intp]) -> list[StoredReading]:
        batch = self._batch
        columns = (
            batch.facility,
            batch.direction,
            batch.slot,
            batch.wh,
            effects.state,
            effects.order,
        )
        return [
            stored_reading(number, Direction(direction), slot, wh, state, order, self._received_ms)
            for number, direction, slot, wh, state, order in zip(
                *(column[rows].tolist() for column in columns), strict=True
            )
        ]

    async def _remember(self, announcements: Sequence[Announcement]) -> Any:
        entry = await self._mongo["unpublished"].insert_one(
            {
                "at": self._received_at,
                "heads": [[item.facility, item.first, item.last] for item in announcements],
            },
            session=self._session,
        )
        return entry.inserted_id


def _block(keys: NDArray[np.int64], days: Sequence[Document]) -> DayBlock:
    block = DayBlock.empty(len(keys))
    for day in days:
        load_day(block, int(np.searchsorted(keys, day["_id"])), day)
    return block


def _day_writes(
    keys: NDArray[np.int64], block: DayBlock, rows: Sequence[int], stored: set[int]
) -> Iterator[Any]:
    for row in rows:
        key = int(keys[row])
        day = day_document(key, parts_of_day_key(key)[0], block, row)
        yield ReplaceOne({"_id": day["_id"]}, day) if key in stored else InsertOne(day)


def _head_writes(
    heads: dict[int, Document],
    changes: Sequence[_Change],
    received_at: datetime,
) -> Iterator[Any]:
    for change in changes:
        before = heads.get(change.announcement.facility)
        latest = list(before["latest"]) if before else [None, None]
        for reading in change.newest:
            newest = latest[reading.direction]
            if newest is None or reading.slot >= newest["slot"]:
                latest[reading.direction] = _latest_document(reading)
        head = {
            "_id": Int64(change.announcement.facility),
            "order": Int64(change.announcement.last),
            "receivedAt": received_at,
            "latest": latest,
        }
        yield ReplaceOne({"_id": head["_id"]}, head) if before else InsertOne(head)


def _latest_document(reading: StoredReading) -> Document:
    return {
        "slot": reading.slot,
        "wh": reading.wh,
        "state": reading.state,
        "order": Int64(reading.order),
        "receivedMs": Int64(reading.received_ms),
    }
