"""Sessions of staff in MongoDB: opaque tokens of which only the hash is kept.

They are another collection than those of members, so that no token is ever taken for one of the other
kind. There is no refresh: a session goes on while it is used, up to a bound.
"""

import secrets
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from datasources.mongo import Document, Mongo, Transaction
from datasources.tokens import new_token, token_hash
from domain.staff import StaffSession


class StaffSessionStore:
    def __init__(self, mongo: Mongo, idle: timedelta, absolute: timedelta) -> None:
        """A session lasts for `idle` after it was used, and for `absolute` at most."""
        self._sessions = mongo["staffSessions"]
        self._idle = idle
        self._absolute = absolute

    async def open(
        self, staff: str, now: datetime, transaction: Transaction
    ) -> tuple[StaffSession, str]:
        """Begin a session; its token is shown once."""
        token = new_token()
        ends_at = now + self._absolute
        document = {
            "_id": secrets.token_hex(12),
            "staff": staff,
            "tokenHash": token_hash(token),
            "openedAt": now,
            "idleEndsAt": min(now + self._idle, ends_at),
            "endsAt": ends_at,
        }
        await self._sessions.insert_one(document, session=transaction)
        return _session(document), token

    async def use(self, token: str, now: datetime) -> StaffSession | None:
        """A session by its token, which lasts longer by that; None for one that has ended."""
        found = await self._sessions.find_one_and_update(
            {"tokenHash": token_hash(token), "idleEndsAt": {"$gt": now}, "endsAt": {"$gt": now}},
            [{"$set": {"idleEndsAt": {"$min": ["$endsAt", now + self._idle]}}}],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _session(found)

    async def end(self, session: str, transaction: Transaction) -> bool:
        """End a session; False if it has ended before."""
        found = await self._sessions.delete_one({"_id": session}, session=transaction)
        return bool(found.deleted_count)

    async def end_all(self, staff: str, transaction: Transaction, kept: str | None = None) -> None:
        """End every session of a member of staff, but `kept`."""
        await self._sessions.delete_many(
            {"staff": staff, "_id": {"$ne": kept}}, session=transaction
        )


def _session(found: Document) -> StaffSession:
    return StaffSession(found["_id"], found["staff"], found["idleEndsAt"])
