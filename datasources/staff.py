"""Accounts of staff in MongoDB.

One that has ended stays, and so does its login ID, which nobody gets again: the audit log names it.
"""

from datetime import datetime

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from datasources.mongo import Document, Mongo, Transaction
from domain.members import login_key
from domain.staff import Staff, StaffCredentials, StaffRole


class StaffLoginTaken(Exception):
    """Somebody has or had this login ID."""


class StaffStore:
    def __init__(self, mongo: Mongo) -> None:
        self._staff = mongo["staff"]

    async def add(
        self, staff: Staff, password_hash: str, now: datetime, transaction: Transaction
    ) -> None:
        """Make an account; raises StaffLoginTaken, and then the transaction is undone."""
        document = {
            "_id": staff.id,
            "loginId": staff.login_id,
            "loginKey": login_key(staff.login_id),
            "name": staff.name,
            "role": staff.role.value,
            "portals": None if staff.portals is None else sorted(staff.portals),
            "passwordHash": password_hash,
            "createdAt": now,
            "endedAt": None,
        }
        try:
            await self._staff.insert_one(document, session=transaction)
        except DuplicateKeyError:
            raise StaffLoginTaken from None

    async def by_login(self, login_id: str) -> StaffCredentials | None:
        """Who logs in with this ID, or did once; upper and lower case are the same."""
        found = await self._staff.find_one({"loginKey": login_key(login_id)})
        return None if found is None else _credentials(found)

    async def by_id(self, staff: str) -> StaffCredentials | None:
        found = await self._staff.find_one({"_id": staff})
        return None if found is None else _credentials(found)

    async def all(self) -> list[StaffCredentials]:
        """All accounts there ever were, by their login IDs."""
        found = self._staff.find({}, sort=[("loginKey", ASCENDING)])
        return [_credentials(document) for document in await found.to_list(None)]

    async def note_log_in(
        self, known: StaffCredentials, now: datetime, transaction: Transaction
    ) -> bool:
        """Note a log-in; False if the password has changed meanwhile, or the account has ended.

        As a change of the account it stands in the way of any transaction that does one of these.
        """
        return await self._change(known, {"loggedInAt": now}, transaction)

    async def set_password(
        self, known: StaffCredentials, password_hash: str, transaction: Transaction
    ) -> bool:
        """Replace the password; False in the same cases."""
        return await self._change(known, {"passwordHash": password_hash}, transaction)

    async def end(self, known: StaffCredentials, now: datetime, transaction: Transaction) -> bool:
        """Let an account open nothing any more; False in the same cases."""
        return await self._change(known, {"endedAt": now}, transaction)

    async def _change(
        self, known: StaffCredentials, changes: Document, transaction: Transaction
    ) -> bool:
        found = await self._staff.update_one(
            {"_id": known.staff.id, "passwordHash": known.password_hash, "endedAt": None},
            {"$set": changes},
            session=transaction,
        )
        return bool(found.matched_count)


def _credentials(found: Document) -> StaffCredentials:
    portals = found["portals"]
    return StaffCredentials(
        staff=Staff(
            id=found["_id"],
            login_id=found["loginId"],
            name=found["name"],
            role=StaffRole(found["role"]),
            portals=None if portals is None else frozenset(portals),
        ),
        password_hash=found["passwordHash"],
        ended_at=found["endedAt"],
    )
