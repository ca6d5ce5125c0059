"""Sessions in MongoDB: opaque tokens of which only the hash is kept.

A session is a family of refresh tokens, each of which works once. Its tokens begin alike, so that one
that was used before still shows whose it is, and only the hash of that beginning is kept too.

A partner's app has a session of its own kind: what its member lets it see is part of it, so that no
request needs another read. With such sessions their consents end, in the same transaction.
"""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pymongo import DESCENDING, ReturnDocument

from datasources.consents import ConsentStore, access_document, read_access
from datasources.endings import EndingKind, EndingStore
from datasources.mongo import Document, Mongo, Transaction
from datasources.tokens import derived_token, new_token, token_hash
from domain.consents import UNUSED, Consent, ConsentEnd
from domain.members import Session, SessionRecord
from domain.policy import Duty

_FAMILY_BYTES: Final = 16
_SALT_BYTES: Final = 32
_MOST_LISTED: Final = 100
APP_PREFIX: Final = "con_"
"What an app's access token for a member begins with: by it alone it is known that no member asks."
_ENDS: Final = ("accessEndsAt", "refreshEndsAt", "endsAt")
_OWN: Final[Document] = {"app": None}
"Sessions that members have themselves."

AlsoDo = Callable[[Transaction, Sequence[str]], Awaitable[None]]
"""Called, perhaps several times, with a transaction and the ids of the sessions that it ends; an error
that it raises undoes all."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts without and with being refreshed, and at most."""

    access: timedelta
    refresh: timedelta
    absolute: timedelta
    app_access: timedelta
    "Of an app's access token."


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session with its secrets, which exist only here and at the client."""

    session: Session
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


class SessionStore:
    def __init__(self, mongo: Mongo, lifetimes: Lifetimes, consents: ConsentStore) -> None:
        self._mongo = mongo
        self._consents = consents
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

    async def open_for_app(
        self,
        consent: Consent,
        now: datetime,
        *,
        program: str,
        until: datetime | None = None,
        transaction: Transaction | None = None,
    ) -> OpenedSession:
        """Begin the session of an app by a member's consent.

        It lasts as long as that, unless it is not refreshed for a year, and not beyond `until`.
        """
        access, refresh = _tokens(secrets.token_urlsafe(_FAMILY_BYTES), APP_PREFIX)
        ends_at = consent.until if until is None else min(consent.until, until)
        document = {
            "_id": secrets.token_hex(12),
            "member": consent.member,
            "portal": consent.portal,
            "familyHash": token_hash(_family(refresh)),
            "accessHash": token_hash(access),
            "refreshHash": token_hash(refresh),
            "accessEndsAt": min(now + self._lifetimes.app_access, ends_at),
            "refreshEndsAt": min(now + UNUSED, ends_at),
            "endsAt": ends_at,
            "openedAt": now,
            "usedAt": now,
            "program": program,
            "device": None,
            "inTransit": False,
            "duties": [],
            "app": access_document(consent.access),
        }
        await self._sessions.insert_one(document, session=transaction)
        return OpenedSession(_session(document), access, refresh)

    async def refresh(
        self,
        refresh_token: str,
        now: datetime,
        app: str | None = None,
        again: timedelta | None = None,
    ) -> OpenedSession | None:
        """Give a session new tokens and time; the old tokens are dead. None: no such session.

        With `app` it is one of that app, else a member's own. For as long as `again` the same token
        gives the same ones, to who asks so too.
        """
        salt = secrets.token_bytes(_SALT_BYTES)
        access, refresh = _successors(refresh_token, salt, APP_PREFIX if app else "")
        used = (
            {"hash": token_hash(refresh_token), "salt": salt, "until": now + again}
            if again
            else None
        )
        life = self._lifetimes.app_access if app else self._lifetimes.access
        unused = UNUSED if app else self._lifetimes.refresh
        document = await self._sessions.find_one_and_update(
            {
                "refreshHash": token_hash(refresh_token),
                "refreshEndsAt": {"$gt": now},
                "endsAt": {"$gt": now},
                "app.id": app,
            },
            [
                {
                    "$set": {
                        "accessHash": token_hash(access),
                        "refreshHash": token_hash(refresh),
                        "accessEndsAt": {"$min": ["$endsAt", now + life]},
                        "refreshEndsAt": {"$min": ["$endsAt", now + unused]},
                        "usedAt": now,
                        "again": used or "$$REMOVE",
                    }
                }
            ],
            return_document=ReturnDocument.AFTER,
        )
        if document is None:
            return await self._refreshed(refresh_token, now) if again else None
        return OpenedSession(_session(document), access, refresh)

    async def _refreshed(self, refresh_token: str, now: datetime) -> OpenedSession | None:
        """What a token gave when it was used lately. Not that is kept: the token makes it again."""
        document = await self._sessions.find_one(
            {
                "familyHash": token_hash(_family(refresh_token)),
                "again.hash": token_hash(refresh_token),
                "again.until": {"$gt": now},
                "refreshEndsAt": {"$gt": now},
            }
            | _OWN
        )
        if document is None:
            return None
        access, refresh = _successors(refresh_token, document["again"]["salt"])
        return OpenedSession(_session(document), access, refresh)

    async def robbed(self, refresh_token: str, app: str | None = None) -> SessionRecord | None:
        """The session of a refresh token that was used before: two have it, and one is a thief."""
        family = token_hash(_family(refresh_token))
        document = await self._sessions.find_one({"familyHash": family, "app.id": app})
        if document is None or document["refreshHash"] == token_hash(refresh_token):
            return None
        return _record(document)

    async def by_access_tokens(self, asked: Sequence[tuple[str, datetime]]) -> list[Session | None]:
        """Session of each token; None for one that has ended by the instant beside it."""
        return await self._lasting("accessHash", [(token_hash(token), now) for token, now in asked])

    async def by_refresh_token(self, refresh_token: str, now: datetime) -> SessionRecord | None:
        """The session that a refresh token would prolong now; it goes on as it is."""
        document = await self._sessions.find_one(
            {
                "refreshHash": token_hash(refresh_token),
                "refreshEndsAt": {"$gt": now},
                "endsAt": {"$gt": now},
            }
        )
        return None if document is None else _record(document)

    async def by_ids(self, asked: Sequence[tuple[str, datetime]]) -> list[Session | None]:
        """The same by the sessions' ids, whatever their present tokens are."""
        return await self._lasting("_id", asked)

    async def of_member(self, member: str, now: datetime) -> list[SessionRecord]:
        """A member's own that can still be refreshed, the last used first, at most a hundred."""
        found = self._sessions.find(
            {"member": member, "refreshEndsAt": {"$gt": now}, "endsAt": {"$gt": now}} | _OWN,
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
        await self._sessions.update_many(
            {"member": member}, {"$min": dict.fromkeys(_ENDS, until)}, session=transaction
        )

    async def shorten(self, session: str, until: datetime) -> None:
        """Let a session last no longer, however it is refreshed."""
        await self._sessions.update_one({"_id": session}, {"$min": dict.fromkeys(_ENDS, until)})

    async def confirm(self, session: str, now: datetime) -> None:
        """Note that who has the session has just shown the password again."""
        await self._sessions.update_one({"_id": session}, {"$set": {"confirmedAt": now}})

    async def end(self, session: str, also: AlsoDo | None = None) -> None:
        """End a session, and tell every process."""
        await self._end({"_id": session}, also)

    async def end_of(self, member: str, session: str) -> bool:
        """End a session if it is this member's own; False if there is none."""
        return bool(await self._end({"_id": session, "member": member} | _OWN))

    async def end_all(
        self,
        member: str,
        also: AlsoDo | None = None,
        reason: ConsentEnd = ConsentEnd.ACCESS_RESET,
    ) -> None:
        """End every session of a member, and every consent for that reason; tell every process."""

        async def change(transaction: Transaction, ended: Sequence[str]) -> None:
            await self._consents.end({"member": member}, reason, transaction)
            if also is not None:
                await also(transaction, ended)

        await self._end({"member": member}, change)

    async def end_others(self, member: str, kept: str, also: AlsoDo | None = None) -> Sequence[str]:
        """End every session of a member's own but one; gives the ids of those that ended."""
        return await self._end({"member": member, "_id": {"$ne": kept}} | _OWN, also)

    async def end_consents(
        self, choice: Document, reason: ConsentEnd, also: AlsoDo | None = None
    ) -> Sequence[str]:
        """End consents and the sessions by them; tell every process. Gives the consents' ids.

        `also` is called with these too.
        """
        consents: Sequence[str] = ()

        async def change(transaction: Transaction) -> Sequence[str]:
            nonlocal consents
            consents = await self._consents.end(choice, reason, transaction)
            ended = await self._delete({"app.consent": {"$in": consents}}, transaction)
            if also is not None:
                await also(transaction, consents)
            return ended

        await self._endings.record(EndingKind.SESSION, change)
        return consents

    async def end_on_device(self, member: str, device: str, also: AlsoDo) -> Sequence[str]:
        """End every session that a member has on a device; gives the ids of those that ended."""
        return await self._end({"member": member, "device": device}, also)

    async def _end(self, choice: Document, also: AlsoDo | None = None) -> Sequence[str]:
        ended: Sequence[str] = ()

        async def change(transaction: Transaction) -> Sequence[str]:
            nonlocal ended
            ended = await self._delete(choice, transaction)
            if also is not None:
                await also(transaction, ended)
            return ended

        await self._endings.record(EndingKind.SESSION, change)
        return ended

    async def _delete(self, choice: Document, transaction: Transaction) -> list[str]:
        found = self._sessions.find(choice, {"_id": 1}, session=transaction)
        ended = [document["_id"] for document in await found.to_list(None)]
        await self._sessions.delete_many({"_id": {"$in": ended}}, session=transaction)
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


def _tokens(family: str, prefix: str = "") -> tuple[str, str]:
    """A new access token, and a new refresh token of a family."""
    return prefix + new_token(), f"{family}.{new_token()}"


def _successors(refresh_token: str, salt: bytes, prefix: str = "") -> tuple[str, str]:
    """The access and the refresh token that a refresh token gives, which nobody can tell without it."""
    access, refresh = (derived_token(refresh_token, salt + use) for use in (b"access", b"refresh"))
    return prefix + access, f"{_family(refresh_token)}.{refresh}"


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
        app=read_access(app) if (app := document.get("app")) else None,
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
        app=read_access(app) if (app := document.get("app")) else None,
    )
