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
_UNDER_WAY: Final = {"nextAt": {"$exists": True}}
"Messages that were neither sent nor given up: few, however many have been sent."
_SOLE: Final = {"soleEmailKey": {"$exists": True}}
"Members of portals where an address belongs to one member."
_ISSUED: Final = {"accountNumber": {"$exists": True}}
"Members whose account the company has made."
_DEEMED: Final = {"deemedFrom": {"$exists": True}}
"Terms that time or use will accept."
_LINKED: Final = {"externalLogIns.account": {"$exists": True}}
"Members who log in with outside accounts."
_LEAVING: Final = {"leavesAt": {"$exists": True}}
"Members who have withdrawn and have not left yet."


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
        [
            _index("login", "portal", "loginKey", unique=True),
            _index("email", "portal", "emailKey"),
            _index(
                "soleEmail", "portal", "soleEmailKey", unique=True, partialFilterExpression=_SOLE
            ),
            _index("leaving", "leavesAt", partialFilterExpression=_LEAVING),
            _index(
                "externalLogIn",
                "portal",
                "externalLogIns.account",
                unique=True,
                partialFilterExpression=_LINKED,
            ),
            _index("loginAsGiven", "portal", "loginId"),
            _index(
                "account", "portal", "accountNumber", unique=True, partialFilterExpression=_ISSUED
            ),
        ],
    ),
    Collection(
        "registrations",
        {
            "_id": "binData",
            "portal": "string",
            "email": "string",
            "language": "string",
            "endsAt": "date",
            "member": ["string", "null"],
        },
        [
            _index("ended", "endsAt", expireAfterSeconds=0),
            _index("email", "portal", "email"),
            _index("member", "member"),
        ],
    ),
    Collection(
        "postcards",
        {"_id": "string", "codeHash": "string", "issuedAt": "date", "endsAt": "date"},
    ),
    Collection(
        "supplyContracts",
        {
            "_id": "string",
            "portal": "string",
            "customerNumber": "string",
            "name": "string",
            "address": "object",
            "paymentMethod": "string",
            "voltage": "int",
            "member": ["string", "null"],
        },
        [_index("member", "member")],
    ),
    Collection(
        "sessions",
        {
            "_id": "string",
            "member": "string",
            "portal": "string",
            "accessHash": "binData",
            "refreshHash": "binData",
            "familyHash": "binData",
            "accessEndsAt": "date",
            "refreshEndsAt": "date",
            "endsAt": "date",
            "openedAt": "date",
            "usedAt": "date",
            "program": "string",
            "device": ["string", "null"],
        },
        [
            _index("access", "accessHash", unique=True),
            _index("refresh", "refreshHash", unique=True),
            _index("family", "familyHash"),
            _index("member", "member"),
            _index("ended", "refreshEndsAt", expireAfterSeconds=0),
        ],
    ),
    Collection(
        "devices",
        {
            "_id": "string",
            "member": "string",
            "tokenHash": "binData",
            "program": "string",
            "knownSince": "date",
            "usedAt": "date",
            "endsAt": "date",
        },
        [
            _index("token", "tokenHash", unique=True),
            _index("member", "member"),
            _index("ended", "endsAt", expireAfterSeconds=0),
        ],
    ),
    Collection(
        "passwordResets",
        {
            "_id": "string",
            "portal": "string",
            "tokenHash": "binData",
            "mark": "binData",
            "endsAt": "date",
        },
        [
            _index("token", "tokenHash", unique=True),
            _index("ended", "endsAt", expireAfterSeconds=0),
        ],
    ),
    Collection(
        "emailChanges",
        {
            "_id": "binData",
            "member": "string",
            "portal": "string",
            "email": "string",
            "emailKey": "string",
            "purpose": "string",
            "mark": "binData",
            "endsAt": "date",
        },
        [_index("member", "member"), _index("ended", "endsAt", expireAfterSeconds=0)],
    ),
    Collection(
        "logInChallenges",
        {
            "_id": "binData",
            "member": "string",
            "position": "int",
            "endsAt": "date",
            "passwordMark": "binData",
        },
        [_index("member", "member"), _index("ended", "endsAt", expireAfterSeconds=0)],
    ),
    Collection(
        "externalVisits",
        {
            "_id": "binData",
            "portal": "string",
            "provider": "string",
            "redirectUri": "string",
            "session": ["string", "null"],
            "endsAt": "date",
        },
        [_index("ended", "endsAt", expireAfterSeconds=0)],
    ),
    Collection(
        "logInAttempts",
        {
            "_id": "binData",
            "counted": "array",
            "pending": "array",
            "lockedUntil": ["date", "null"],
            "endsAt": "date",
        },
        [_index("ended", "endsAt", expireAfterSeconds=0)],
    ),
    Collection(
        "logInAddresses",
        {"_id": "binData", "last": "string", "fullAt": "date"},
        [_index("ended", "fullAt", expireAfterSeconds=0)],
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
            _index("customer", "portal", "customerKey"),
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
    Collection(
        "acceptedTerms",
        {
            "_id": "string",
            "member": "string",
            "portal": "string",
            "document": "string",
            "version": "string",
            "notifiedAt": ["date", "null"],
            "acceptedAt": ["date", "null"],
            "acceptance": ["string", "null"],
        },
        [
            _index("member", "member"),
            _index("deemed", "deemedBy", "deemedFrom", partialFilterExpression=_DEEMED),
        ],
    ),
    Collection(
        "outbox",
        {
            "_id": "string",
            "messageId": "string",
            "kind": "string",
            "channel": "string",
            "portal": "string",
            "member": ["string", "null"],
            "to": "string",
            "language": "string",
            "state": "string",
            "attempts": "int",
            "createdAt": "date",
            "giveUpAt": "date",
        },
        [
            _index("due", "channel", "nextAt", partialFilterExpression=_UNDER_WAY),
            _index("old", "sentAt", expireAfterSeconds=90 * 24 * 3600),
            _index("dead", "deadAt", expireAfterSeconds=90 * 24 * 3600),
            _index("member", "member", ("createdAt", DESCENDING)),
        ],
    ),
    Collection(
        "staff",
        {
            "_id": "string",
            "loginId": "string",
            "loginKey": "string",
            "name": "string",
            "role": "string",
            "portals": ["array", "null"],
            "passwordHash": "string",
            "createdAt": "date",
            "endedAt": ["date", "null"],
        },
        [_index("login", "loginKey", unique=True)],
    ),
    Collection(
        "staffSessions",
        {
            "_id": "string",
            "staff": "string",
            "tokenHash": "binData",
            "openedAt": "date",
            "idleEndsAt": "date",
            "endsAt": "date",
        },
        [
            _index("token", "tokenHash", unique=True),
            _index("staff", "staff"),
            _index("ended", "endsAt", expireAfterSeconds=0),
        ],
    ),
    Collection(
        "audit",
        {
            "_id": "string",
            "at": "date",
            "act": "string",
            "staff": ["string", "null"],
            "loginId": ["string", "null"],
            "portal": ["string", "null"],
            "member": ["string", "null"],
            "subject": ["string", "null"],
            "reason": ["string", "null"],
            "note": ["string", "null"],
        },
        [
            _index("member", "member", ("_id", DESCENDING)),
            _index("portal", "portal", ("_id", DESCENDING)),
            _index("staff", "staff", ("_id", DESCENDING)),
        ],
    ),
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
