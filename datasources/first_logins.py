"""First log-ins in MongoDB: first passwords that were sent, and the duties that are open with them.

Duties stand with the member, and with every session, which is read for each request anyway. Both are
changed in one transaction, and a session is opened with the member's duties as a condition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from datasources.memberships import STILL_MEMBER
from datasources.mongo import Document, Mongo, Transaction
from domain.members import MemberState
from domain.policy import Duty

_IN_PROFILE: Final = frozenset({"name", "kana", "phone"})
"Keys of fields that every member has a place for, in whatever portal."


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A password that goes to a member by post, until it is replaced or the duties are done."""

    member: str
    password_hash: str = field(repr=False)
    ends_at: datetime
    duties: Sequence[Duty]


class FirstLoginStore:
    def __init__(self, mongo: Mongo) -> None:
        self._members = mongo["members"]
        self._sessions = mongo["sessions"]

    async def account(self, portal: str, account: str) -> tuple[str, MemberState] | None:
        """Id and state of the member for whom the company made an account, by its number of it."""
        found = await self._members.find_one(
            {"portal": portal, "accountNumber": account}, {"state": 1}
        )
        return None if found is None else (found["_id"], MemberState(found["state"]))

    async def replace_password(self, first: FirstPassword, transaction: Transaction) -> bool:
        """Let a member begin with another first password; False for one who has left."""
        changes = {
            "passwordHash": first.password_hash,
            "passwordEndsAt": first.ends_at,
            "duties": [duty.value for duty in first.duties],
        }
        found = await self._members.update_one(
            {"_id": first.member, **STILL_MEMBER},
            {"$set": changes},
            session=transaction,
        )
        return bool(found.modified_count)

    async def fulfil(
        self,
        member: str,
        duty: Duty,
        transaction: Transaction,
        values: Mapping[str, str] | None = None,
    ) -> bool:
        """Note that a duty is done, with what was filled in for it; False if it was not open.

        When the last one is done, the password that came by post is the member's own.
        """
        found = await self._members.update_one(
            {
                "_id": member,
                "duties": duty.value,
                **STILL_MEMBER,
            },
            [
                {"$set": {"duties": _without(duty), **_filled_in(values or {})}},
                {"$set": {"passwordEndsAt": _WHILE_DUTIES}},
            ],
            session=transaction,
        )
        await self._sessions.update_many(
            {"member": member}, {"$pull": {"duties": duty.value}}, session=transaction
        )
        return bool(found.modified_count)


_WHILE_DUTIES: Final[Document] = {"$cond": [{"$eq": ["$duties", []]}, None, "$passwordEndsAt"]}


def _without(duty: Duty) -> Document:
    return {"$filter": {"input": "$duties", "cond": {"$ne": ["$$this", duty.value]}}}


def _filled_in(values: Mapping[str, str]) -> Document:
    """Changes of the profile; as literals, since a text that begins with `$` would name a field."""
    fields = {f"fields.{key}": {"$literal": text} for key, text in values.items()}
    known = {
        f"profile.{key}": {"$literal": text} for key, text in values.items() if key in _IN_PROFILE
    }
    return fields | known
