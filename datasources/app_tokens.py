"""Tokens with which apps act for themselves, for no member: opaque, kept as hashes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bson import Binary

from datasources.mongo import Mongo, Transaction
from datasources.tokens import new_token, token_hash

PREFIX: Final = "app_"
"What such a token begins with, so that it is never looked for among those of members."


@dataclass(frozen=True, slots=True)
class AppToken:
    """An app that shows its own token."""

    app: str
    ends_at: datetime


class AppTokenStore:
    def __init__(self, mongo: Mongo, life: timedelta) -> None:
        self._tokens = mongo["appTokens"]
        self._life = life

    async def open(self, app: str, now: datetime) -> tuple[AppToken, str]:
        """A new token of an app, which is shown once."""
        token = PREFIX + new_token()
        ends_at = now + self._life
        document = {"_id": Binary(token_hash(token)), "app": app, "endsAt": ends_at}
        await self._tokens.insert_one(document)
        return AppToken(app, ends_at), token

    async def find(self, token: str, now: datetime) -> AppToken | None:
        """Whose token it is; None for one that is wrong or has ended."""
        found = await self._tokens.find_one({"_id": Binary(token_hash(token))})
        if found is None or found["endsAt"] <= now:
            return None
        return AppToken(found["app"], found["endsAt"])

    async def end(self, token: str) -> None:
        """End a token; one that does not exist changes nothing."""
        await self._tokens.delete_one({"_id": Binary(token_hash(token))})

    async def end_all(self, app: str, transaction: Transaction) -> None:
        """End all tokens of an app."""
        await self._tokens.delete_many({"app": app}, session=transaction)
