"""Collections of partner apps: the apps, what members let them see, and what they looked at."""

from typing import Final

from pymongo import DESCENDING

from datasources.collection_kinds import Collection, index

_LIVE: Final = {"end": None}
"Consents that were not ended, few of all that were ever given."
_KEPT_SECONDS: Final = 731 * 24 * 3600
"24 months of accesses are shown."

APP_COLLECTIONS: Final = (
    Collection(
        "apps",
        {
            "_id": "string",
            "name": "string",
            "redirectUris": "array",
            "scopes": "array",
            "grants": "array",
            "origins": "array",
            "documentsOnly": "bool",
            "website": "string",
            "contact": "string",
            "secretHash": ["binData", "null"],
            "createdAt": "date",
            "endedAt": ["date", "null"],
        },
    ),
    Collection(
        "appTokens",
        {"_id": "binData", "app": "string", "endsAt": "date"},
        [index("app", "app"), index("ended", "endsAt", expireAfterSeconds=0)],
    ),
    Collection(
        "authorizationCodes",
        {
            "_id": "binData",
            "app": "string",
            "consent": "string",
            "redirectUri": "string",
            "challenge": "string",
            "endsAt": "date",
            "usedAt": ["date", "null"],
            "keptUntil": "date",
        },
        [index("old", "keptUntil", expireAfterSeconds=0)],
    ),
    Collection(
        "consents",
        {
            "_id": "string",
            "app": "string",
            "member": "string",
            "portal": "string",
            "facilities": "array",
            "scopes": "array",
            "dataFrom": "string",
            "until": "date",
            "givenAt": "date",
            "usedAt": "date",
            "endedAt": ["date", "null"],
            "end": ["string", "null"],
            "place": "long",
        },
        [
            index("member", "member", ("_id", DESCENDING)),
            index("app", "app", ("_id", DESCENDING)),
            index("place", "app", "place"),
            index("live", "facilities", partialFilterExpression=_LIVE),
            index("expiry", "until", partialFilterExpression=_LIVE),
            index("lapse", "usedAt", partialFilterExpression=_LIVE),
        ],
    ),
    Collection(
        "appAccesses",
        {
            "_id": "string",
            "consent": "string",
            "scope": ["string", "null"],
            "facility": ["long", "null"],
            "requests": "long",
            "firstAt": "date",
            "lastAt": "date",
        },
        [
            index("consent", "consent", ("_id", DESCENDING)),
            index("old", "lastAt", expireAfterSeconds=_KEPT_SECONDS),
        ],
    ),
)
