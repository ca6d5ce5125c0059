"""Collections of documents of GraphQL that clients name instead of sending them."""

from typing import Final

from datasources.collection_kinds import Collection, index

DOCUMENT_COLLECTIONS: Final = (
    Collection("trustedDocuments", {"_id": "object", "text": "string", "registeredAt": "date"}),
    Collection(
        "persistedDocuments",
        {"_id": "int", "hash": "string", "text": "string", "keptUntil": "date"},
        [index("old", "keptUntil", expireAfterSeconds=0)],
    ),
)
