"""Members in MongoDB."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from datasources.memberships import STILL_MEMBER
from datasources.mongo import Document, Mongo, Transaction
from datasources.recovery_answers import answer_fields, stored_answer
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
from domain.policy import Duty

_NOBODYS: Final = "\0left\0"
"Begins the login key of who has left: keys are unique, and none that is entered begins like it."


class MemberStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._members = mongo["members"]

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Member]:
        found = await self._mongo.find("members", {"_id": {"$in": list(ids)}})
        return {member["_id"]: _member(member) for member in found}

    async def by_id(self, member: str) -> Member | None:
        return (await self.by_ids([member])).get(member)

    async def by_login(self, portal: str, login_id: str) -> Credentials | None:
        """Who logs in with this ID; login IDs differ in more than case."""
        found = await self._members.find_one({"portal": portal, "loginKey": login_key(login_id)})
        return None if found is None else _credentials(found)

    async def credentials(
        self, member: str, transaction: Transaction | None = None
    ) -> Credentials | None:
        found = await self._members.find_one({"_id": member}, session=transaction)
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

        Addresses beside that of the profile stay. With `one_member_each` raises EmailTaken if another
        member has the address.
        """
        who = {"portal": portal, "loginKey": login_key(login_id)}
        changes: Document = {
            "$set": {
                "loginId": login_id,
                "passwordHash": password_hash,
                "state": state.value,
                "profile": asdict(profile),
                "passwordEndsAt": None,
                **email_keys([profile.email] if profile.email else [], one_member_each=False),
            },
            "$pull": {"moreEmails": profile.email},
            "$setOnInsert": {"_id": secrets.token_hex(12)},
        }
        if not one_member_each:
            return await self._put(who, changes | {"$unset": {"soleEmailKey": ""}}, None)

        async def work(transaction: Transaction) -> str:
            found = await self._members.find_one(who, {"moreEmails": 1}, session=transaction)
            more = (found or {}).get("moreEmails", ())
            emails = [profile.email, *more] if profile.email else []
            keys = email_keys(emails, one_member_each=True)
            gone: Document = {} if emails else {"$unset": {"soleEmailKey": ""}}
            whole = changes | {"$set": changes["$set"] | keys} | gone
            return await self._put(who, whole, transaction)

        return await self._mongo.transaction(work)

    async def _put(self, who: Document, changes: Document, transaction: Transaction | None) -> str:
        # No findAndModify: of that, MongoDB logs a duplicate key with its value, an ID or an address.
        while True:
            try:
                done = await self._members.update_one(
                    who, changes, upsert=True, session=transaction
                )
            except DuplicateKeyError as error:
                raise _taken(error) from None
            if done.upserted_id is not None:
                return str(done.upserted_id)
            if stored := await self._members.find_one(who, {"_id": 1}, session=transaction):
                return str(stored["_id"])

    async def add(self, joining: Joining, transaction: Transaction) -> None:
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
            "joinedAt": joining.joined_at,
            "duties": [duty.value for duty in member.duties],
            **({} if joining.account is None else {"accountNumber": joining.account}),
            **answer_fields(joining.recovery),
            "moreEmails": list(member.more_emails),
            **email_keys(member.emails, one_member_each=joining.one_member_each),
        }
        try:
            await self._members.insert_one(document, session=transaction)
        except DuplicateKeyError as error:
            raise _taken(error) from None

    async def has_email(self, portal: str, email: str) -> bool:
        """Whether a member of the portal has an address, or logs in with it."""
        return await self.has_another_email(portal, email, "")

    async def has_another_email(self, portal: str, email: str, member: str) -> bool:
        """The same of any member but one."""
        key = email_key(email)
        ways = [{"emailKey": key}, {"soleEmailKey": key}, {"loginKey": key}]
        choice = {"portal": portal, "_id": {"$ne": member}, "$or": ways}
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

    async def prove(self, member: str, transaction: Transaction) -> None:
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
        transaction: Transaction,
        *,
        next_keyword: int | None = None,
    ) -> bool:
        """Note a log-in; False if password, state or duties of the member have changed meanwhile.

        As a change of the member it stands in the way of any transaction that does one of these. The
        count makes it one: a log-in at the instant of the last one would else change nothing.
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
                "duties": [duty.value for duty in known.member.duties] or {"$in": [None, []]},
            },
            {"$set": changes, "$inc": {"logIns": 1}},
            session=transaction,
        )
        return bool(found.matched_count)

    async def set_password(
        self, known: Credentials, password_hash: str, transaction: Transaction
    ) -> bool:
        """Replace the password; False if it is not the one that is known, or the member has left.

        A first password is none any more, and the duty to replace it is done.
        """
        found = await self._members.update_one(
            {
                "_id": known.member.id,
                "passwordHash": known.password_hash,
                **STILL_MEMBER,
            },
            {
                "$set": {"passwordHash": password_hash, "passwordEndsAt": None},
                "$pull": {"duties": Duty.NEW_PASSWORD.value},
            },
            session=transaction,
        )
        return bool(found.matched_count)

    async def set_keywords(
        self, member: str, hashes: Sequence[str], next_keyword: int, transaction: Transaction
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
            done = await self._members.update_one(
                {"_id": member, **STILL_MEMBER},
                {"$set": {"loginId": login_id, "loginKey": login_key(login_id)}},
            )
        except DuplicateKeyError:
            return None
        return await self.by_id(member) if done.matched_count else None

    async def plan_leave(
        self, member: str, at: datetime, reason: LeaveReason, transaction: Transaction
    ) -> bool:
        """Note when a member leaves; False if that was noted before, or the member has left."""
        found = await self._members.update_one(
            {"_id": member, **STILL_MEMBER, "leavesAt": None},
            {"$set": {"leavesAt": at, "leaveReason": reason.value}},
            session=transaction,
        )
        return bool(found.modified_count)

    async def leave(
        self, member: str, at: datetime, reason: LeaveReason, transaction: Transaction
    ) -> bool:
        """End a membership, and record when and why; False if it has ended before.

        From then on the login ID and the address are free, so that who left can register again.
        """
        found = await self._members.update_one(
            {"_id": member, **STILL_MEMBER},
            {
                "$set": {
                    "state": MemberState.WITHDRAWN.value,
                    "loginKey": f"{_NOBODYS}{member}",
                    "emailKey": None,
                    "leftAt": at,
                    "leaveReason": reason.value,
                },
                "$unset": {"soleEmailKey": "", "leavesAt": "", "externalLogIns": ""},
            },
            session=transaction,
        )
        return bool(found.modified_count)

    async def due_to_leave(self, now: datetime, limit: int) -> list[Member]:
        """Some of the members whose membership should have ended by now."""
        choice = {"leavesAt": {"$lte": now}, **STILL_MEMBER}
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


def email_keys(emails: Sequence[str], *, one_member_each: bool) -> Document:
    """What a member's addresses are found by: the first, and those that nobody else may have."""
    keys = list(dict.fromkeys(map(email_key, emails)))
    first = {"emailKey": keys[0] if keys else None}
    return first | {"soleEmailKey": keys} if one_member_each and keys else first


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
        duties=tuple(map(Duty, found.get("duties", ()))),
        more_emails=tuple(found.get("moreEmails", ())),
        mail_topics=found.get("mailTopics", {}),
        has_recovery_answer=found.get("recovery") is not None,
        recovery_question=(found.get("recovery") or {}).get("question"),
    )


def _credentials(found: Document) -> Credentials:
    return Credentials(
        member=_member(found),
        password_hash=found["passwordHash"],
        keyword_hashes=tuple(found.get("keywordHashes", ())),
        next_keyword=found.get("nextKeyword", 1),
        password_ends_at=found.get("passwordEndsAt"),
        recovery=stored_answer(found),
    )
