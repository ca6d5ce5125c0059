"""Bills in MongoDB, newest first everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bson import Int64
from pymongo import ReplaceOne

from datasources.mongo import Document, Mongo
from datasources.pages import count_per_group, first_per_group, newest_first
from domain.billing import LineItem, LineKind
from domain.bills import Bill, PaymentState
from domain.paging import Page, PageRequest, cut_page


@dataclass(frozen=True, slots=True)
class IssueDates:
    """Bills issued in ``[start, end)``; None is open."""

    start: date
    end: date | None = None

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
        """Store bills; one of the same number in its portal is replaced."""
        documents = [_document(bill) for bill in bills]
        await self._bills.bulk_write(
            [ReplaceOne({"_id": bill["_id"]}, bill, upsert=True) for bill in documents],
            ordered=False,
        )


def _page(bills: Sequence[Document], request: PageRequest) -> Page[Bill]:
    return cut_page([_bill(bill) for bill in bills], request)


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
