"""Bills in MongoDB, newest first everywhere but where they are told of as they come out.

Each transaction that stores bills counts up one counter, and its bills get that number as their place:
bills become visible in the order of their places. Who knows those up to a place finds all the others
behind it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from bson import Int64
from pymongo import DeleteOne, ReplaceOne, ReturnDocument

from datasources.bill_documents import bill_document, read_bill
from datasources.bill_revisions import BillRevisionStore
from datasources.mongo import Document, Mongo, Transaction
from datasources.news import NewsStore
from datasources.pages import count_per_group, first_per_group, newest_first
from domain.bill_position import BillPosition, PlacedBill
from domain.bill_succession import Succession, succession
from domain.bills import Bill
from domain.calendar import shift_months
from domain.facilities import ContractKind
from domain.news import bill_news
from domain.paging import Page, PageRequest, cut_page
from domain.slots import date_at

_log = structlog.get_logger()

_COUNTER: Final = "bill"
_AT_ONCE: Final = 10_000
"Facilities in one command."

_TOLD: Final = (
    *("member", "kind", "availableOn", "startOn", "endOn"),
    *("usage", "amountYen", "lines"),
)
"A bill in which any of these changed is told of again; one that was paid is not."


@dataclass(frozen=True, slots=True)
class BillChoice:
    """Bills that came out in ``[start, end)``; None is open. `kind`: None for any.

    Those of the facilities `but_of` are left out; with `only_of` those of any others are, too. With
    `ends_after` their periods end after that day.
    """

    start: date
    end: date | None = None
    kind: ContractKind | None = None
    but_of: tuple[int, ...] = ()
    only_of: frozenset[int] | None = None
    ends_after: date | None = None

    def __contains__(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)

    @property
    def choice(self) -> Document:
        bounds = {"$gte": self.start.isoformat()}
        if self.end is not None:
            bounds["$lt"] = self.end.isoformat()
        kind = {} if self.kind is None else {"kind": self.kind.value}
        every: list[Document] = []
        if self.but_of:
            every.append({"facility": {"$nin": list(self.but_of)}})
        if self.only_of is not None:
            every.append({"facility": {"$in": [Int64(number) for number in self.only_of]}})
        if self.ends_after is not None:
            every.append({"endOn": {"$gt": self.ends_after.isoformat()}})
        return {"availableOn": bounds} | kind | ({"$and": every} if every else {})


class BillStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._bills = mongo["bills"]
        self._revisions = BillRevisionStore(mongo)
        self._news = NewsStore(mongo)
        # At once they would be in each other's way at the counter, and try again and again.
        self._storing = asyncio.Lock()

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Bill]:
        found = await self._mongo.find("bills", {"_id": {"$in": list(ids)}})
        return {bill["_id"]: read_bill(bill) for bill in found}

    async def of_periods(self, facilities: Sequence[int], starts: Sequence[date]) -> list[Bill]:
        """Bills of facilities whose periods begin on some days."""
        choice = {
            "facility": {"$in": list(facilities)},
            "startOn": {"$in": [on.isoformat() for on in starts]},
        }
        return _readable(await self._mongo.find("bills", choice))

    async def of_month(
        self, facilities: Sequence[int], month: date, transaction: Transaction
    ) -> list[Bill]:
        """Bills of facilities whose periods are billed in a month."""
        # The last day of a period is the one before its end.
        ends = {"$gt": month.isoformat(), "$lte": shift_months(month, 1).isoformat()}
        choice = {"facility": {"$in": list(facilities)}, "endOn": ends}
        found = self._bills.find(choice, session=transaction)
        return _readable(await found.to_list(None))

    async def pages_of_facilities(
        self, facilities: Sequence[int], owner: str, wanted: BillChoice, request: PageRequest
    ) -> dict[int, Page[Bill]]:
        """Page of the owner's bills of each facility, in one command.

        A facility may have bills of somebody who had it before.
        """
        found = await first_per_group(
            self._mongo,
            "bills",
            "facility",
            facilities,
            newest_first("order", request),
            {"member": owner} | wanted.choice,
        )
        return {number: _page(bills, request) for number, bills in found.items()}

    async def page_of_member(
        self, member: str, wanted: BillChoice, request: PageRequest
    ) -> Page[Bill]:
        """Page of a member's bills over all facilities."""
        order = newest_first("order", request)
        found = await first_per_group(
            self._mongo, "bills", "member", [member], order, wanted.choice
        )
        return _page(found[member], request)

    async def counts_of_facilities(
        self, facilities: Sequence[int], owner: str, wanted: BillChoice
    ) -> dict[int, int]:
        """How many bills the owner has of each facility, in one command."""
        return await count_per_group(
            self._mongo, "bills", "facility", facilities, {"member": owner} | wanted.choice
        )

    async def count_of_member(self, member: str, wanted: BillChoice) -> int:
        counted: int = await self._bills.count_documents({"member": member} | wanted.choice)
        return counted

    async def before(self, bill: Bill) -> Bill | None:
        """The bill of the period that ends where the period of another one begins."""
        choice = {"member": bill.owner, "kind": bill.kind.value, "endOn": bill.start_on.isoformat()}
        found = await self._mongo.find("bills", {"facility": bill.facility} | choice)
        return read_bill(found[0]) if found else None

    async def put(self, bills: Sequence[Bill], now: datetime) -> list[Bill]:
        """Store bills, all or none, as `domain.bill_succession` says; answers the new and changed ones.

        They get a new place unless they are there already and nothing that is billed has changed.
        """
        if not bills:
            return []

        async def work(transaction: Transaction) -> list[Bill]:
            return await self.put_within(transaction, bills, now)

        async with self._storing:
            return await self._mongo.transaction(work)

    async def put_within(
        self, transaction: Transaction, bills: Sequence[Bill], now: datetime
    ) -> list[Bill]:
        """The same in a transaction of the caller, who has written nothing before it."""
        place = await next_place(self._mongo, transaction)
        known = await self._known(bills, transaction)
        found = succession(_readable(known.values()), bills)
        await self._write(found, known, place, transaction)
        await self._revisions.keep(found.superseded, now, transaction)
        today = date_at(now)
        told = [bill_news(bill, today) for bill in found.news.values()]
        await self._news.add([news for news in told if news], transaction)
        return list(found.news.values())

    async def _known(
        self, bills: Sequence[Bill], transaction: Transaction
    ) -> dict[str, Mapping[str, Any]]:
        """Stored bills of the same ids, and those of the facilities that begin on the same days."""
        ids = {"_id": {"$in": [bill.id for bill in bills]}}
        periods = {
            "facility": {"$in": sorted({bill.facility for bill in bills})},
            "startOn": {"$in": sorted({bill.start_on.isoformat() for bill in bills})},
        }
        found = self._bills.find({"$or": [ids, periods]}, session=transaction)
        return {document["_id"]: document for document in await found.to_list(None)}

    async def _write(
        self,
        found: Succession,
        known: Mapping[str, Mapping[str, Any]],
        place: Int64,
        transaction: Transaction,
    ) -> None:
        gone = {each.bill.id for each in found.superseded} - found.stored.keys()
        writes = [
            *(_replacement(bill, known.get(bill.id), place) for bill in found.stored.values()),
            *(DeleteOne({"_id": id_}) for id_ in sorted(gone)),
        ]
        if writes:
            await self._bills.bulk_write(writes, ordered=False, session=transaction)

    async def last_place(self) -> int:
        """Place of the bills that were stored last, 0 before the first."""
        found = await self._mongo.find("counters", {"_id": _COUNTER})
        return int(found[0]["value"]) if found else 0

    async def between(
        self, facilities: Sequence[int], after: BillPosition, until: BillPosition
    ) -> list[PlacedBill]:
        """Bills of facilities that `until` includes and `after` does not, the oldest first.

        `until` must have a place that was read before. A bill that cannot be read is left out.
        """
        found: list[PlacedBill] = []
        for first in range(0, len(facilities), _AT_ONCE):
            some = list(facilities[first : first + _AT_ONCE])
            documents = await self._mongo.find("bills", _came_out(some, after, until))
            places = {each["_id"]: each.get("place", 0) for each in documents}
            found += [PlacedBill(places[bill.id], bill) for bill in _readable(documents)]
        return sorted(found, key=lambda placed: placed.bill.order)


async def next_place(mongo: Mongo, transaction: Transaction) -> Int64:
    """Place of what a transaction stores: one after the other, as each asks for it before it reads."""
    counter = await mongo["counters"].find_one_and_update(
        {"_id": _COUNTER},
        {"$inc": {"value": Int64(1)}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=transaction,
    )
    return Int64(counter["value"])


def _page(bills: Sequence[Document], request: PageRequest) -> Page[Bill]:
    return cut_page([read_bill(bill) for bill in bills], request)


def _came_out(facilities: list[int], after: BillPosition, until: BillPosition) -> Document:
    """Choice of the bills of facilities between two positions."""
    until_place, until_on = Int64(until.place), until.available_on.isoformat()
    stored = {"place": {"$gt": Int64(after.place), "$lte": until_place}}
    # By `order`, which begins with the day and has an index.
    next_days = [
        (day + timedelta(days=1)).isoformat() for day in (after.available_on, until.available_on)
    ]
    came = {"order": {"$gte": next_days[0], "$lt": next_days[1]}}
    return {
        "$or": [
            {"facility": {"$in": facilities}, "availableOn": {"$lte": until_on}} | stored,
            {"facility": {"$in": facilities}, "place": {"$lte": until_place}} | came,
        ]
    }


def _replacement(bill: Bill, before: Mapping[str, Any] | None, place: Int64) -> ReplaceOne[Any]:
    """Write of a bill that keeps its place if there is nothing to tell of."""
    document = bill_document(bill)
    if before is not None and all(before.get(name) == document[name] for name in _TOLD):
        place = Int64(before.get("place", 0))
    return ReplaceOne({"_id": bill.id}, document | {"place": place}, upsert=True)


def _readable(documents: Iterable[Mapping[str, Any]]) -> list[Bill]:
    """Bills in documents; a damaged one must not hide the others."""
    bills = []
    for found in documents:
        try:
            bills.append(read_bill(found))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            _log.warning("a bill cannot be read", bill=found["_id"], error=type(error).__name__)
    return bills
