"""The note that collections were made, which tells whether they still are.

A database where nothing changed is known by one listing: a collection that was dropped and made again,
or restored, has another UUID. An index that was dropped by hand is not seen.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

import bson

from datasources.collection_kinds import Collection
from datasources.mongo import Mongo

_NOTE: Final = "collections are made"


async def are_made(mongo: Mongo, kinds: Sequence[Collection]) -> bool:
    """Whether the database has these collections, as they were when that was noted."""
    noted = await mongo.find("upgrades", {"_id": _NOTE})
    return bool(noted) and noted[0]["state"] == await _state(mongo, kinds)


async def note_made(mongo: Mongo, kinds: Sequence[Collection]) -> None:
    """Remember the collections as they are now, their validators and indexes made."""
    note = {"at": datetime.now(UTC), "state": await _state(mongo, kinds)}
    await mongo["upgrades"].update_one({"_id": _NOTE}, {"$set": note}, upsert=True)


async def _state(mongo: Mongo, kinds: Sequence[Collection]) -> bytes | None:
    """Digest of what collections must be and are; none if one of them is not there."""
    listed = await (await mongo.database.list_collections()).to_list(None)
    found = {entry["name"]: [entry["info"]["uuid"], entry["options"]] for entry in listed}
    if not found.keys() >= {kind.name for kind in kinds}:
        return None
    state = [
        [kind.name, kind.validator, [each.document for each in kind.indexes], found[kind.name]]
        for kind in kinds
    ]
    return sha256(bson.encode({"collections": state})).digest()
