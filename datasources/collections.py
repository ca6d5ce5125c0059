"""The collections: their validators and indexes, made by `kenshin migrate` as often as one likes.

A validator states what every document must have; finer rules are checked where documents are made.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import OperationFailure

from datasources.mongo import Document, Mongo

_NAMESPACE_EXISTS: Final = 48


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: BSON types of its required fields, and its indexes."""

    name: str
    required: dict[str, str | list[str]]
    indexes: Sequence[IndexModel] = ()

    @property
    def validator(self) -> Document:
        return {
            "$jsonSchema": {
                "bsonType": "object",
                "required": sorted(self.required),
                "properties": {key: {"bsonType": kind} for key, kind in self.required.items()},
            }
        }


def _index(name: str, *keys: str | tuple[str, int], **options: Any) -> IndexModel:
    pairs = [(key, ASCENDING) if isinstance(key, str) else key for key in keys]
    return IndexModel(pairs, name=name, **options)


COLLECTIONS = (
    Collection(
        "members",
        {
            "_id": "string",
            "portal": "string",
            "loginId": "string",
            "loginKey": "string",
            "passwordHash": "string",
            "state": "string",
            "profile": "object",
        },
        [_index("login", "portal", "loginKey", unique=True)],
    ),
    Collection(
        "sessions",
        {
            "_id": "string",
            "member": "string",
            "portal": "string",
            "accessHash": "binData",
            "refreshHash": "binData",
            "accessEndsAt": "date",
            "refreshEndsAt": "date",
        },
        [
            _index("access", "accessHash", unique=True),
            _index("refresh", "refreshHash", unique=True),
            _index("member", "member"),
            _index("ended", "refreshEndsAt", expireAfterSeconds=0),
        ],
    ),
    Collection(
        "facilities",
        {
            "_id": "long",
            "portal": "string",
            "member": "string",
            "name": "string",
            "supplyPointNumber": "string",
            "customerNumber": "string",
            "address": "object",
            "contracts": "array",
            "searchText": "string",
        },
        [
            _index("supplyPoint", "supplyPointNumber", unique=True),
            _index("member", "member", "_id"),
        ],
    ),
    Collection(
        "readingPeriods",
        {
            "_id": "string",
            "portal": "string",
            "member": "string",
            "facility": "long",
            "startOn": "string",
            "endOn": "string",
            "readOn": "string",
            "previousRegisterWh": "long",
            "presentRegisterWh": "long",
            "usageWh": "long",
        },
        [_index("facility", "facility", ("endOn", DESCENDING))],
    ),
    Collection(
        "usageDays",
        {
            "_id": "long",
            "facility": "long",
            "newest": "long",
            "wh": "binData",
            "state": "binData",
            "order": "binData",
            "receivedMs": "binData",
        },
        [_index("newest", "facility", "newest")],
    ),
    Collection("usageHeads", {"_id": "long", "order": "long", "receivedAt": "date"}),
    Collection("unpublished", {"_id": "objectId", "at": "date", "heads": "array"}),
    Collection(
        "bills",
        {
            "_id": "string",
            "portal": "string",
            "member": "string",
            "facility": "long",
            "number": "string",
            "startOn": "string",
            "endOn": "string",
            "usageWh": "long",
            "amountYen": "long",
            "lines": "array",
            "issuedOn": "string",
            "dueOn": "string",
            "paymentState": "string",
            "order": "string",
            "place": "long",
        },
        [
            _index("facility", "facility", ("order", DESCENDING)),
            _index("member", "member", ("order", DESCENDING)),
            _index("place", "facility", "place"),
        ],
    ),
    Collection(
        "ingestBatches",
        {"_id": "binData", "bodyHash": "binData", "answer": "object", "at": "date"},
        [_index("old", "at", expireAfterSeconds=7 * 24 * 3600)],
    ),
    Collection(
        "serviceTokens",
        {"_id": "binData", "name": "string", "createdAt": "date"},
        [_index("expired", "expiresAt", expireAfterSeconds=0)],
    ),
    Collection(
        "endings",
        {"_id": "long", "kind": "string", "key": ["string", "long"], "at": "date"},
        [_index("old", "at", expireAfterSeconds=7 * 24 * 3600)],
    ),
    Collection("counters", {"_id": "string", "value": "long"}),
)


async def migrate(mongo: Mongo) -> None:
    """Make all collections, validators and indexes; a second time changes nothing."""
    existing = set(await mongo.database.list_collection_names())
    await asyncio.gather(*(_make(mongo, kind, kind.name in existing) for kind in COLLECTIONS))


async def _make(mongo: Mongo, kind: Collection, exists: bool) -> None:
    if not exists:
        try:
            await mongo.database.create_collection(
                kind.name, check_exists=False, validator=kind.validator
            )
        except OperationFailure as error:
            if error.code != _NAMESPACE_EXISTS:
                raise
            exists = True  # another process was faster
    if exists:
        await mongo.database.command("collMod", kind.name, validator=kind.validator)
    if kind.indexes:
        await mongo[kind.name].create_indexes(list(kind.indexes))
