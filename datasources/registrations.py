"""Registrations that were begun: opaque tokens, kept as hashes, each of which makes one member.

One that is used up stays until it would have ended, so that a request that is repeated gets the answer
that was lost.
"""

from dataclasses import dataclass
from datetime import datetime

from datasources.mongo import Mongo, Transaction
from datasources.tokens import new_token, token_hash
from domain.outbox import Language


@dataclass(frozen=True, slots=True)
class PendingRegistration:
    """Somebody who has shown to have an address, until `ends_at`."""

    portal: str
    email: str
    language: Language
    ends_at: datetime
    member: str | None = None
    "Who came of it; then it is used up."
    key_hash: bytes | None = None
    "Of the idempotency key of the request that used it up."


class RegistrationStore:
    def __init__(self, mongo: Mongo) -> None:
        self._registrations = mongo["registrations"]

    async def add(self, begun: PendingRegistration, transaction: Transaction) -> str:
        """Keep a registration; gives the token that goes on with it."""
        token = new_token()
        document = {
            "_id": token_hash(token),
            "portal": begun.portal,
            "email": begun.email,
            "language": begun.language.value,
            "endsAt": begun.ends_at,
            "member": None,
        }
        await self._registrations.insert_one(document, session=transaction)
        return token

    async def find(self, token: str, now: datetime) -> PendingRegistration | None:
        """A registration by its token, used up or not; None for one that has ended."""
        found = await self._registrations.find_one(
            {"_id": token_hash(token), "endsAt": {"$gt": now}}
        )
        if found is None:
            return None
        return PendingRegistration(
            portal=found["portal"],
            email=found["email"],
            language=Language(found["language"]),
            ends_at=found["endsAt"],
            member=found["member"],
            key_hash=found.get("keyHash"),
        )

    async def use_up(
        self, token: str, member: str, key: str | None, transaction: Transaction
    ) -> bool:
        """Let a token make no other member; False if another request came first."""
        key_hash = None if key is None else token_hash(key)
        found = await self._registrations.update_one(
            {"_id": token_hash(token), "member": None},
            {"$set": {"member": member, "keyHash": key_hash}},
            session=transaction,
        )
        return bool(found.modified_count)
