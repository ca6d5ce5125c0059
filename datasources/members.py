"""Members in MongoDB."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from datasources.mongo import Document, Mongo
from domain.leaving import LeaveReason
from domain.members import (
    Credentials,
    Joining,
    Member,
    MemberProfile,
    MemberState,
    email_key,
    login_key,
)

_NOBODYS: Final = "\0left\0"
"Begins the login key of who has left: keys are unique, and none that is entered begins like it."


class MemberStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._members = mongo["members"]

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Member]:
        found = await self._mongo.find("members", {"_id": {"$in": list(ids)}})
        return {member["_id"]: _member(member) for member in found}

    async def by_login(self, portal: str, login_id: str) -> Credentials | None:
        """Who logs in with this ID; login IDs differ in more than case."""
        found = await self._members.find_one({"portal": portal, "loginKey": login_key(login_id)})
        return None if found is None else _credentials(found)

    async def credentials(self, member: str) -> Credentials | None:
        found = await self._members.find_one({"_id": member})
        return None if found is None else _credentials(found)

    async def ids_by_login(self, logins: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Member ids by (portal, login key)."""
        choice = [{"portal": portal, "loginKey": key} for portal, key in logins]
        if not choice:
            return {}
        found = await self._members.find({"$or": choice}, {"portal": 1, "loginKey": 1}).to_list(
            None
        )
        return {(member["portal"], member["loginKey"]): member["_id"] for member in found}

    async def put(
        self,
        portal: str,
        login_id: str,
        password_hash: str,
        state: MemberState,
        profile: MemberProfile,
        *,
        one_member_each: bool = False,
    ) -> str:
        """Make a member, or replace what the one with this login ID has; answers the id.

        With `one_member_each` raises EmailTaken if another member has the address.
        """
        email = _email_keys(profile.email, one_member_each=one_member_each)
        gone = {"soleEmailKey"} - email.keys()
        changes: Document = {
            "$set": {
                "loginId": login_id,
                "passwordHash": password_hash,
                "state": state.value,
                "profile": asdict(profile),
                "passwordEndsAt": None,
                **email,
            },
            "$setOnInsert": {"_id": secrets.token_hex(12)},
        }
        if gone:
            changes["$unset"] = dict.fromkeys(gone, "")
        try:
            stored = await self._members.find_one_and_update(
                {"portal": portal, "loginKey": login_key(login_id)},
                changes,
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError as error:
            raise _taken(error) from None
        return str(stored["_id"])

    async def add(self, joining: Joining, transaction: Any) -> None:
        """Make a member; raises LoginIdTaken or EmailTaken, and then the transaction is undone."""
        member = joining.member
        document = {
            "_id": member.id,
            "portal": member.portal,
            "loginId": member.login_id,
            "loginKey": login_key(member.login_id),
            "passwordHash": joining.password_hash,
            "state": member.state.value,
            "profile": asdict(member.profile),
            "fields": dict(member.fields),
            "language": member.language,
            "passwordEndsAt": joining.password_ends_at,
            **_email_keys(member.profile.email, one_member_each=joining.one_member_each),
        }
        try:
            await self._members.insert_one(document, session=transaction)
        except DuplicateKeyError as error:
            raise _taken(error) from None

    async def has_email(self, portal: str, email: str) -> bool:
        """Whether a member of the portal has an address, or logs in with it."""
        key = email_key(email)
        choice = {"portal": portal, "$or": [{"emailKey": key}, {"loginKey": key}]}
        found = await self._members.find_one(choice, {"_id": 1})
        return found is not None

    async def by_email(self, portal: str, email: str, limit: int) -> list[Credentials]:
        """Members of a portal with an address, in the order of their login IDs."""
        found = self._members.find(
            {"portal": portal, "emailKey": email_key(email)},
            sort=[("loginKey", ASCENDING)],
            limit=limit,
        )
        return [_credentials(member) for member in await found.to_list(None)]

    async def prove(self, member: str, transaction: Any) -> None:
        """Let a member who has entered the code of a postcard see usage and bills."""
        await self._members.update_one(
            {"_id": member, "state": MemberState.POSTCARD_IN_TRANSIT.value},
            {"$set": {"state": MemberState.ACTIVE.value}},
            session=transaction,
        )

    async def note_log_in(
        self,
        known: Credentials,
        now: datetime,
        transaction: Any,
        *,
        next_keyword: int | None = None,
    ) -> bool:
        """Note a log-in; False if the password or the member's state has changed meanwhile.

        As a change of the member it stands in the way of any transaction that does one of these.
        """
        changes: Document = {"loggedInAt": now}
        if next_keyword is not None:
            changes["nextKeyword"] = next_keyword
        found = await self._members.update_one(
            {
                "_id": known.member.id,
                "passwordHash": known.password_hash,
                "state": known.member.state.value,
                "leavesAt": known.member.leaves_at,
            },
            {"$set": changes},
            session=transaction,
        )
        return bool(found.matched_count)

    async def set_password(self, known: Credentials, password_hash: str, transaction: Any) -> bool:
        """Replace the password; False if it is not the one that is known, or the member has left."""
        found = await self._members.update_one(
            {
                "_id": known.member.id,
                "passwordHash": known.password_hash,
                "state": {"$ne": MemberState.WITHDRAWN.value},
            },
            {"$set": {"passwordHash": password_hash, "passwordEndsAt": None}},
            session=transaction,
        )
        return bool(found.matched_count)

    async def set_keywords(
        self, member: str, hashes: Sequence[str], next_keyword: int, transaction: Any
    ) -> None:
        """Replace the secret keywords."""
        await self._members.update_one(
            {"_id": member},
            {"$set": {"keywordHashes": list(hashes), "nextKeyword": next_keyword}},
            session=transaction,
        )

    async def set_login_id(self, member: str, login_id: str) -> Member | None:
        """Replace the login ID; None if somebody in the portal has it."""
        try:
            found = await self._members.find_one_and_update(
                {"_id": member, "state": {"$ne": MemberState.WITHDRAWN.value}},
                {"$set": {"loginId": login_id, "loginKey": login_key(login_id)}},
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            return None
        return None if found is None else _member(found)

    async def plan_leave(
        self, member: str, at: datetime, reason: LeaveReason, transaction: Any
    ) -> bool:
        """Note when a member leaves; False if that was noted before, or the member has left."""
        found = await self._members.update_one(
            {"_id": member, "state": {"$ne": MemberState.WITHDRAWN.value}, "leavesAt": None},
            {"$set": {"leavesAt": at, "leaveReason": reason.value}},
            session=transaction,
        )
        return bool(found.modified_count)

    async def leave(self, member: str, at: datetime, reason: LeaveReason, transaction: Any) -> bool:
        """End a membership, and record when and why; False if it has ended before.

        From then on the login ID and the address are free, so that who left can register again.
        """
        found = await self._members.update_one(
            {"_id": member, "state": {"$ne": MemberState.WITHDRAWN.value}},
            {
                "$set": {
                    "state": MemberState.WITHDRAWN.value,
                    "loginKey": f"{_NOBODYS}{member}",
                    "emailKey": None,
                    "leftAt": at,
                    "leaveReason": reason.value,
                },
                "$unset": {"soleEmailKey": "", "leavesAt": ""},
            },
            session=transaction,
        )
        return bool(found.modified_count)

    async def due_to_leave(self, now: datetime, limit: int) -> list[Member]:
        """Some of the members whose membership should have ended by now."""
        choice = {"leavesAt": {"$lte": now}, "state": {"$ne": MemberState.WITHDRAWN.value}}
        found = await self._members.find(choice, limit=limit).to_list(None)
        return [_member(member) for member in found]


class LoginIdTaken(Exception):
    """Somebody in the portal has this login ID."""


class EmailTaken(Exception):
    """Somebody in the portal has this address, which belongs to one member only."""


def _taken(error: DuplicateKeyError) -> Exception:
    """Which of the two it is that somebody has."""
    keys = (error.details or {}).get("keyPattern", {})
    return EmailTaken() if "soleEmailKey" in keys else LoginIdTaken()


def _email_keys(email: str | None, *, one_member_each: bool) -> Document:
    if email is None:
        return {"emailKey": None}
    key = email_key(email)
    return {"emailKey": key, "soleEmailKey": key} if one_member_each else {"emailKey": key}


def _member(found: Document) -> Member:
    return Member(
        id=found["_id"],
        portal=found["portal"],
        login_id=found["loginId"],
        state=MemberState(found["state"]),
        profile=MemberProfile(**found["profile"]),
        has_keywords=bool(found.get("keywordHashes")),
        fields=found.get("fields", {}),
        language=found.get("language", "ja"),
        leaves_at=found.get("leavesAt"),
    )


def _credentials(found: Document) -> Credentials:
    return Credentials(
        member=_member(found),
        password_hash=found["passwordHash"],
        keyword_hashes=tuple(found.get("keywordHashes", ())),
        next_keyword=found.get("nextKeyword", 1),
        password_ends_at=found.get("passwordEndsAt"),
    )
