"""A burst: every facility reports one half hour, to the API or by PyMongo alone.

The half hours of one day go on from one to the other, so that both replace the same documents of the
same collection, each finding what the other one left.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import bson
import httpx
import numpy as np
import orjson
from bson import Int64
from bson.raw_bson import RawBSONDocument
from numpy.typing import NDArray
from pymongo import MongoClient, ReplaceOne
from pymongo.collection import Collection

from bench.harness import BenchError
from bench.household import new_facility, new_member
from datasources.collections import migrate
from datasources.usage_documents import DamagedDays, day_documents, load_days
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import first_slot, start_of_slot
from domain.stored import ReadingColumns
from domain.usage_days import DayBlock, merge_batch
from resolvers.sources import Sources, open_sources, utc_now

_SECONDS: Final = 120.0
_AT_ONCE: Final = 5_000
_FIRST_SLOT: Final = first_slot(20_000)
"00:00 of a day in the past."


@dataclass(frozen=True, slots=True)
class Meters:
    """Facilities that report together, numbered from 1, and the token of their meter system."""

    supply_points: list[str]
    service_token: str

    @classmethod
    async def made(cls, settings: Settings, count: int) -> "Meters":
        """Put so many into an empty database."""
        sources = open_sources(settings)
        try:
            await migrate(sources.mongo)
            token = await sources.service_tokens.create("bench", sources.clock())
            return cls(await _put_facilities(sources, count), token)
        finally:
            await sources.close()

    def body(self, half: int) -> bytes:
        """NDJSON of a half hour of the day."""
        start_at = start_of_slot(_FIRST_SLOT + half).isoformat()
        columns = zip(self.supply_points, self._wh(half).tolist(), strict=True)
        return b"\n".join(
            orjson.dumps({"supplyPointNumber": number, "startAt": start_at, "kwh": wh / 1000})
            for number, wh in columns
        )

    def columns(self, half: int) -> ReadingColumns:
        """The same readings as they are stored."""
        count = len(self.supply_points)
        return ReadingColumns(
            facility=np.arange(1, count + 1, dtype=np.int64),
            direction=np.full(count, Direction.IMPORT, np.int64),
            slot=np.full(count, _FIRST_SLOT + half, np.int64),
            wh=self._wh(half),
            quality=np.full(count, Quality.SETTLED, np.int32),
            revision=np.zeros(count, np.int32),
        )

    def _wh(self, half: int) -> NDArray[np.int32]:
        place = np.arange(len(self.supply_points), dtype=np.int32)
        return (place * 7 + half * 131) % 1500


async def _put_facilities(sources: Sources, count: int) -> list[str]:
    """Supply point numbers of so many facilities, copies of one that was put as every other one."""
    member, _ = await new_member(sources)
    number = await sources.facilities.put(new_facility(member, 1))
    facilities = sources.mongo["facilities"]
    first = await facilities.find_one({"_id": number})
    documents = [
        first | {"_id": Int64(at), "supplyPointNumber": new_facility(member, at).supply_point}
        for at in range(number, number + count)
    ]
    for start in range(1, count, _AT_ONCE):
        await facilities.insert_many(documents[start : start + _AT_ONCE], ordered=False)
    return [document["supplyPointNumber"] for document in documents]


class ApiWay:
    """Bursts go to the API in one request each."""

    def __init__(self, meters: Meters, client: httpx.AsyncClient, outbox: Any) -> None:
        self._meters = meters
        self._client = client
        self._outbox = outbox

    @classmethod
    @asynccontextmanager
    async def opened(cls, served: Settings, meters: Meters) -> AsyncIterator["ApiWay"]:
        headers = {
            "authorization": f"Bearer {meters.service_token}",
            "content-type": "application/x-ndjson",
        }
        sources = open_sources(served)
        url = f"http://{served.host}:{served.port}"
        try:
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=_SECONDS) as client:
                yield cls(meters, client, sources.mongo["unpublished"])
        finally:
            await sources.close()

    async def take(self, half: int) -> float:
        """Seconds from sending a half hour to the answer.

        Raises BenchError unless all readings are stored as new ones, and announced.
        """
        body = self._meters.body(half)
        started = perf_counter()
        answer = await self._client.post(
            "/ingest/readings", content=body, headers={"idempotency-key": f"half hour {half}"}
        )
        seconds = perf_counter() - started
        if not answer.is_success or answer.json()["stored"] != len(self._meters.supply_points):
            raise BenchError(f"a burst was not stored: {answer.status_code} {answer.text[:500]}")
        if await self._outbox.count_documents({}):
            raise BenchError("a burst was not announced: is Redis there?")
        return seconds


class RawWay:
    """PyMongo writes the day documents that the API would write."""

    def __init__(self, client: MongoClient[Any], meters: Meters) -> None:
        self._database = client.get_default_database()
        self._meters = meters

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings, meters: Meters) -> AsyncIterator["RawWay"]:
        client: MongoClient[Any] = MongoClient(
            settings.mongodb_url, w="majority", journal=True, readConcernLevel="majority"
        )
        try:
            yield cls(client, meters)
        finally:
            client.close()

    async def take(self, half: int) -> float:
        """Seconds of one unordered bulk write; what it writes is made before, the heads after."""
        return await asyncio.to_thread(self._take, half)

    def _take(self, half: int) -> float:
        days = self._database["usageDays"]
        operations = list(self._operations(days, half))
        started = perf_counter()
        days.bulk_write(operations, ordered=False)
        seconds = perf_counter() - started
        self._database["usageHeads"].update_many({}, {"$inc": {"order": Int64(1)}})
        return seconds

    def _operations(self, days: "Collection[Any]", half: int) -> Iterator[ReplaceOne[Any]]:
        columns = self._meters.columns(half)
        received_ms = round(utc_now().timestamp() * 1000)
        for start in range(0, len(columns), _AT_ONCE):
            batch = columns[slice(start, start + _AT_ONCE)]
            keys, block = _read(days, batch)
            orders = dict.fromkeys(batch.facility.tolist(), int(block.order.max()))
            rows = np.arange(len(keys))
            merge_batch(block, rows, batch, orders, received_ms)
            for key, day in zip(keys.tolist(), day_documents(block, keys, rows), strict=True):
                yield ReplaceOne({"_id": key}, bson.decode(day.raw))


def _read(days: "Collection[Any]", batch: ReadingColumns) -> tuple[NDArray[np.int64], DayBlock]:
    """Days of readings of one half hour, by facility number."""
    keys = batch.day_keys()
    options = days.codec_options.with_options(document_class=RawBSONDocument)
    found = days.with_options(options).find({"_id": {"$in": keys.tolist()}})
    block = DayBlock.empty(len(keys))
    load_days(block, keys, [day.raw for day in found], DamagedDays())
    return keys, block
