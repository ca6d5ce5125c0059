"""Attempts to log in, counted in MongoDB: by account, and by client address.

An attempt is counted before it is judged, so that however many come at once, no more are judged than
may be wrong. What comes of it takes it back, or leaves it. Every change is one atomic update.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ReturnDocument

from datasources.mongo import Document, Mongo, Transaction
from datasources.tokens import token_hash
from domain.lockout import ALLOWANCE_SPAN, Allowance, Verdict
from domain.members import email_key, login_key
from domain.standing import Tries
from domain.supply import customer_key

_KEPT: Final = timedelta(days=30)
"An account that nobody tries for so long starts anew, whether it exists or not."


@dataclass(frozen=True, slots=True)
class Account:
    """What wrong passwords count against: a login ID of a portal, whether there is one or not.

    Other wrong entries count against keys with upper-case letters, so that no login ID is the same.
    """

    portal: str
    login_key: str

    @classmethod
    def of_log_in(cls, portal: str, login_id: str) -> "Account":
        return cls(portal, login_key(login_id))

    @classmethod
    def of_postcard(cls, portal: str, member: str) -> "Account":
        return cls(portal, f"POSTCARD\0{member}")

    @classmethod
    def of_phone(cls, portal: str, member: str) -> "Account":
        return cls(portal, f"PHONE\0{member}")

    @classmethod
    def of_recovery(cls, portal: str, email: str) -> "Account":
        return cls(portal, f"RECOVERY\0{email_key(email)}")

    @classmethod
    def of_contract(cls, portal: str, customer_number: str) -> "Account":
        return cls(portal, f"CONTRACT\0{customer_key(customer_number)}")

    @property
    def key(self) -> bytes:
        """What it is kept by: the collection shows no login ID."""
        return token_hash(f"{self.portal}\0{self.login_key}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Answer to an attempt.

    Without an id it must not be judged, until `locked_until`. While others are `pending` that may
    change: a right password among them opens the account again.
    """

    id: str | None
    locked_until: datetime | None
    pending: bool


class AttemptStore:
    """Wrong passwords in a row of every account.

    A document has the attempts after the last right one, in order (`counted`), and those of them that
    were not judged yet (`pending`).
    """

    def __init__(self, mongo: Mongo) -> None:
        self._attempts = mongo["logInAttempts"]

    async def take(self, account: Account, now: datetime, most: int, until: datetime) -> Attempt:
        """Count an attempt unless `most` are counted already; the last of them locks `until`."""
        attempt = secrets.token_hex(8)
        found = await self._attempts.find_one_and_update(
            {"_id": account.key},
            _taken(attempt, now, most, until),
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        known = attempt if attempt in found["counted"] else None
        return Attempt(known, found["lockedUntil"], bool(found["pending"]))

    async def settle(self, account: Account, attempt: str, verdict: Verdict) -> datetime | None:
        """Say what came of an attempt; gives until when it has locked the account, if it was the one.

        After a right password the count starts anew. An attempt that a lock and its end have passed
        by changes nothing.
        """
        found = await self._attempts.find_one_and_update(
            {"_id": account.key, "counted": attempt},
            _SETTLED[verdict](attempt),
            return_document=ReturnDocument.AFTER,
        )
        if found is None or verdict is not Verdict.WRONG or found["pending"]:
            return None
        until: datetime | None = found["lockedUntil"]
        return until

    async def tries(self, account: Account, now: datetime) -> Tries:
        """How many attempts in a row count against an account, and until when it is locked."""
        found = await self._attempts.find_one({"_id": account.key})
        if found is None or (found["lockedUntil"] is not None and found["lockedUntil"] <= now):
            return Tries(0, None)
        return Tries(len(found["counted"]), found["lockedUntil"])

    async def forget(self, account: Account, transaction: Transaction) -> None:
        """Let an account start anew: staff have opened it."""
        await self._attempts.delete_one({"_id": account.key}, session=transaction)


class AddressStore:
    """Wrong log-ins of every client address: each moves on when the address has its allowance back."""

    def __init__(self, mongo: Mongo) -> None:
        self._addresses = mongo["logInAddresses"]

    async def take(self, block: str, now: datetime, allowance: Allowance) -> datetime | None:
        """Count a log-in, or give the instant from which the address may send the next one."""
        attempt = secrets.token_hex(8)
        found = await self._addresses.find_one_and_update(
            {"_id": token_hash(block)},
            _spent(attempt, now, allowance),
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        if found["last"] == attempt:
            return None
        again: datetime = found["fullAt"] + allowance.step - ALLOWANCE_SPAN
        return again

    async def give_back(self, block: str, allowance: Allowance) -> None:
        """Count one log-in less: it was not wrong."""
        step = _milliseconds(allowance.step)
        await self._addresses.update_one(
            {"_id": token_hash(block)},
            [{"$set": {"fullAt": {"$subtract": ["$fullAt", step]}}}],
        )


def _taken(attempt: str, now: datetime, most: int, until: datetime) -> list[Document]:
    over = {"$and": ["$lockedUntil", {"$lte": ["$lockedUntil", now]}]}
    free = {"$lt": [{"$size": "$counted"}, most]}
    locked = _when({"$gt": ["$lockedUntil", now]}, "$lockedUntil", until)
    lists = ("counted", "pending")
    return [
        {"$set": {name: _when(over, [], {"$ifNull": [f"${name}", []]}) for name in lists}},
        {
            "$set": {
                name: _when(free, {"$concatArrays": [f"${name}", [attempt]]}, f"${name}")
                for name in lists
            }
        },
        {"$set": {"lockedUntil": _when(free, None, locked), "endsAt": now + _KEPT}},
    ]


def _right(attempt: str) -> list[Document]:
    until_it = {"$add": [{"$indexOfArray": ["$counted", attempt]}, 1]}
    later = {"$subtract": [until_it, {"$size": "$counted"}]}
    return [
        {"$set": {"counted": {"$slice": ["$counted", later]}, "lockedUntil": None}},
        {"$set": {"pending": {"$setIntersection": ["$pending", "$counted"]}}},
    ]


def _wrong(attempt: str) -> list[Document]:
    return [{"$set": {"pending": _without(attempt, "pending")}}]


def _undecided(attempt: str) -> list[Document]:
    changes = {name: _without(attempt, name) for name in ("counted", "pending")}
    return [{"$set": {**changes, "lockedUntil": None}}]


_SETTLED: Final = {
    Verdict.RIGHT: _right,
    Verdict.WRONG: _wrong,
    Verdict.UNDECIDED: _undecided,
}


def _spent(attempt: str, now: datetime, allowance: Allowance) -> list[Document]:
    step = _milliseconds(allowance.step)
    then = {"$add": [{"$max": ["$fullAt", now]}, step]}
    free = {"$lte": [then, now + ALLOWANCE_SPAN]}
    return [
        {"$set": {"last": _when(free, attempt, {"$ifNull": ["$last", ""]})}},
        {"$set": {"fullAt": _when({"$eq": ["$last", attempt]}, then, "$fullAt")}},
    ]


def _when(condition: Document, then: Any, other: Any) -> Document:
    return {"$cond": [condition, then, other]}


def _without(attempt: str, name: str) -> Document:
    return {"$filter": {"input": f"${name}", "cond": {"$ne": ["$$this", attempt]}}}


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
