"""Documents of GraphQL in MongoDB: those that were registered, and those that clients left here."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pymongo.errors import BulkWriteError

from datasources.mongo import Document, Mongo

_SLOT_DIGITS: Final = 3
"""Hexadecimal digits of a hash that say where its document is kept. A slot has one document, so that
strangers cannot fill the database: 4,096 of at most 10 kB."""

LONGEST_PERSISTED: Final = 10_000
"Characters of a document that clients may leave here; those of people are shorter."

_KEPT: Final = timedelta(days=30)
"A client that finds its document gone sends it again."


class TrustedDocumentStore:
    """Documents that were registered for an app, by their ids; never changed, never removed."""

    def __init__(self, mongo: Mongo) -> None:
        self._documents = mongo["trustedDocuments"]

    async def register(self, app: str, texts: Mapping[str, str], now: datetime) -> str | None:
        """Add documents by their ids; gives an id that has another text already, and adds nothing.

        Those that are registered already stay as they are.
        """
        known: dict[str, str] = {
            found["_id"]["id"]: found["text"]
            async for found in self._documents.find({"_id": {"$in": _keys(app, texts)}})
        }
        for key, text in known.items():
            if texts[key] != text:
                return key
        new = [
            {"_id": {"app": app, "id": key}, "text": text, "registeredAt": now}
            for key, text in texts.items()
            if key not in known
        ]
        if new:
            try:
                await self._documents.insert_many(new, ordered=False)
            except BulkWriteError:  # somebody registered some of them at the same moment
                return await self.register(app, texts, now)
        return None

    async def text(self, app: str, key: str) -> str | None:
        """Text of a document that was registered for an app; None if there is none."""
        found = await self._documents.find_one({"_id": {"app": app, "id": key}})
        return None if found is None else str(found["text"])


class PersistedDocumentStore:
    """Documents that clients left here under their hashes; any of them may be gone at any time."""

    def __init__(self, mongo: Mongo) -> None:
        self._documents = mongo["persistedDocuments"]

    async def keep(self, sha256: str, text: str, now: datetime) -> None:
        """Keep a document for a while, in place of another one that has its slot."""
        document = {"hash": sha256, "text": text, "keptUntil": now + _KEPT}
        await self._documents.update_one({"_id": _slot(sha256)}, {"$set": document}, upsert=True)

    async def text(self, sha256: str) -> str | None:
        """Text of a document by its hash; None if it is not here."""
        found = await self._documents.find_one({"_id": _slot(sha256), "hash": sha256})
        return None if found is None else str(found["text"])


def _keys(app: str, texts: Mapping[str, str]) -> list[Document]:
    return [{"app": app, "id": key} for key in texts]


def _slot(sha256: str) -> int:
    return int(sha256[:_SLOT_DIGITS], 16)
