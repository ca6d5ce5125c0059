"""What was asked of somebody who knows the password, on a device that is not known.

A challenge is answered once, soon, and only as long as the password is the one that was right.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from datasources.mongo import Mongo, Transaction
from datasources.tokens import new_token, token_hash

LIFE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Challenge:
    """Keyword number `position` (from 1) of a member, asked for until `ends_at`."""

    member: str
    position: int
    ends_at: datetime
    password_mark: bytes
    "Tells the password hash that was right from any other."


class ChallengeStore:
    def __init__(self, mongo: Mongo) -> None:
        self._challenges = mongo["logInChallenges"]

    async def add(self, challenge: Challenge) -> str:
        """Keep a challenge; gives the token that answers it."""
        token = new_token()
        await self._challenges.insert_one(
            {
                "_id": token_hash(token),
                "member": challenge.member,
                "position": challenge.position,
                "endsAt": challenge.ends_at,
                "passwordMark": challenge.password_mark,
            }
        )
        return token

    async def find(self, token: str, now: datetime) -> Challenge | None:
        """The challenge of a token, unless it was answered or has ended."""
        found = await self._challenges.find_one({"_id": token_hash(token), "endsAt": {"$gt": now}})
        if found is None:
            return None
        return Challenge(
            found["member"], found["position"], found["endsAt"], bytes(found["passwordMark"])
        )

    async def forget_all(self, member: str, transaction: Transaction) -> None:
        """Let nobody answer for a member what was asked so far."""
        await self._challenges.delete_many({"member": member}, session=transaction)

    async def use_up(self, token: str) -> bool:
        """Let a token answer nothing any more; False if another answer came first."""
        found = await self._challenges.delete_one({"_id": token_hash(token)})
        return bool(found.deleted_count)


def password_mark(password_hash: str) -> bytes:
    """What a challenge keeps of the password hash."""
    return token_hash(password_hash)
