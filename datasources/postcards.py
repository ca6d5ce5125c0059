"""Postcards with a code that are on their way: one for each member, of whose code the hash is kept."""

from dataclasses import dataclass, field
from datetime import datetime

from datasources.mongo import Mongo, Transaction


@dataclass(frozen=True, slots=True)
class PostcardInTransit:
    member: str
    code_hash: str = field(repr=False)
    issued_at: datetime
    ends_at: datetime


class PostcardStore:
    def __init__(self, mongo: Mongo) -> None:
        self._postcards = mongo["postcards"]

    async def find(self, member: str) -> PostcardInTransit | None:
        found = await self._postcards.find_one({"_id": member})
        if found is None:
            return None
        return PostcardInTransit(member, found["codeHash"], found["issuedAt"], found["endsAt"])

    async def put(self, postcard: PostcardInTransit, transaction: Transaction) -> None:
        """Let this be the member's postcard; the code of the one before is dead."""
        await self._postcards.replace_one(
            {"_id": postcard.member},
            {
                "_id": postcard.member,
                "codeHash": postcard.code_hash,
                "issuedAt": postcard.issued_at,
                "endsAt": postcard.ends_at,
            },
            upsert=True,
            session=transaction,
        )

    async def replace(
        self, before: PostcardInTransit, postcard: PostcardInTransit, transaction: Transaction
    ) -> bool:
        """The same, unless there is another one than `before` meanwhile; then False."""
        found = await self._postcards.update_one(
            {"_id": before.member, "codeHash": before.code_hash},
            {
                "$set": {
                    "codeHash": postcard.code_hash,
                    "issuedAt": postcard.issued_at,
                    "endsAt": postcard.ends_at,
                }
            },
            session=transaction,
        )
        return bool(found.modified_count)

    async def discard(self, member: str, transaction: Transaction) -> None:
        """Let the code of a member's postcard open nothing any more."""
        await self._postcards.delete_one({"_id": member}, session=transaction)

    async def use_up(self, postcard: PostcardInTransit, transaction: Transaction) -> bool:
        """Let a code open nothing any more; False if it was used up or replaced meanwhile."""
        found = await self._postcards.delete_one(
            {"_id": postcard.member, "codeHash": postcard.code_hash}, session=transaction
        )
        return bool(found.deleted_count)
