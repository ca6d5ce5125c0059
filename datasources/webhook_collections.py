"""Collections of webhooks: the addresses of apps, and how far they were told of each consent."""

from typing import Final

from datasources.collection_kinds import Collection, index

_ACTIVE: Final = {"state": "ACTIVE"}

WEBHOOK_COLLECTIONS: Final = (
    Collection(
        "webhooks",
        {
            "_id": "string",
            "app": "string",
            "url": "string",
            "kinds": "array",
            "keys": "array",
            "createdAt": "date",
            "state": "string",
            "consentsPlace": "long",
            "leaseEndsAt": "date",
        },
        [index("app", "app"), index("lease", "leaseEndsAt", partialFilterExpression=_ACTIVE)],
    ),
    Collection(
        "webhookDeliveries",
        {
            "_id": "string",
            "webhook": "string",
            "consent": "string",
            "givenTold": "bool",
            "places": "object",
        },
        [index("webhook", "webhook")],
    ),
)
