"""Links that make an address a member's: opaque tokens, kept as hashes.

A link works once, soon, and only as long as the password and the first address are those of when it was
sent.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from datasources.mongo import Document, Mongo, Transaction
from datasources.tokens import new_token, token_hash
from domain.members import email_key


class EmailPurpose(StrEnum):
    """What becomes of the address."""

    CHANGE = "CHANGE"
    "It takes the place of the first one."
    ADD = "ADD"
    "It is one more, that gets notices."


@dataclass(frozen=True, slots=True)
class EmailChange:
    """What the link to an address may do until `ends_at`."""

    member: str
    portal: str
    email: str = field(repr=False)
    purpose: EmailPurpose
    ends_at: datetime
    mark: bytes = field(repr=False)
    "`password_resets.reset_mark` of when the link was sent."


class EmailChangeStore:
    def __init__(self, mongo: Mongo) -> None:
        self._changes = mongo["emailChanges"]

    async def put(self, change: EmailChange, transaction: Transaction) -> str:
        """Keep a change instead of an older one of the same; gives the token of its link.

        A member has one for the first address, and one for every other that is to be added.
        """
        token = new_token()
        older: Document = {"member": change.member, "purpose": change.purpose.value}
        if change.purpose is EmailPurpose.ADD:
            older["emailKey"] = email_key(change.email)
        document = {
            "_id": token_hash(token),
            "portal": change.portal,
            "email": change.email,
            "emailKey": email_key(change.email),
            "endsAt": change.ends_at,
            "mark": change.mark,
        }
        await self._changes.delete_many(older, session=transaction)
        await self._changes.insert_one(older | document, session=transaction)
        return token

    async def find(self, token: str, now: datetime) -> EmailChange | None:
        """The change of a token, unless it was used, replaced or has ended."""
        found = await self._changes.find_one({"_id": token_hash(token), "endsAt": {"$gt": now}})
        if found is None:
            return None
        return EmailChange(
            member=found["member"],
            portal=found["portal"],
            email=found["email"],
            purpose=EmailPurpose(found["purpose"]),
            ends_at=found["endsAt"],
            mark=bytes(found["mark"]),
        )

    async def use_up(self, token: str, transaction: Transaction) -> bool:
        """Let a token do nothing else; False if another request came first."""
        found = await self._changes.delete_one({"_id": token_hash(token)}, session=transaction)
        return bool(found.deleted_count)
