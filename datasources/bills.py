"""Bills in MongoDB, newest first everywhere but where they are told of as they come out.

Each transaction that stores bills counts up one counter, and its bills get that number as their place:
bills become visible in the order of their places. Who knows those up to a place finds all the others
behind it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import structlog
from bson import Int64
from pymongo import ReturnDocument, UpdateOne

from datasources.mongo import Document, Mongo
from datasources.pages import count_per_group, first_per_group, newest_first
from domain.bill_position import BillPosition, PlacedBill
from domain.billing import LineItem, LineKind
from domain.bills import Bill, PaymentState
from domain.paging import Page, PageRequest, cut_page

_log = structlog.get_logger()

_COUNTER: Final = "bill"
_AT_ONCE: Final = 10_000
"Facilities in one command."

_WHAT_IS_BILLED: Final = (
    *("member", "issuedOn", "startOn", "endOn"),
    *("usageWh", "amountYen", "lines"),
)
"A bill in which any of these changed is told of again; one that was paid is not."


@dataclass(frozen=True, slots=True)
class IssueDates:
    """Bills issued in ``[start, end)``; None is open."""

    start: date
    end: date | None = None

    def __contains__(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)

    @property
    def choice(self) -> Document:
        bounds = {"$gte": self.start.isoformat()}
        if self.end is not None:
            bounds["$lt"] = self.end.isoformat()
        return {"issuedOn": bounds}


class BillStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._bills = mongo["bills"]
        # At once they would be in each other's way at the counter, and try again and again.
        self._storing = asyncio.Lock()

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Bill]:
        found = await self._mongo.find("bills", {"_id": {"$in": list(ids)}})
        return {bill["_id"]: _bill(bill) for bill in found}

    async def pages_of_facilities(
        self, facilities: Sequence[int], owner: str, issued: IssueDates, request: PageRequest
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
            {"member": owner} | issued.choice,
        )
        return {number: _page(bills, request) for number, bills in found.items()}

    async def page_of_member(
        self, member: str, issued: IssueDates, request: PageRequest
    ) -> Page[Bill]:
        """Page of a member's bills over all facilities."""
        order = newest_first("order", request)
        found = await first_per_group(
            self._mongo, "bills", "member", [member], order, issued.choice
        )
        return _page(found[member], request)

    async def counts_of_facilities(
        self, facilities: Sequence[int], owner: str, issued: IssueDates
    ) -> dict[int, int]:
        """How many bills the owner has of each facility, in one command."""
        return await count_per_group(
            self._mongo, "bills", "facility", facilities, {"member": owner} | issued.choice
        )

    async def count_of_member(self, member: str, issued: IssueDates) -> int:
        counted: int = await self._bills.count_documents({"member": member} | issued.choice)
        return counted

    async def put(self, bills: Sequence[Bill]) -> None:
        """Store bills, all or none; one of the same number in its portal is replaced.

        They get a new place unless they are there already and nothing that is billed has changed.
        """
        documents = [_document(bill) for bill in bills]

        async def work(session: Any) -> None:
            counter = await self._mongo["counters"].find_one_and_update(
                {"_id": _COUNTER},
                {"$inc": {"value": Int64(1)}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            writes = [_replacement(document, counter["value"]) for document in documents]
            await self._bills.bulk_write(writes, ordered=False, session=session)

        async with self._storing:
            await self._mongo.transaction(work)

    async def last_place(self) -> int:
        """Place of the bills that were stored last, 0 before the first."""
        found = await self._mongo.find("counters", {"_id": _COUNTER})
        return int(found[0]["value"]) if found else 0

    async def between(
        self, facilities: Sequence[int], after: BillPosition, until: BillPosition
    ) -> list[PlacedBill]:
        """Bills of facilities that `until` includes and `after` does not, the oldest issue first.

        `until` must have a place that was read before. A bill that cannot be read is left out.
        """
        found: list[PlacedBill] = []
        for first in range(0, len(facilities), _AT_ONCE):
            some = list(facilities[first : first + _AT_ONCE])
            documents = await self._mongo.find("bills", _came_out(some, after, until))
            found += filter(None, map(_placed, documents))
        return sorted(found, key=lambda placed: placed.bill.order)


def _page(bills: Sequence[Document], request: PageRequest) -> Page[Bill]:
    return cut_page([_bill(bill) for bill in bills], request)


def _came_out(facilities: list[int], after: BillPosition, until: BillPosition) -> Document:
    """Choice of the bills of facilities between two positions."""
    until_place, until_on = Int64(until.place), until.issued_on.isoformat()
    stored = {"place": {"$gt": Int64(after.place), "$lte": until_place}}
    # By `order`, which begins with the day of issue and has an index.
    next_days = [
        (day + timedelta(days=1)).isoformat() for day in (after.issued_on, until.issued_on)
    ]
    issued = {"order": {"$gte": next_days[0], "$lt": next_days[1]}}
    return {
        "$or": [
            {"facility": {"$in": facilities}, "issuedOn": {"$lte": until_on}} | stored,
            {"facility": {"$in": facilities}, "place": {"$lte": until_place}} | issued,
        ]
    }


def _replacement(document: Document, place: Int64) -> UpdateOne:
    """Write of a bill that keeps its place if what is billed is the same."""
    same = [{"$eq": [f"${name}", {"$literal": document[name]}]} for name in _WHAT_IS_BILLED]
    kept = {"$ifNull": ["$place", Int64(0)]}
    placed = {"place": {"$cond": [{"$and": same}, kept, place]}}
    replacing = [{"$replaceWith": {"$mergeObjects": [{"$literal": document}, placed]}}]
    return UpdateOne({"_id": document["_id"]}, replacing, upsert=True)


def _document(bill: Bill) -> Document:
    return {
        "_id": bill.id,
        "portal": bill.portal,
        "member": bill.owner,
        "facility": Int64(bill.facility),
        "number": bill.number,
        "startOn": bill.start_on.isoformat(),
        "endOn": bill.end_on.isoformat(),
        "usageWh": Int64(bill.usage_wh),
        "amountYen": Int64(bill.amount_yen),
        "lines": [_line_document(line) for line in bill.lines],
        "issuedOn": bill.issued_on.isoformat(),
        "dueOn": bill.due_on.isoformat(),
        "paymentState": bill.payment_state.value,
        "paidOn": bill.paid_on and bill.paid_on.isoformat(),
        "order": bill.order,
    }


def _line_document(line: LineItem) -> Document:
    return {
        "kind": line.kind.value,
        "label": line.label,
        "quantity": _text(line.quantity),
        "unit": line.unit,
        "unitPrice": _text(line.unit_price),
        "amountYen": Int64(line.amount_yen),
    }


def _placed(found: Mapping[str, Any]) -> PlacedBill | None:
    """A bill with its place; None for a damaged one, which must not hide the others."""
    try:
        return PlacedBill(found["place"], _bill(found))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        _log.warning("a bill cannot be read", bill=found["_id"], error=type(error).__name__)
        return None


def _bill(found: Mapping[str, Any]) -> Bill:
    return Bill(
        id=found["_id"],
        portal=found["portal"],
        owner=found["member"],
        facility=found["facility"],
        number=found["number"],
        start_on=date.fromisoformat(found["startOn"]),
        end_on=date.fromisoformat(found["endOn"]),
        usage_wh=found["usageWh"],
        amount_yen=found["amountYen"],
        lines=tuple(_line(line) for line in found["lines"]),
        issued_on=date.fromisoformat(found["issuedOn"]),
        due_on=date.fromisoformat(found["dueOn"]),
        payment_state=PaymentState(found["paymentState"]),
        paid_on=None if found["paidOn"] is None else date.fromisoformat(found["paidOn"]),
    )


def _line(found: Mapping[str, Any]) -> LineItem:
    return LineItem(
        kind=LineKind(found["kind"]),
        label=found["label"],
        quantity=_decimal(found["quantity"]),
        unit=found["unit"],
        unit_price=_decimal(found["unitPrice"]),
        amount_yen=found["amountYen"],
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
