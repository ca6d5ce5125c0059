"""Secret keys that all processes of a deployment sign with; each is made once, at random."""

import secrets
from datetime import datetime
from typing import Final

from pymongo import ReturnDocument

from datasources.mongo import Mongo

_BYTES: Final = 32


class SigningKeys:
    def __init__(self, mongo: Mongo) -> None:
        self._keys = mongo["signingKeys"]
        self._known: dict[str, bytes] = {}

    async def key(self, name: str, now: datetime) -> bytes:
        """The key of a name: the first who asks makes it, everybody after gets the same."""
        known = self._known.get(name)
        if known is None:
            found = await self._keys.find_one_and_update(
                {"_id": name},
                {"$setOnInsert": {"key": secrets.token_bytes(_BYTES), "at": now}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
            known = self._known[name] = bytes(found["key"])
        return known
