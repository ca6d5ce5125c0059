"""What members are still to be told of, in MongoDB: written with what it is about, taken when told.

Whoever takes something away and writes the mails in one transaction tells of it exactly once, however
many do it at the same time.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from bson import Int64
from pymongo import ReplaceOne

from datasources.mongo import Document, Mongo, Transaction
from domain.news import News, NewsKind

_NAME: Final = "news"


class NewsStore:
    def __init__(self, mongo: Mongo) -> None:
        self._news = mongo[_NAME]

    async def add(self, news: Sequence[News], transaction: Transaction) -> None:
        """Note what is to be told of, in the transaction that stores it."""
        if news:
            writes = [ReplaceOne({"_id": each.id}, _document(each), upsert=True) for each in news]
            await self._news.bulk_write(writes, ordered=False, session=transaction)

    async def due(self, on: date, most: int) -> list[News]:
        """The first that are to be told of on a day, those that wait longest first."""
        # Processes of a later version may know more kinds, and tell of them.
        choice = {"tellOn": {"$lte": on.isoformat()}, "kind": {"$in": list(NewsKind)}}
        found = self._news.find(choice, sort=[("tellOn", 1), ("_id", 1)], limit=most)
        return [_news(document) for document in await found.to_list(None)]

    async def take(self, news: Sequence[News], transaction: Transaction) -> list[News]:
        """Take these away; gives those that were still there."""
        choice = {"_id": {"$in": [each.id for each in news]}}
        found = self._news.find(choice, session=transaction)
        taken = [_news(document) for document in await found.to_list(None)]
        await self._news.delete_many(choice, session=transaction)
        return taken


def _document(news: News) -> Document:
    return {
        "_id": news.id,
        "kind": news.kind.value,
        "subject": news.subject,
        "revision": Int64(news.revision),
        "tellOn": news.tell_on.isoformat(),
    }


def _news(found: Document) -> News:
    return News(
        NewsKind(found["kind"]),
        found["subject"],
        found["revision"],
        date.fromisoformat(found["tellOn"]),
    )
