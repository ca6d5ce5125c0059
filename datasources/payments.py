"""What became of payments, written into bills and consolidated invoices."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import UpdateMany

from datasources.mongo import Document, Mongo, Transaction
from domain.payment_records import PaymentRecord

Known = Mapping[str, Mapping[str, Any]]


class PaymentStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def put(self, payments: Sequence[PaymentRecord]) -> dict[int, str]:
        """Write payments into what they pay; answers by place why one could not be written.

        Of one bill or invoice the payment that was recorded last counts, in whatever order and however
        often they come. Bills of an invoice are paid with it.
        """

        async def work(transaction: Transaction) -> dict[int, str]:
            ids = [payment.id for payment in payments]
            bills = await self._known("bills", ids, "invoice", transaction)
            invoices = await self._known("invoices", ids, "bills", transaction)
            refused: dict[int, str] = {}
            of_bills, of_invoices = [], []
            for place, payment in enumerate(payments):
                if reason := _refusal(payment, bills, invoices):
                    refused[place] = reason
                elif payment.of_invoice:
                    of_invoices.append(_write([payment.id], payment))
                    of_bills.append(_write(invoices[payment.id]["bills"], payment))
                else:
                    of_bills.append(_write([payment.id], payment))
            for name, writes in (("bills", of_bills), ("invoices", of_invoices)):
                if writes:
                    await self._mongo[name].bulk_write(writes, session=transaction)
            return refused

        return await self._mongo.transaction(work) if payments else {}

    async def _known(
        self, name: str, ids: Sequence[str], field: str, transaction: Transaction
    ) -> Known:
        found = self._mongo[name].find({"_id": {"$in": ids}}, {field: 1}, session=transaction)
        return {document["_id"]: document for document in await found.to_list(None)}


def _refusal(payment: PaymentRecord, bills: Known, invoices: Known) -> str | None:
    known, what = (invoices, "invoice") if payment.of_invoice else (bills, "bill")
    if payment.id not in known:
        return f"portal {payment.portal!r} has no {what} {payment.number!r}"
    if not payment.of_invoice and (invoice := known[payment.id]["invoice"]) is not None:
        return f"bill {payment.number!r} is paid with invoice {invoice!r}"
    return None


def _write(ids: Sequence[str], payment: PaymentRecord) -> UpdateMany:
    """Write a payment unless there is one that was recorded later, or then."""
    earlier = {"payment.recordedAt": {"$lt": payment.recorded_at}}
    method = {} if payment.method is None else {"payment.method": payment.method.value}
    stated = method | {
        "payment.state": payment.state.value,
        "payment.debitOn": payment.debit_on and payment.debit_on.isoformat(),
        "payment.paidOn": payment.paid_on and payment.paid_on.isoformat(),
        "payment.recordedAt": payment.recorded_at,
    }
    choice: Document = {"$or": [{"payment.recordedAt": None}, earlier]}
    return UpdateMany({"_id": {"$in": list(ids)}} | choice, {"$set": stated})
