"""All collections, made by `kenshin migrate` as often as one likes."""

import asyncio
from typing import Final

from pymongo import DESCENDING
from pymongo.errors import OperationFailure

from datasources.account_collections import ACCOUNT_COLLECTIONS
from datasources.collection_kinds import Collection, index
from datasources.mongo import Mongo

_NAMESPACE_EXISTS: Final = 48

COLLECTIONS: Final = (
    *ACCOUNT_COLLECTIONS,
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
            index("supplyPoint", "supplyPointNumber", unique=True),
            index("member", "member", "_id"),
            index("customer", "portal", "customerKey"),
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
        [index("facility", "facility", ("endOn", DESCENDING))],
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
        [index("newest", "facility", "newest")],
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
            index("facility", "facility", ("order", DESCENDING)),
            index("member", "member", ("order", DESCENDING)),
            index("place", "facility", "place"),
        ],
    ),
    Collection(
        "ingestBatches",
        {"_id": "binData", "bodyHash": "binData", "answer": "object", "at": "date"},
        [index("old", "at", expireAfterSeconds=7 * 24 * 3600)],
    ),
    Collection(
        "serviceTokens",
        {"_id": "binData", "name": "string", "createdAt": "date"},
        [index("expired", "expiresAt", expireAfterSeconds=0)],
    ),
    Collection(
        "endings",
        {"_id": "long", "kind": "string", "key": ["string", "long"], "at": "date"},
        [index("old", "at", expireAfterSeconds=7 * 24 * 3600)],
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
