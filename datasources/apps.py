"""Partner apps in MongoDB, which are OAuth clients; of a secret only the hash is kept."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bson import Binary
from pymongo import ASCENDING

from datasources.mongo import Document, Mongo, Transaction
from datasources.tokens import new_token, token_hash
from domain.consents import App, AppGrant, Scope

_ID_BYTES: Final = 10
_NO_SECRET: Final = bytes(32)
"Hash of nothing: an app that does not exist, or has no secret, costs what any other costs."


def new_app_id() -> str:
    """An id that nobody has guessed for a name."""
    return f"app-{secrets.token_hex(_ID_BYTES)}"


class AppStore:
    def __init__(self, mongo: Mongo) -> None:
        self._apps = mongo["apps"]

    async def add(self, app: App, secret: str | None = None) -> None:
        """Keep a new app, with its secret unless it is public."""
        await self._apps.insert_one(_document(app) | {"secretHash": _hash(secret)})

    async def put(self, app: App, secret: str | None = None) -> None:
        """The same for one that may be known by that id: then it is changed."""
        document = _document(app) | {"secretHash": _hash(secret)}
        await self._apps.replace_one({"_id": app.id}, document, upsert=True)

    async def change(self, app: App) -> bool:
        """Keep what is new of an app, and its secret; False if there is none, or it has ended."""
        changed = await self._apps.update_one(
            {"_id": app.id, "endedAt": None}, {"$set": _document(app)}
        )
        return bool(changed.matched_count)

    async def by_id(self, app: str) -> App | None:
        """An app, one that has ended too."""
        found = await self._apps.find_one({"_id": app})
        return None if found is None else _app(found)

    async def by_ids(self, apps: Sequence[str]) -> dict[str, App]:
        """Those of some apps that exist, by id."""
        found = await self._apps.find({"_id": {"$in": list(set(apps))}}).to_list(None)
        return {document["_id"]: _app(document) for document in found}

    async def all(self) -> list[App]:
        """All apps, those that have ended too, the oldest first."""
        found = self._apps.find(sort=[("createdAt", ASCENDING), ("_id", ASCENDING)])
        return [_app(document) for document in await found.to_list(None)]

    async def proven(self, app: str, secret: str | None) -> App | None:
        """An app that has not ended, when it is shown to be that: by its secret, a public one by none.

        Takes as long for an app that does not exist.
        """
        found = await self._apps.find_one({"_id": app, "endedAt": None})
        known = bytes(found["secretHash"] or _NO_SECRET) if found else _NO_SECRET
        right = hmac.compare_digest(known, token_hash(secret or ""))
        if found is None:
            return None
        return _app(found) if (secret is None if found["secretHash"] is None else right) else None

    async def renew_secret(self, app: str) -> str | None:
        """A new secret in place of the old one; None for an app that has none, or has ended."""
        secret = new_token()
        choice = {"_id": app, "endedAt": None, "secretHash": {"$ne": None}}
        changed = await self._apps.update_one(choice, {"$set": {"secretHash": _hash(secret)}})
        return secret if changed.matched_count else None

    async def end(self, app: str, now: datetime, transaction: Transaction) -> bool:
        """End an app; False if there is none, or it has ended before."""
        changed = await self._apps.update_one(
            {"_id": app, "endedAt": None}, {"$set": {"endedAt": now}}, session=transaction
        )
        return bool(changed.modified_count)

    async def origins(self) -> frozenset[str]:
        """Origins of the web pages of all apps that have not ended."""
        return frozenset(await self._apps.distinct("origins", {"endedAt": None}))

    async def documents_only(self) -> frozenset[str]:
        """Apps for which only registered documents are executed."""
        return frozenset(await self._apps.distinct("_id", {"documentsOnly": True, "endedAt": None}))


def _hash(secret: str | None) -> Binary | None:
    return None if secret is None else Binary(token_hash(secret))


def _document(app: App) -> Document:
    return {
        "_id": app.id,
        "name": app.name,
        "redirectUris": list(app.redirect_uris),
        "scopes": sorted(app.scopes),
        "grants": sorted(app.grants),
        "origins": list(app.origins),
        "documentsOnly": app.documents_only,
        "website": app.website,
        "contact": app.contact,
        "createdAt": app.created_at,
        "endedAt": app.ended_at,
    }


def _app(found: Document) -> App:
    return App(
        id=found["_id"],
        name=found["name"],
        redirect_uris=tuple(found["redirectUris"]),
        public=found["secretHash"] is None,
        scopes=frozenset(map(Scope, found["scopes"])),
        grants=frozenset(map(AppGrant, found["grants"])),
        origins=tuple(found["origins"]),
        documents_only=found["documentsOnly"],
        website=found["website"],
        contact=found["contact"],
        created_at=found["createdAt"],
        ended_at=found["endedAt"],
    )
