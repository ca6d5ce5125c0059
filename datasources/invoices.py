"""Consolidated invoices in MongoDB: one changes together with what its bills say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from bson import Int64
from pymongo import InsertOne, ReplaceOne, UpdateMany

from datasources.bill_documents import payment_document, read_payment
from datasources.bills import BillChoice, next_place
from datasources.mongo import Document, Mongo, Transaction
from datasources.news import NewsStore
from datasources.pages import first_per_group, newest_first
from domain.invoices import Invoice
from domain.news import invoice_news
from domain.paging import Page, PageRequest, cut_page
from domain.slots import date_at

_NAME: Final = "invoices"
_EARLIER: Final = "invoiceRevisions"


class InvoiceStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._invoices = mongo[_NAME]
        self._news = NewsStore(mongo)

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Invoice]:
        found = await self._mongo.find(_NAME, {"_id": {"$in": list(ids)}})
        return {document["_id"]: read_invoice(document) for document in found}

    async def page_of_member(
        self, member: str, wanted: BillChoice, request: PageRequest
    ) -> Page[Invoice]:
        """Page of a member's invoices that came out as wanted, newest first."""
        order = newest_first("order", request)
        found = await first_per_group(self._mongo, _NAME, "member", [member], order, wanted.choice)
        return cut_page([read_invoice(document) for document in found[member]], request)

    async def count_of_member(self, member: str, wanted: BillChoice) -> int:
        counted: int = await self._invoices.count_documents({"member": member} | wanted.choice)
        return counted

    async def put(self, invoices: Sequence[Invoice], now: datetime) -> list[Invoice]:
        """Store invoices, all or none; answers those that are new, or of which something has changed.

        One whose bills or amount have changed is a new revision, and the one before is kept. Its
        bills come out with it and are paid with it. What was paid of it before stays.
        """
        if not invoices:
            return []

        async def work(transaction: Transaction) -> list[Invoice]:
            return await self.put_within(transaction, invoices, now)

        return await self._mongo.transaction(work)

    async def put_within(
        self, transaction: Transaction, invoices: Sequence[Invoice], now: datetime
    ) -> list[Invoice]:
        """The same in a transaction of the caller, who has written nothing but bills before it."""
        place = await next_place(self._mongo, transaction)
        choice = {"_id": {"$in": [invoice.id for invoice in invoices]}}
        found = self._invoices.find(choice, session=transaction)
        known = {each["_id"]: each for each in await found.to_list(None)}
        news = [
            invoice
            for invoice in (_next(each, known.get(each.id)) for each in invoices)
            if invoice is not None
        ]
        if not news:
            return []
        earlier = [
            InsertOne(_earlier(known[each.id], now))
            for each in news
            if each.id in known and known[each.id]["revision"] != each.revision
        ]
        if earlier:
            await self._mongo[_EARLIER].bulk_write(earlier, session=transaction)
        documents = [invoice_document(each) for each in news]
        replacements = [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in documents]
        await self._invoices.bulk_write(replacements, session=transaction)
        before = {id_: each["bills"] for id_, each in known.items()}
        writes = [
            write for each in news for write in _bill_writes(each, before.get(each.id, ()), place)
        ]
        await self._mongo["bills"].bulk_write(writes, session=transaction)
        await self._tell(news, known, now, transaction)
        return news

    async def _tell(
        self,
        changed: Sequence[Invoice],
        known: Mapping[str, Mapping[str, Any]],
        now: datetime,
        transaction: Transaction,
    ) -> None:
        """Note that members are to be told of new invoices and revisions."""
        today = date_at(now)
        told = [
            invoice_news(each, today)
            for each in changed
            if each.id not in known or known[each.id]["revision"] != each.revision
        ]
        await self._news.add([news for news in told if news], transaction)


def _next(given: Invoice, known: Mapping[str, Any] | None) -> Invoice | None:
    """What becomes of an invoice beside the one that is known; None if that stays as it is."""
    if known is None:
        return given
    before = read_invoice(known)
    if given.bills_the_same_as(before) and given.owner == before.owner:
        return None
    payment = replace(before.payment, due_on=given.payment.due_on)
    changed = not given.bills_the_same_as(before)
    return replace(given, payment=payment, revision=before.revision + changed)


def _bill_writes(invoice: Invoice, before: Sequence[str], place: Int64) -> list[UpdateMany]:
    """Let the invoice's bills be paid with it, and come out with it; and no others of those before."""
    on = invoice.available_on.isoformat()
    with_it = {
        "invoice": invoice.number,
        "availableOn": on,
        "order": {"$concat": [f"{on} ", "$_id"]},
        "payment": {"$literal": payment_document(invoice.payment)},
        # What comes out on another day is news.
        "place": {"$cond": [{"$eq": ["$availableOn", on]}, "$place", place]},
    }
    bills = list(invoice.bills)
    others = {"_id": {"$in": [id_ for id_ in before if id_ not in invoice.bills]}}
    return [
        UpdateMany({"_id": {"$in": bills}}, [{"$set": with_it}]),
        UpdateMany(others | {"invoice": invoice.number}, {"$set": {"invoice": None}}),
    ]


def _earlier(document: Mapping[str, Any], now: datetime) -> Document:
    kept = {name: value for name, value in document.items() if name != "_id"}
    return kept | {"invoice": document["_id"], "replacedAt": now}


def invoice_document(invoice: Invoice) -> Document:
    return {
        "_id": invoice.id,
        "portal": invoice.portal,
        "member": invoice.owner,
        "number": invoice.number,
        "group": invoice.group,
        "month": invoice.month.isoformat(),
        "readOn": invoice.read_on.isoformat(),
        "issuedOn": invoice.issued_on.isoformat(),
        "availableOn": invoice.available_on.isoformat(),
        "bills": list(invoice.bills),
        "amountYen": Int64(invoice.amount_yen),
        "taxPercent": invoice.tax_percent,
        "payment": payment_document(invoice.payment),
        "revision": invoice.revision,
        "order": invoice.order,
    }


def read_invoice(found: Mapping[str, Any]) -> Invoice:
    return Invoice(
        id=f"{found['portal']}/{found['number']}",
        portal=found["portal"],
        owner=found["member"],
        number=found["number"],
        group=found["group"],
        month=date.fromisoformat(found["month"]),
        read_on=date.fromisoformat(found["readOn"]),
        issued_on=date.fromisoformat(found["issuedOn"]),
        available_on=date.fromisoformat(found["availableOn"]),
        bills=tuple(found["bills"]),
        amount_yen=found["amountYen"],
        tax_percent=found["taxPercent"],
        payment=read_payment(found["payment"]),
        revision=found["revision"],
    )
