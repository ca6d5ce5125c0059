"""Tokens of the utility's own systems, which hand readings in."""

from datetime import datetime

from datasources.mongo import Mongo
from datasources.tokens import new_token, token_hash


class ServiceTokenStore:
    def __init__(self, mongo: Mongo) -> None:
        self._tokens = mongo["serviceTokens"]

    async def create(self, name: str, now: datetime, expires_at: datetime | None = None) -> str:
        """A new token; it is shown once and only its hash is kept."""
        token = new_token()
        document = {"_id": token_hash(token), "name": name, "createdAt": now}
        if expires_at is not None:
            document["expiresAt"] = expires_at
        await self._tokens.insert_one(document)
        return token

    async def name_of(self, token: str, now: datetime) -> str | None:
        """Name of the system whose token this is; None if there is none or it has expired."""
        found = await self._tokens.find_one({"_id": token_hash(token)})
        if found is None or ("expiresAt" in found and found["expiresAt"] <= now):
            return None
        return str(found["name"])
