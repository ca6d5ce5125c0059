"""Storing readings: in transactions, so that a facility's order has no holes and readings become
visible in that order. What is stored and not yet announced stands in `unpublished`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from bson.raw_bson import RawBSONDocument
from numpy.typing import NDArray
from pymongo.errors import BulkWriteError

from datasources.mongo import Document, Mongo
from datasources.room import Room
from datasources.usage_documents import DamagedDays, day_documents, load_days
from datasources.usage_heads import head_update, new_head
from datasources.usage_news import News, news_of
from domain.stored import Announcement, ReadingColumns
from domain.usage_days import DayBlock, merge_batch

DAYS_PER_TRANSACTION: Final = 500
"Keeps a transaction under a megabyte and, however busy the machine, well under its time limit."

_DAYS_UNDER_WAY: Final = 4 * DAYS_PER_TRANSACTION
"Of one process; what comes while so many are being stored waits."


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: outcome by row, and what to announce under the outbox entry."""

    outcome: NDArray[np.int8]
    announcements: tuple[Announcement, ...]
    outbox: Any


class UsageWriter:
    """Stores readings, idempotent and majority-durable."""

    def __init__(self, mongo: Mongo, damaged: DamagedDays, clock: Callable[[], datetime]) -> None:
        self._mongo = mongo
        self._damaged = damaged
        self._clock = clock
        self._room = Room(_DAYS_UNDER_WAY)

    async def store(self, batch: ReadingColumns, received_at: datetime) -> Stored:
        """Store readings of about DAYS_PER_TRANSACTION days: all rows count or none."""
        keys, day_rows = np.unique(batch.day_keys(), return_inverse=True)

        async def work(session: Any) -> Stored:
            attempt = _Attempt(self._mongo, self._damaged, session, received_at, self._clock())
            return await attempt.store(batch, keys, day_rows)

        async with self._room.taken(len(keys)):
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


class _Attempt:
    """One attempt to store a batch, within a transaction."""

    def __init__(
        self,
        mongo: Mongo,
        damaged: DamagedDays,
        session: Any,
        received_at: datetime,
        now: datetime,
    ) -> None:
        self._mongo = mongo
        self._damaged = damaged
        self._session = session
        self._received_at = received_at
        self._now = now

    async def store(
        self, batch: ReadingColumns, keys: NDArray[np.int64], day_rows: NDArray[np.intp]
    ) -> Stored:
        """Store a batch whose rows are of the days with these keys."""
        numbers = np.unique(batch.facility).tolist()
        block = DayBlock.empty(len(keys))
        raw = [day.raw for day in await self._read("usageDays", keys.tolist(), RawBSONDocument)]
        is_stored = load_days(block, keys, raw, self._damaged)
        heads = {head["_id"]: head for head in await self._read("usageHeads", numbers, dict)}
        orders = {number: heads[number]["order"] if number in heads else 0 for number in numbers}
        received_ms = round(self._received_at.timestamp() * 1000)
        effects = merge_batch(block, day_rows, batch, orders, received_ms)
        changed = np.unique(day_rows[effects.order > 0])
        if not len(changed):
            return Stored(effects.outcome, (), None)
        days = _day_writes(block, keys, changed, is_stored)
        await self._write("usageDays", days)
        news = list(news_of(batch, effects, received_ms))
        await self._write("usageHeads", _head_writes(heads, news, self._received_at))
        announcements = tuple(one.announcement for one in news)
        return Stored(effects.outcome, announcements, await self._remember(announcements))

    async def _read(self, collection: str, keys: Sequence[int], kind: type[Any]) -> list[Any]:
        documents = self._mongo[collection]
        options = documents.codec_options.with_options(document_class=kind)
        cursor = documents.with_options(options).find(
            {"_id": {"$in": keys}}, batch_size=len(keys) + 1, session=self._session
        )
        found: list[Any] = await cursor.to_list(None)
        return found

    async def _write(self, collection: str, writes: "_Writes") -> None:
        if writes.new:
            await self._mongo[collection].insert_many(
                writes.new, ordered=False, session=self._session
            )
        if writes.updates:
            # The driver's bulk write takes more time for each of them than for all it sends.
            done = await self._mongo.database.command(
                {"update": collection, "updates": writes.updates, "ordered": False},
                session=self._session,
            )
            if "writeErrors" in done:
                raise BulkWriteError(done)

    async def _remember(self, announcements: Sequence[Announcement]) -> Any:
        entry = await self._mongo["unpublished"].insert_one(
            {
                "at": self._now,
                "heads": [[item.facility, item.first, item.last] for item in announcements],
            },
            session=self._session,
        )
        return entry.inserted_id


@dataclass(slots=True)
class _Writes:
    """What goes into a collection: new documents, and statements of an update command."""

    new: list[Any] = field(default_factory=list)
    updates: list[Document] = field(default_factory=list)


def _day_writes(
    block: DayBlock, keys: NDArray[np.int64], rows: NDArray[np.intp], is_stored: NDArray[np.bool_]
) -> _Writes:
    writes = _Writes()
    days = day_documents(block, keys, rows)
    for key, replaces, day in zip(keys[rows].tolist(), is_stored[rows].tolist(), days, strict=True):
        if replaces:
            writes.updates.append({"q": {"_id": key}, "u": day})
        else:
            writes.new.append(day)
    return writes


def _head_writes(
    heads: Mapping[int, Document], news: Iterable[News], received_at: datetime
) -> _Writes:
    writes = _Writes()
    for one in news:
        number = one.announcement.facility
        head = heads.get(number)
        if head is None:
            writes.new.append(new_head(one, received_at))
        else:
            update = head_update(head, one, received_at)
            writes.updates.append({"q": {"_id": number}, "u": update})
    return writes
