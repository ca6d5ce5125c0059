"""Collections of members and staff: their accounts, what they log in with, what they are told."""

from typing import Final

from pymongo import DESCENDING

from datasources.collection_kinds import Collection, index

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
_OF_APPS: Final = {"app.consent": {"$exists": True}}
"Sessions by a member's consent."
_LEAVING: Final = {"leavesAt": {"$exists": True}}
"Members who have withdrawn and have not left yet."

ACCOUNT_COLLECTIONS: Final = (
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
            index("login", "portal", "loginKey", unique=True),
            index("email", "portal", "emailKey"),
            index(
                "soleEmail", "portal", "soleEmailKey", unique=True, partialFilterExpression=_SOLE
            ),
            index("leaving", "leavesAt", partialFilterExpression=_LEAVING),
            index(
                "externalLogIn",
                "portal",
                "externalLogIns.account",
                unique=True,
                partialFilterExpression=_LINKED,
            ),
            index("loginAsGiven", "portal", "loginId"),
            index(
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
            index("ended", "endsAt", expireAfterSeconds=0),
            index("email", "portal", "email"),
            index("member", "member"),
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
        [index("member", "member")],
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
            index("access", "accessHash", unique=True),
            index("refresh", "refreshHash", unique=True),
            index("family", "familyHash"),
            index("member", "member"),
            index("consent", "app.consent", partialFilterExpression=_OF_APPS),
            index("ended", "refreshEndsAt", expireAfterSeconds=0),
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
            index("token", "tokenHash", unique=True),
            index("member", "member"),
            index("ended", "endsAt", expireAfterSeconds=0),
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
            index("token", "tokenHash", unique=True),
            index("ended", "endsAt", expireAfterSeconds=0),
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
        [index("member", "member"), index("ended", "endsAt", expireAfterSeconds=0)],
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
        [index("member", "member"), index("ended", "endsAt", expireAfterSeconds=0)],
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
        [index("ended", "endsAt", expireAfterSeconds=0)],
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
        [index("ended", "endsAt", expireAfterSeconds=0)],
    ),
    Collection(
        "logInAddresses",
        {"_id": "binData", "last": "string", "fullAt": "date"},
        [index("ended", "fullAt", expireAfterSeconds=0)],
    ),
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
            index("member", "member"),
            index("deemed", "deemedBy", "deemedFrom", partialFilterExpression=_DEEMED),
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
            index("due", "channel", "nextAt", partialFilterExpression=_UNDER_WAY),
            index("old", "sentAt", expireAfterSeconds=90 * 24 * 3600),
            index("dead", "deadAt", expireAfterSeconds=90 * 24 * 3600),
            index("member", "member", ("createdAt", DESCENDING)),
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
        [index("login", "loginKey", unique=True)],
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
            index("token", "tokenHash", unique=True),
            index("staff", "staff"),
            index("ended", "endsAt", expireAfterSeconds=0),
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
            index("member", "member", ("_id", DESCENDING)),
            index("portal", "portal", ("_id", DESCENDING)),
            index("staff", "staff", ("_id", DESCENDING)),
        ],
    ),
)
