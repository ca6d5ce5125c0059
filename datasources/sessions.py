"""Sessions in MongoDB: opaque tokens of which only the hash is kept."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from datasources.endings import EndingKind, EndingStore
from datasources.mongo import Document, Mongo
from domain.members import Session

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts without and with being refreshed."""

    access: timedelta
    refresh: timedelta


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session with its secrets, which exist only here and at the client."""

    session: Session
    access_token: str
    refresh_token: str


class SessionStore:
    def __init__(self, mongo: Mongo, lifetimes: Lifetimes) -> None:
        self._mongo = mongo
        self._sessions = mongo["sessions"]
        self._endings = EndingStore(mongo)
        self._lifetimes = lifetimes

    async def open(self, member: str, portal: str, now: datetime) -> OpenedSession:
        """Begin a session."""
        access, refresh, secret_fields = self._secrets(now)
        document = {"_id": secrets.token_hex(12), "member": member, "portal": portal}
        document |= secret_fields
        await self._sessions.insert_one(document)
        return OpenedSession(_session(document), access, refresh)

    async def refresh(self, refresh_token: str, now: datetime) -> OpenedSession | None:
        """Give a session new tokens and time; the old tokens are dead. None: no such session."""
        access, refresh, secret_fields = self._secrets(now)
        document = await self._sessions.find_one_and_update(
            {"refreshHash": token_hash(refresh_token), "refreshEndsAt": {"$gt": now}},
            {"$set": secret_fields},
        )
        if document is None:
            return None
        return OpenedSession(_session(document | secret_fields), access, refresh)

    async def by_access_tokens(self, asked: Sequence[tuple[str, datetime]]) -> list[Session | None]:
        """Session of each token; None for one that has ended by the instant beside it."""
        return await self._lasting("accessHash", [(token_hash(token), now) for token, now in asked])

    async def by_ids(self, asked: Sequence[tuple[str, datetime]]) -> list[Session | None]:
        """The same by the sessions' ids, whatever their present tokens are."""
        return await self._lasting("_id", asked)

    async def end(self, session: str) -> None:
        """End a session, and tell every process."""
        await self._end({"_id": session})

    async def end_all(self, member: str) -> None:
        """End every session of a member, and tell every process."""
        await self._end({"member": member})

    async def _end(self, choice: Document) -> None:
        async def change(transaction: Any) -> list[str]:
            found = self._sessions.find(choice, {"_id": 1}, session=transaction)
            ids = [document["_id"] for document in await found.to_list(None)]
            await self._sessions.delete_many({"_id": {"$in": ids}}, session=transaction)
            return ids

        await self._endings.record(EndingKind.SESSION, change)

    async def _lasting(
        self, field: str, asked: Sequence[tuple[str | bytes, datetime]]
    ) -> list[Session | None]:
        keys = {key for key, _ in asked}
        found = await self._mongo.find("sessions", {field: {"$in": list(keys)}})
        sessions = {document[field]: _session(document) for document in found}
        return [
            session if (session := sessions.get(key)) and session.ends_at > now else None
            for key, now in asked
        ]

    def _secrets(self, now: datetime) -> tuple[str, str, Document]:
        access, refresh = (secrets.token_urlsafe(_TOKEN_BYTES) for _ in range(2))
        return (
            access,
            refresh,
            {
                "accessHash": token_hash(access),
                "refreshHash": token_hash(refresh),
                "accessEndsAt": now + self._lifetimes.access,
                "refreshEndsAt": now + self._lifetimes.refresh,
            },
        )


def token_hash(token: str) -> bytes:
    """What is kept of a token: its SHA-256; a random token needs no salt and no stretching."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _session(document: Document) -> Session:
    return Session(
        id=document["_id"],
        member=document["member"],
        portal=document["portal"],
        ends_at=document["accessEndsAt"],
    )
