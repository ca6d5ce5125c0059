"""Tokens that set a new password, of links or of right answers: opaque, kept as hashes, one a member.

A link works once, soon, and only as long as password, address and secret answer are those of when it
was sent.
"""

from dataclasses import dataclass, field
from datetime import datetime

from datasources.mongo import Mongo, Transaction
from datasources.tokens import new_token, token_hash
from domain.members import Credentials


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """What the token of a member may do until `ends_at`."""

    member: str
    portal: str
    ends_at: datetime
    mark: bytes = field(repr=False)
    "`reset_mark` of when it was made."


class PasswordResetStore:
    def __init__(self, mongo: Mongo) -> None:
        self._resets = mongo["passwordResets"]

    async def put(self, reset: PasswordReset, transaction: Transaction) -> str:
        """Keep a reset instead of the member's older one; gives its token."""
        token = new_token()
        document = {
            "_id": reset.member,
            "portal": reset.portal,
            "tokenHash": token_hash(token),
            "mark": reset.mark,
            "endsAt": reset.ends_at,
        }
        await self._resets.replace_one(
            {"_id": reset.member}, document, upsert=True, session=transaction
        )
        return token

    async def find(self, token: str, now: datetime) -> PasswordReset | None:
        """The reset of a token, unless it was used, replaced or has ended."""
        found = await self._resets.find_one(
            {"tokenHash": token_hash(token), "endsAt": {"$gt": now}}
        )
        if found is None:
            return None
        return PasswordReset(found["_id"], found["portal"], found["endsAt"], bytes(found["mark"]))

    async def use_up(self, token: str, transaction: Transaction) -> bool:
        """Let a token set no other password; False if another request came first."""
        found = await self._resets.delete_one({"tokenHash": token_hash(token)}, session=transaction)
        return bool(found.deleted_count)


def reset_mark(known: Credentials) -> bytes:
    """Tells the password, the address and the secret answer that a member has from any other."""
    answer_hash = known.recovery.answer_hash if known.recovery else None
    return token_hash(f"{known.password_hash}\0{known.member.profile.email}\0{answer_hash}")
