"""Batches of readings that were answered, so that a repeated one gets the same answer."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from datasources.mongo import Mongo


@dataclass(frozen=True, slots=True)
class AnsweredBatch:
    body_hash: bytes
    answer: dict[str, Any]


class BatchStore:
    def __init__(self, mongo: Mongo) -> None:
        self._batches = mongo["ingestBatches"]

    async def answered(self, sender: str, key: str) -> AnsweredBatch | None:
        """Batch that a sender sent under an idempotency key, kept for a week."""
        found = await self._batches.find_one({"_id": _id(sender, key)})
        return found and AnsweredBatch(found["bodyHash"], found["answer"])

    async def remember(
        self, sender: str, key: str, batch: AnsweredBatch, now: datetime
    ) -> AnsweredBatch:
        """Keep an answer; of two at the same time the first one stands, and is answered here."""
        kept = await self._batches.find_one_and_update(
            {"_id": _id(sender, key)},
            {"$setOnInsert": {"bodyHash": batch.body_hash, "answer": batch.answer, "at": now}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return AnsweredBatch(kept["bodyHash"], kept["answer"])


def _id(sender: str, key: str) -> bytes:
    return hashlib.sha256(f"{sender}\0{key}".encode()).digest()
