"""All collections, made by `kenshin migrate` as often as one likes."""

import asyncio
from typing import Final

import pymongo
from pymongo import DESCENDING
from pymongo.errors import OperationFailure

from datasources.account_collections import ACCOUNT_COLLECTIONS
from datasources.app_collections import APP_COLLECTIONS
from datasources.collection_kinds import Collection, index
from datasources.document_collections import DOCUMENT_COLLECTIONS
from datasources.made_collections import are_made, note_made
from datasources.mongo import Mongo
from datasources.upgrades import upgrade
from datasources.webhook_collections import WEBHOOK_COLLECTIONS

_NAMESPACE_EXISTS: Final = 48
_MAKING_SECONDS: Final = 60.0
"Processes that start at once make them one after the other."

COLLECTIONS: Final = (
    *ACCOUNT_COLLECTIONS,
    *APP_COLLECTIONS,
    *DOCUMENT_COLLECTIONS,
    *WEBHOOK_COLLECTIONS,
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
            "kind": "string",
            "billingMonth": "string",
            "startOn": "string",
            "endOn": "string",
            "readOn": "string",
            "previousRegister": "long",
            "presentRegister": "long",
            "usage": "long",
        },
        [
            index("meter", "facility", "kind", ("endOn", DESCENDING)),
            index("billingMonth", "portal", "billingMonth", "_id"),
        ],
    ),
    Collection(
        "marketPrices",
        {"_id": "string", "area": "string", "on": "string", "sen": "binData"},
        [index("area", "area", "on")],
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
            "kind": "string",
            "number": "string",
            "revision": "int",
            "source": "string",
            "startOn": "string",
            "endOn": "string",
            "readOn": "string",
            "usage": "long",
            "estimated": "long",
            "amountYen": "long",
            "lines": "array",
            "taxPercent": "int",
            "issuedOn": "string",
            "availableOn": "string",
            "payment": "object",
            "order": "string",
            "place": "long",
        },
        [
            index("facility", "facility", ("order", DESCENDING)),
            index("member", "member", ("order", DESCENDING)),
            index("place", "facility", "place"),
            index("period", "facility", "startOn"),
        ],
    ),
    Collection(
        "billRevisions",
        {
            "_id": "objectId",
            "bill": "string",
            "member": "string",
            "facility": "long",
            "kind": "string",
            "startOn": "string",
            "revision": "int",
            "replacedAt": "date",
        },
        [index("bill", "bill"), index("facility", "facility")],
    ),
    Collection(
        "invoices",
        {
            "_id": "string",
            "portal": "string",
            "member": "string",
            "number": "string",
            "group": "string",
            "month": "string",
            "readOn": "string",
            "issuedOn": "string",
            "availableOn": "string",
            "bills": "array",
            "amountYen": "long",
            "taxPercent": "int",
            "payment": "object",
            "revision": "int",
            "order": "string",
        },
        [index("member", "member", ("order", DESCENDING))],
    ),
    Collection(
        "invoiceRevisions",
        {"_id": "objectId", "invoice": "string", "revision": "int", "replacedAt": "date"},
        [index("invoice", "invoice")],
    ),
    Collection(
        "paymentCertificates",
        {
            "_id": "string",
            "portal": "string",
            "member": "string",
            "facility": "long",
            "number": "string",
            "issuedOn": "string",
            "endsOn": "string",
            "addressee": "object",
            "place": "object",
            "bills": "array",
            "periods": "array",
            "order": "string",
        },
        [
            index("period", "periods", unique=True),
            index("member", "member", ("order", DESCENDING)),
        ],
    ),
    Collection(
        "news",
        {
            "_id": "string",
            "kind": "string",
            "subject": "string",
            "revision": "long",
            "tellOn": "string",
        },
        [index("tellOn", "tellOn", "_id")],
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
    Collection("signingKeys", {"_id": "string", "key": "binData", "at": "date"}),
    Collection("counters", {"_id": "string", "value": "long"}),
    Collection("upgrades", {"_id": "string", "at": "date"}),
)


async def migrate(mongo: Mongo) -> None:
    """Make all collections, validators and indexes, and upgrade documents; again changes nothing."""
    if not await are_made(mongo, COLLECTIONS):
        await make_again(mongo)
    await upgrade(mongo)


async def make_again(mongo: Mongo) -> None:
    """Make validators and indexes even if they were made: somebody may have dropped one."""
    with pymongo.timeout(_MAKING_SECONDS):
        existing = set(await mongo.database.list_collection_names())
        await asyncio.gather(*(_make(mongo, kind, kind.name in existing) for kind in COLLECTIONS))
        await note_made(mongo, COLLECTIONS)


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
