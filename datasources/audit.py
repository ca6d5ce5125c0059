"""The audit log: what staff did and whom they looked at.

Entries are added and read, in the order of their ids. Nothing here changes or removes one, and they
never end by themselves.
"""

import itertools
import secrets
from collections.abc import Sequence

from pymongo import DESCENDING

from datasources.mongo import Document, Mongo, Transaction
from datasources.pages import newest_first
from domain.audit import AuditAct, AuditChoice, AuditEntry, AuditRecord
from domain.paging import Page, PageRequest, cut_page


class AuditStore:
    def __init__(self, mongo: Mongo) -> None:
        self._entries = mongo["audit"]
        self._numbers = itertools.count()

    async def add(self, records: Sequence[AuditRecord], transaction: Transaction) -> None:
        """Keep records, in the transaction of what they tell of."""
        if records:
            documents = [_document(record, next(self._numbers)) for record in records]
            await self._entries.insert_many(documents, session=transaction)

    async def page(self, choice: AuditChoice, request: PageRequest) -> Page[AuditEntry]:
        """Page of entries, the newest first."""
        order = newest_first("_id", request)
        found = self._entries.find(
            {"$and": [_choice(choice), order.choice]},
            sort=[(order.field, order.direction)],
            limit=order.limit,
        )
        return cut_page([_entry(document) for document in await found.to_list(None)], request)

    async def count(self, choice: AuditChoice) -> int:
        return int(await self._entries.count_documents(_choice(choice)))

    async def changes_of(self, member: str, limit: int) -> list[AuditEntry]:
        """What staff did to a member, the newest first; not who only looked."""
        found = self._entries.find(
            {"member": member, "act": {"$ne": AuditAct.LOOKED.value}},
            sort=[("_id", DESCENDING)],
            limit=limit,
        )
        return [_entry(document) for document in await found.to_list(None)]


def _choice(choice: AuditChoice) -> Document:
    wanted: Document = {}
    if choice.portals is not None:
        wanted["portal"] = {"$in": sorted(choice.portals)}
    if choice.member is not None:
        wanted["member"] = choice.member
    if choice.staff is not None:
        wanted["staff"] = choice.staff
    return wanted


def _document(record: AuditRecord, number: int) -> Document:
    milliseconds = int(record.at.timestamp() * 1000)
    return {
        # The time, then what this process counts: so the order of ids is that of what happened.
        "_id": f"{milliseconds:012x}{number & 0xFFFFFFFF:08x}{secrets.token_hex(6)}",
        "at": record.at,
        "act": record.act.value,
        "staff": record.staff,
        "loginId": record.login_id,
        "portal": record.portal,
        "member": record.member,
        "subject": record.subject,
        "reason": record.reason,
        "note": record.note,
    }


def _entry(found: Document) -> AuditEntry:
    return AuditEntry(
        id=found["_id"],
        record=AuditRecord(
            at=found["at"],
            act=AuditAct(found["act"]),
            staff=found["staff"],
            login_id=found["loginId"],
            portal=found["portal"],
            member=found["member"],
            subject=found["subject"],
            reason=found["reason"],
            note=found["note"],
        ),
    )
