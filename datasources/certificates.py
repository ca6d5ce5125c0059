"""Payment certificates in MongoDB: one for a facility and a year, as it was issued (BI-6).

That there is one is kept by the id, that no period is in two of them by a unique index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from bson import Int64
from pymongo import ReturnDocument

from datasources.bill_documents import read_bill
from datasources.mongo import Document, Mongo, Transaction
from datasources.pages import first_per_group, newest_first
from domain.bill_sheets import Addressee, Place
from domain.bills import Bill, PaymentState
from domain.certificates import CertifiedBill, PaymentCertificate
from domain.facilities import Address, ContractKind, PaymentMethod
from domain.paging import Page, PageRequest, cut_page

_NAME: Final = "paymentCertificates"


class CertificateStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._certificates = mongo[_NAME]

    async def by_id(self, certificate: str) -> PaymentCertificate | None:
        found = await self._mongo.find(_NAME, {"_id": certificate})
        return _certificate(found[0]) if found else None

    async def page_of_member(self, member: str, request: PageRequest) -> Page[PaymentCertificate]:
        """Page of a member's certificates over all facilities, newest first."""
        order = newest_first("order", request)
        found = await first_per_group(self._mongo, _NAME, "member", [member], order, {})
        return cut_page([_certificate(each) for each in found[member]], request)

    async def count_of_member(self, member: str) -> int:
        counted: int = await self._certificates.count_documents({"member": member})
        return counted

    async def issued(
        self, certificate: str, transaction: Transaction
    ) -> tuple[PaymentCertificate, str | None] | None:
        """A certificate and the idempotency key of its request."""
        found = await self._certificates.find_one({"_id": certificate}, session=transaction)
        return None if found is None else (_certificate(found), found["key"])

    async def paid_bills(
        self, facility: int, owner: str, since: date, transaction: Transaction
    ) -> list[Bill]:
        """The owner's bills of a facility that were paid from a day on."""
        choice = {
            "facility": Int64(facility),
            "member": owner,
            "payment.state": PaymentState.PAID.value,
            "payment.paidOn": {"$gte": since.isoformat()},
        }
        found = self._mongo["bills"].find(choice, session=transaction)
        return [read_bill(document) for document in await found.to_list(None)]

    async def certified(self, periods: Sequence[str], transaction: Transaction) -> set[str]:
        """Those of some billed periods that are in a certificate, perhaps with others of it."""
        found = self._certificates.find(
            {"periods": {"$in": list(periods)}}, {"periods": 1}, session=transaction
        )
        return {period for document in await found.to_list(None) for period in document["periods"]}

    async def next_number(self, portal: str, year: int, transaction: Transaction) -> str:
        """The next number of a portal's certificates of a year."""
        counter = await self._mongo["counters"].find_one_and_update(
            {"_id": f"certificate/{portal}/{year}"},
            {"$inc": {"value": Int64(1)}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=transaction,
        )
        return f"{year}-{counter['value']:06d}"

    async def add(
        self, certificate: PaymentCertificate, key: str | None, transaction: Transaction
    ) -> None:
        """Store a new certificate; `key` is the idempotency key of its request."""
        document = _document(certificate) | {"key": key}
        await self._certificates.insert_one(document, session=transaction)


def _document(certificate: PaymentCertificate) -> Document:
    return {
        "_id": certificate.id,
        "portal": certificate.portal,
        "member": certificate.owner,
        "facility": Int64(certificate.facility),
        "number": certificate.number,
        "issuedOn": certificate.issued_on.isoformat(),
        "endsOn": certificate.ends_on.isoformat(),
        "addressee": asdict(certificate.addressee),
        "place": asdict(certificate.place),
        "bills": [_bill_document(bill) for bill in certificate.bills],
        "periods": [bill.period for bill in certificate.bills],
        "order": certificate.order,
    }


def _bill_document(bill: CertifiedBill) -> Document:
    return {
        "period": bill.period,
        "number": bill.number,
        "kind": bill.kind.value,
        "startOn": bill.start_on.isoformat(),
        "endOn": bill.end_on.isoformat(),
        "paidOn": bill.paid_on.isoformat(),
        "method": bill.method and bill.method.value,
        "amountYen": Int64(bill.amount_yen),
        "taxPercent": bill.tax_percent,
    }


def _certificate(found: Mapping[str, Any]) -> PaymentCertificate:
    to, place = found["addressee"], found["place"]
    return PaymentCertificate(
        id=found["_id"],
        portal=found["portal"],
        owner=found["member"],
        facility=found["facility"],
        number=found["number"],
        issued_on=date.fromisoformat(found["issuedOn"]),
        ends_on=date.fromisoformat(found["endsOn"]),
        addressee=Addressee(**to | {"lines": tuple(to["lines"])}),
        place=Place(**place | {"address": Address(**place["address"])}),
        bills=tuple(map(_bill, found["bills"])),
    )


def _bill(found: Mapping[str, Any]) -> CertifiedBill:
    return CertifiedBill(
        period=found["period"],
        number=found["number"],
        kind=ContractKind(found["kind"]),
        start_on=date.fromisoformat(found["startOn"]),
        end_on=date.fromisoformat(found["endOn"]),
        paid_on=date.fromisoformat(found["paidOn"]),
        method=None if found["method"] is None else PaymentMethod(found["method"]),
        amount_yen=found["amountYen"],
        tax_percent=found["taxPercent"],
    )
