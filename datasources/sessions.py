"""Sessions in MongoDB: opaque tokens of which only the hash is kept.

A session is a family of refresh tokens, each of which works once. Its tokens begin alike, so that one
that was used before still shows whose it is, and only the hash of that beginning is kept too.
"""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pymongo import DESCENDING, ReturnDocument

from datasources.endings import EndingKind, EndingStore
from datasources.mongo import Document, Mongo, Transaction
from datasources.tokens import new_token, token_hash
from domain.members import Session, SessionRecord
from domain.policy import Duty

_FAMILY_BYTES: Final = 16
_MOST_LISTED: Final = 100

AlsoDo = Callable[[Transaction, Sequence[str]], Awaitable[None]]
"""Called, perhaps several times, with a transaction and the ids of the sessions that it ends; an error
that it raises undoes all."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts without and with being refreshed, and at most."""

    access: timedelta
    refresh: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session with its secrets, which exist only here and at the client."""

    session: Session
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


class SessionStore:
    def __init__(self, mongo: Mongo, lifetimes: Lifetimes) -> None:
        self._mongo = mongo
        self._sessions = mongo["sessions"]
        self._endings = EndingStore(mongo)
        self._lifetimes = lifetimes

    async def open(
        self,
        member: str,
        portal: str,
        now: datetime,
        *,
        program: str = "",
        device: str | None = None,
        in_transit: bool = False,
        duties: Sequence[Duty] = (),
        until: datetime | None = None,
        transaction: Transaction | None = None,
    ) -> OpenedSession:
        """Begin a session of a program, on a device if that is known.

        With `in_transit` its member has still to enter the code of a postcard, with `duties` to do
        these. It does not outlast `until`, when its member's access ends.
        """
        access, refresh = _tokens(secrets.token_urlsafe(_FAMILY_BYTES))
        ends_at = now + self._lifetimes.absolute
        if until is not None:
            ends_at = min(ends_at, until)
        document = {
            "_id": secrets.token_hex(12),
            "member": member,
            "portal": portal,
            "familyHash": token_hash(_family(refresh)),
            "accessHash": token_hash(access),
            "refreshHash": token_hash(refresh),
            "accessEndsAt": min(now + self._lifetimes.access, ends_at),
            "refreshEndsAt": min(now + self._lifetimes.refresh, ends_at),
            "endsAt": ends_at,
            "openedAt": now,
            "usedAt": now,
            "program": program,
            "device": device,
            "inTransit": in_transit,
            "duties": [duty.value for duty in duties],
        }
        await self._sessions.insert_one(document, session=transaction)
        return OpenedSession(_session(document), access, refresh)

    async def refresh(self, refresh_token: str, now: datetime) -> OpenedSession | None:
        """Give a session new tokens and time; the old tokens are dead. None: no such session."""
        access, refresh = _tokens(_family(refresh_token))
        document = await self._sessions.find_one_and_update(
            {
                "refreshHash": token_hash(refresh_token),
                "refreshEndsAt": {"$gt": now},
                "endsAt": {"$gt": now},
            },
            [
                {
                    "$set": {
                        "accessHash": token_hash(access),
                        "refreshHash": token_hash(refresh),
                        "accessEndsAt": {"$min": ["$endsAt", now + self._lifetimes.access]},
                        "refreshEndsAt": {"$min": ["$endsAt", now + self._lifetimes.refresh]},
                        "usedAt": now,
                    }
                }
            ],
            return_document=ReturnDocument.AFTER,
        )
        if document is None:
            return None
        return OpenedSession(_session(document), access, refresh)

    async def robbed(self, refresh_token: str) -> SessionRecord | None:
        """The session of a refresh token that was used before: two have it, and one is a thief."""
        family = token_hash(_family(refresh_token))
        document = await self._sessions.find_one({"familyHash": family})
        if document is None or document["refreshHash"] == token_hash(refresh_token):
            return None
        return _record(document)

    async def by_access_tokens(self, asked: Sequence[tuple[str, datetime]]) -> list[Session | None]:
        """Session of each token; None for one that has ended by the instant beside it."""
        return await self._lasting("accessHash", [(token_hash(token), now) for token, now in asked])

    async def by_ids(self, asked: Sequence[tuple[str, datetime]]) -> list[Session | None]:
        """The same by the sessions' ids, whatever their present tokens are."""
        return await self._lasting("_id", asked)

    async def of_member(self, member: str, now: datetime) -> list[SessionRecord]:
        """Sessions that can still be refreshed, the last used first, at most a hundred."""
        found = self._sessions.find(
            {"member": member, "refreshEndsAt": {"$gt": now}, "endsAt": {"$gt": now}},
            sort=[("usedAt", DESCENDING), ("_id", DESCENDING)],
            limit=_MOST_LISTED,
        )
        return [_record(document) for document in await found.to_list(None)]

    async def is_open(self, session: str, transaction: Transaction) -> bool:
        """Whether a session was not ended meanwhile."""
        found = await self._sessions.find_one({"_id": session}, {"_id": 1}, session=transaction)
        return found is not None

    async def put_on_device(self, session: str, device: str, transaction: Transaction) -> None:
        """Note on which device a session is."""
        await self._sessions.update_one(
            {"_id": session}, {"$set": {"device": device}}, session=transaction
        )

    async def prove(self, member: str, transaction: Transaction) -> None:
        """Let all sessions of a member see usage and bills."""
        await self._sessions.update_many(
            {"member": member}, {"$set": {"inTransit": False}}, session=transaction
        )

    async def limit(
        self, member: str, until: datetime, transaction: Transaction | None = None
    ) -> None:
        """Let no session of a member outlast the end of its access."""
        ends = ("accessEndsAt", "refreshEndsAt", "endsAt")
        await self._sessions.update_many(
            {"member": member}, {"$min": dict.fromkeys(ends, until)}, session=transaction
        )

    async def confirm(self, session: str, now: datetime) -> None:
        """Note that who has the session has just shown the password again."""
        await self._sessions.update_one({"_id": session}, {"$set": {"confirmedAt": now}})

    async def end(self, session: str, also: AlsoDo | None = None) -> None:
        """End a session, and tell every process."""
        await self._end({"_id": session}, also)

    async def end_of(self, member: str, session: str) -> bool:
        """End a session if it is this member's; False if there is none."""
        return bool(await self._end({"_id": session, "member": member}))

    async def end_all(self, member: str, also: AlsoDo | None = None) -> None:
        """End every session of a member, and tell every process."""
        await self._end({"member": member}, also)

    async def end_others(self, member: str, kept: str, also: AlsoDo | None = None) -> Sequence[str]:
        """End every session of a member but one; gives the ids of those that ended."""
        return await self._end({"member": member, "_id": {"$ne": kept}}, also)

    async def end_on_device(self, member: str, device: str, also: AlsoDo) -> Sequence[str]:
        """End every session that a member has on a device; gives the ids of those that ended."""
        return await self._end({"member": member, "device": device}, also)

    async def _end(self, choice: Document, also: AlsoDo | None = None) -> Sequence[str]:
        ended: Sequence[str] = ()

        async def change(transaction: Transaction) -> Sequence[str]:
            nonlocal ended
            found = self._sessions.find(choice, {"_id": 1}, session=transaction)
            ended = [document["_id"] for document in await found.to_list(None)]
            await self._sessions.delete_many({"_id": {"$in": ended}}, session=transaction)
            if also is not None:
                await also(transaction, ended)
            return ended

        await self._endings.record(EndingKind.SESSION, change)
        return ended

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


def _tokens(family: str) -> tuple[str, str]:
    """A new access token, and a new refresh token of a family."""
    return new_token(), f"{family}.{new_token()}"


def _family(refresh_token: str) -> str:
    """What all refresh tokens of a session begin with."""
    return refresh_token.partition(".")[0]


def _session(document: Document) -> Session:
    return Session(
        id=document["_id"],
        member=document["member"],
        portal=document["portal"],
        ends_at=document["accessEndsAt"],
        device=document.get("device"),
        confirmed_at=document.get("confirmedAt"),
        in_transit=document.get("inTransit", False),
        duties=tuple(map(Duty, document.get("duties", ()))),
    )


def _record(document: Document) -> SessionRecord:
    return SessionRecord(
        id=document["_id"],
        member=document["member"],
        portal=document["portal"],
        program=document["program"],
        device=document["device"],
        opened_at=document["openedAt"],
        used_at=document["usedAt"],
        ends_at=document["refreshEndsAt"],
    )
