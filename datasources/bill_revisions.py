"""Earlier revisions of bills in MongoDB: what was billed before a correction (BI-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import UpdateMany

from datasources.bill_documents import bill_document, read_bill
from datasources.mongo import Document, Mongo, Transaction
from domain.bill_succession import Superseded
from domain.bills import Bill

_NAME: Final = "billRevisions"


@dataclass(frozen=True, slots=True)
class EarlierBill:
    """A bill as it was until `replaced_at`."""

    bill: Bill
    replaced_at: datetime


class BillRevisionStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._revisions = mongo[_NAME]

    async def keep(
        self, superseded: Sequence[Superseded], now: datetime, transaction: Transaction
    ) -> None:
        """Keep bills as earlier revisions of those that have taken their place."""
        if not superseded:
            return
        moved = {each.bill.id: each.by for each in superseded if each.bill.id != each.by}
        if moved:
            moves = [
                UpdateMany({"bill": before}, {"$set": {"bill": by}}) for before, by in moved.items()
            ]
            await self._revisions.bulk_write(moves, session=transaction)
        documents = [_document(each, now) for each in superseded]
        await self._revisions.insert_many(documents, session=transaction)

    async def of_bills(self, bills: Sequence[str], owner: str) -> dict[str, list[EarlierBill]]:
        """The owner's earlier revisions of each bill, the newest first."""
        choice = {"bill": {"$in": list(bills)}, "member": owner}
        found = await self._mongo.find(_NAME, choice)
        earlier: dict[str, list[EarlierBill]] = {bill: [] for bill in bills}
        for document in sorted(found, key=_newest_first, reverse=True):
            earlier[document["bill"]].append(
                EarlierBill(read_bill(document), document["replacedAt"])
            )
        return earlier


def _newest_first(document: Mapping[str, Any]) -> tuple[datetime, int]:
    return document["replacedAt"], document["revision"]


def _document(superseded: Superseded, now: datetime) -> Document:
    document = bill_document(superseded.bill)
    del document["_id"]
    return document | {"bill": superseded.by, "replacedAt": now}
