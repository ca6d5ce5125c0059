"""Which terms of use members were told of and accepted, in MongoDB; nothing here is ever deleted.

A document waits with `deemedFrom` and `deemedBy` until it is accepted; the first acceptance stays.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import BulkWriteError

from datasources.memberships import STILL_MEMBER
from datasources.mongo import Document, Mongo, Transaction
from domain.members import Member
from domain.terms import Acceptance, TermsChange, TermsRecord

_DUPLICATE: Final = 11000


class ToldMeanwhile(Exception):
    """Something is known of a member and a version already."""


class TermsStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._terms = mongo["acceptedTerms"]

    async def of_member(self, member: str) -> list[TermsRecord]:
        found = await self._terms.find({"member": member}).to_list(None)
        return [_record(document) for document in found]

    async def members_to_tell(self, portal: str, after: str, limit: int) -> list[str]:
        """Ids of members of a portal who stay, in order, from the one after an id on."""
        found = self._mongo["members"].find(
            {"_id": {"$gt": after}, "portal": portal, **STILL_MEMBER, "leavesAt": None},
            {"_id": 1},
            sort=[("_id", ASCENDING)],
            limit=limit,
        )
        return [member["_id"] for member in await found.to_list(None)]

    async def untold(self, members: Sequence[Member], document: str, version: str) -> list[Member]:
        """Those of whom nothing is known about a version."""
        keys = {member.id: _key(member.id, document, version) for member in members}
        found = await self._mongo.find("acceptedTerms", {"_id": {"$in": [*keys.values()]}})
        known = {each["member"] for each in found}
        return [member for member in members if member.id not in known]

    async def add(
        self,
        records: Iterable[tuple[Member, TermsRecord, TermsChange]],
        transaction: Transaction,
    ) -> None:
        """Write down what is new; raises ToldMeanwhile, and then the transaction is undone."""
        documents = [_document(*each) for each in records]
        try:
            if documents:
                await self._terms.insert_many(documents, session=transaction)
        except BulkWriteError as error:
            if any(each["code"] != _DUPLICATE for each in error.details["writeErrors"]):
                raise
            raise ToldMeanwhile from None

    async def accept(
        self, member: Member, document: str, version: str, now: datetime
    ) -> TermsRecord:
        """Note that a member accepts a version; who has accepted it before did so then."""
        found = await self._terms.find_one_and_update(
            {"_id": _key(member.id, document, version)},
            [
                {
                    "$set": {
                        "member": member.id,
                        "portal": member.portal,
                        "document": document,
                        "version": version,
                        "notifiedAt": {"$ifNull": ["$notifiedAt", None]},
                        "acceptedAt": {"$ifNull": ["$acceptedAt", now]},
                        "acceptance": {"$ifNull": ["$acceptance", Acceptance.EXPLICIT.value]},
                    }
                },
                {"$unset": ["deemedFrom", "deemedBy"]},
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _record(found)

    async def settle(self, now: datetime) -> int:
        """Note what counts as accepted by time alone; gives how many."""
        due = {"deemedFrom": {"$lte": now}, "deemedBy": TermsChange.AFTER_NOTICE.value}
        found = await self._terms.update_many(
            due,
            [
                {
                    "$set": {
                        "acceptedAt": "$deemedFrom",
                        "acceptance": Acceptance.AFTER_NOTICE.value,
                    }
                },
                {"$unset": ["deemedFrom", "deemedBy"]},
            ],
        )
        return int(found.modified_count)

    async def note_use(self, member: str, now: datetime, transaction: Transaction | None) -> None:
        """Note what a member accepts by using the portal now."""
        due = {
            "member": member,
            "deemedFrom": {"$lte": now},
            "deemedBy": TermsChange.BY_USE.value,
        }
        accepted = {"acceptedAt": now, "acceptance": Acceptance.BY_USE.value}
        await self._terms.update_many(
            due,
            {"$set": accepted, "$unset": {"deemedFrom": "", "deemedBy": ""}},
            session=transaction,
        )

    async def stop(self, member: str, transaction: Transaction) -> None:
        """Neither time nor use counts as acceptance of who has withdrawn."""
        await self._terms.update_many(
            {"member": member, "deemedFrom": {"$exists": True}},
            {"$unset": {"deemedFrom": "", "deemedBy": ""}},
            session=transaction,
        )


def _key(member: str, document: str, version: str) -> str:
    return f"{member}/{document}/{version}"


def _document(member: Member, record: TermsRecord, change: TermsChange) -> Document:
    made: Document = {
        "_id": _key(member.id, record.document, record.version),
        "member": member.id,
        "portal": member.portal,
        "document": record.document,
        "version": record.version,
        "notifiedAt": record.notified_at,
        "acceptedAt": record.accepted_at,
        "acceptance": record.acceptance and record.acceptance.value,
    }
    if record.deemed_from is not None:
        made |= {"deemedFrom": record.deemed_from, "deemedBy": change.value}
    return made


def _record(found: Document) -> TermsRecord:
    acceptance = found["acceptance"]
    return TermsRecord(
        document=found["document"],
        version=found["version"],
        notified_at=found["notifiedAt"],
        deemed_from=found.get("deemedFrom"),
        accepted_at=found["acceptedAt"],
        acceptance=Acceptance(acceptance) if acceptance else None,
    )
