"""Prices of the electricity market in MongoDB: a document by area and day, 48 half hours packed."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pymongo import ReplaceOne

from datasources.mongo import Document, Mongo
from datasources.usage_documents import INT32
from domain.market_price_records import MarketDay
from domain.slots import SLOTS_PER_DAY, date_of_day, day_of_date
from domain.tariff.ladders import MISSING_PRICE

_NAME: Final = "marketPrices"


class MarketPriceStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def put(self, days: Sequence[MarketDay]) -> None:
        """Store days; one of the same area and date is replaced."""
        if days:
            documents = [_document(day) for day in days]
            await self._mongo[_NAME].bulk_write(
                [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in documents]
            )

    async def read(
        self, areas: Collection[str], first_day: int, end_day: int
    ) -> dict[str, NDArray[np.int32]]:
        """Sen per kWh of the Tokyo days `[first_day, end_day)` by area, shape ``(days, 48)``.

        MISSING_PRICE where none was stored.
        """
        shape = (max(end_day - first_day, 0), SLOTS_PER_DAY)
        prices = {area: np.full(shape, MISSING_PRICE, np.int32) for area in areas}
        if not prices or not shape[0]:
            return prices
        choice = {
            "area": {"$in": sorted(areas)},
            "on": {
                "$gte": date_of_day(first_day).isoformat(),
                "$lt": date_of_day(end_day).isoformat(),
            },
        }
        for found in await self._mongo.find(_NAME, choice):
            day = day_of_date(date.fromisoformat(found["on"])) - first_day
            prices[found["area"]][day] = np.frombuffer(found["sen"], INT32)
        return prices


def _document(day: MarketDay) -> Document:
    on = day.on.isoformat()
    sen = np.array(day.sen, INT32).tobytes()
    return {"_id": f"{day.area}/{on}", "area": day.area, "on": on, "sen": sen}
