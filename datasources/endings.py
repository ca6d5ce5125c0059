"""What has ended, in one order: sessions, and facilities whose owner or contracts changed.

An ending is written in the transaction of the change it tells of. Its place comes from a counter that
the same transaction counts up, so that endings become visible in the order of their places: who has
read up to a place finds all that ended later behind it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from bson import Int64
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import NetworkTimeout

from datasources.mongo import Mongo, Transaction

_COUNTER: Final = "ending"


class EndingKind(StrEnum):
    """What this version knows; another one may write more."""

    SESSION = "session"
    FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class Ending:
    """`key` is the id of a session or the number of a facility."""

    place: int
    kind: str
    key: str | int


class EndingStore:
    """Endings of a deployment; `Mongo` is shared, the order is that of the database."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._writing = asyncio.Lock()

    async def last_place(self) -> int:
        """Place of the newest ending, 0 before the first."""
        found = await self._mongo.find("counters", {"_id": _COUNTER})
        return int(found[0]["value"]) if found else 0

    async def since(self, place: int) -> list[Ending]:
        """Endings after a place, in order; they are kept for seven days."""
        found = await self._mongo.find("endings", {"_id": {"$gt": place}})
        endings = [Ending(ending["_id"], ending["kind"], ending["key"]) for ending in found]
        return sorted(endings, key=lambda ending: ending.place)

    async def record(
        self, kind: EndingKind, change: Callable[[Transaction], Awaitable[Sequence[Any]]]
    ) -> None:
        """Run `change(transaction)`, which answers the keys of what it ended, and record them with it.

        One after the other: transactions that count up the same counter would only undo each other.
        """

        async def work(transaction: Transaction) -> None:
            if keys := await change(transaction):
                await self._write(transaction, kind, keys)

        try:
            async with asyncio.timeout(self._mongo.timeout_seconds):
                await self._writing.acquire()
        except TimeoutError:
            raise NetworkTimeout("others wait for the database too") from None
        try:
            await self._mongo.transaction(work)
        finally:
            self._writing.release()

    async def _write(self, transaction: Transaction, kind: EndingKind, keys: Sequence[Any]) -> None:
        counter = await self._mongo["counters"].find_one_and_update(
            {"_id": _COUNTER},
            {"$inc": {"value": Int64(len(keys))}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=transaction,
        )
        first = counter["value"] - len(keys) + 1
        # An update, since only an update can have the time of the server, by which it drops old ones.
        await self._mongo["endings"].bulk_write(
            [
                UpdateOne(
                    {"_id": Int64(first + index)},
                    {"$set": {"kind": kind.value, "key": key}, "$currentDate": {"at": True}},
                    upsert=True,
                )
                for index, key in enumerate(keys)
            ],
            session=transaction,
        )
