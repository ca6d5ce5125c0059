"""Where Ariadne's answers come from: rows that are prebuilt, or MongoDB for every request."""

import hashlib
import os
from abc import abstractmethod
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from pymongo import AsyncMongoClient

from bench.month_layout import USAGE_MONTHS, month_key
from bench.peers.home import HalfHour, half_hours, read_home
from datasources.usage_documents import INT32
from domain.readings import Direction
from domain.slots import first_slot, slot_at
from domain.stored import QUALITY_MASK, day_key_range, parts_of_day_key
from schema.nodes import facility_number

Row = dict[str, Any]
Columns = list[tuple[int, NDArray[Any], NDArray[Any]]]
"First slot, Wh and quality of documents."

_BATCH: Final = 20_000


class Source(Protocol):
    @abstractmethod
    async def facility(self, authorization: str | None, text: str) -> Row | None:
        """Facility of who asks."""

    @abstractmethod
    async def points(self, facility: Row, start: datetime, end: datetime) -> list[Row]:
        """Half hours of a span."""


class MemorySource:
    def __init__(self) -> None:
        self._home = read_home()
        self._members = self._home.members
        rows = [_row(row) for row in self._home.half_hours]
        self._facilities = {self._home.facility: {"owner": self._home.member, "rows": rows}}

    async def facility(self, authorization: str | None, text: str) -> Row | None:
        member = self._members.get(authorization)
        found = self._facilities.get(text)
        return found if found and found["owner"] == member else None

    async def points(self, facility: Row, start: datetime, end: datetime) -> list[Row]:
        rows: list[Row] = facility["rows"]
        return rows[self._home.places(start, end)]


class MongoSource:
    def __init__(self) -> None:
        client: AsyncMongoClient[Row] = AsyncMongoClient(
            os.environ["PEER_MONGODB_URL"], tz_aware=True
        )
        self._database = client.get_default_database()
        self._days = os.environ["PEER_LAYOUT"] == "days"

    async def facility(self, authorization: str | None, text: str) -> Row | None:
        token = (authorization or "").removeprefix("Bearer ")
        hashed = hashlib.sha256(token.encode()).digest()
        session = await self._database["sessions"].find_one(
            {"accessHash": hashed, "accessEndsAt": {"$gt": datetime.now(UTC)}},
            {"_id": 0, "member": 1},
        )
        found = await self._database["facilities"].find_one(
            {"_id": facility_number(text)}, {"member": 1}
        )
        return found if session and found and found["member"] == session["member"] else None

    async def points(self, facility: Row, start: datetime, end: datetime) -> list[Row]:
        first, last = slot_at(start), slot_at(end)
        wh = np.zeros(last - first, np.int32)
        quality = np.zeros(last - first, np.int32)
        read = self._by_days if self._days else self._by_months
        for begin, used, grades in await read(facility["_id"], first, last):
            low, high = max(begin, first), min(begin + len(used), last)
            wh[low - first : high - first] = used[low - begin : high - begin]
            quality[low - first : high - first] = grades[low - begin : high - begin]
        return [_row(row) for row in half_hours(first, wh.tolist(), quality.tolist())]

    async def _by_days(self, facility: int, first: int, end: int) -> Columns:
        low, high = day_key_range(facility, Direction.IMPORT, first, end)
        return [
            (
                first_slot(parts_of_day_key(day["_id"])[2]),
                np.frombuffer(day["wh"], INT32),
                np.frombuffer(day["state"], INT32) & QUALITY_MASK,
            )
            for day in await self._between("usageDays", low, high, {"wh": 1, "state": 1})
        ]

    async def _by_months(self, facility: int, first: int, end: int) -> Columns:
        low, high = month_key(facility, first), month_key(facility, end - 1)
        wanted = {"first": 1, "wh": 1, "quality": 1}
        return [
            (
                month["first"],
                np.frombuffer(month["wh"], INT32),
                np.frombuffer(month["quality"], np.uint8),
            )
            for month in await self._between(USAGE_MONTHS, low, high, wanted)
        ]

    async def _between(self, name: str, low: int, high: int, wanted: Row) -> list[Row]:
        choice = {"_id": {"$gte": low, "$lte": high}}
        return await self._database[name].find(choice, wanted, batch_size=_BATCH).to_list()


def _row(row: HalfHour) -> Row:
    return {
        "startAt": row.start_at.isoformat(),
        "endAt": row.end_at.isoformat(),
        "kwh": row.kwh,
        "yen": None,
        "quality": row.quality.name,
    }
