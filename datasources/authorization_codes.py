"""Authorization codes: opaque, kept as hashes, each for one app, one redirect and one PKCE challenge.

A used code is kept for a day, so that one that comes back is known.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bson import Binary

from datasources.mongo import Mongo, Transaction
from datasources.tokens import new_token, token_hash

_LIFE: Final = timedelta(minutes=1)
_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What a code stands for until `ends_at`."""

    app: str
    consent: str
    redirect_uri: str
    challenge: str = field(repr=False)
    "SHA-256 of PKCE's verifier, as the app sent it."
    ends_at: datetime
    used: bool = False


class AuthorizationCodeStore:
    def __init__(self, mongo: Mongo) -> None:
        self._codes = mongo["authorizationCodes"]

    async def add(
        self,
        app: str,
        consent: str,
        redirect_uri: str,
        challenge: str,
        now: datetime,
        transaction: Transaction,
    ) -> str:
        """A new code, which is shown once."""
        code = new_token()
        document = {
            "_id": Binary(token_hash(code)),
            "app": app,
            "consent": consent,
            "redirectUri": redirect_uri,
            "challenge": challenge,
            "endsAt": now + _LIFE,
            "usedAt": None,
            "keptUntil": now + _KEPT,
        }
        await self._codes.insert_one(document, session=transaction)
        return code

    async def find(self, code: str, now: datetime) -> AuthorizationCode | None:
        """What a code stands for, one that was used too; None for one that is wrong or has ended."""
        found = await self._codes.find_one({"_id": Binary(token_hash(code))})
        if found is None or (found["usedAt"] is None and found["endsAt"] <= now):
            return None
        return AuthorizationCode(
            found["app"],
            found["consent"],
            found["redirectUri"],
            found["challenge"],
            found["endsAt"],
            found["usedAt"] is not None,
        )

    async def use_up(self, code: str, now: datetime, transaction: Transaction) -> bool:
        """Let a code work no more; False if it was used before."""
        changed = await self._codes.update_one(
            {"_id": Binary(token_hash(code)), "usedAt": None},
            {"$set": {"usedAt": now}},
            session=transaction,
        )
        return bool(changed.modified_count)
