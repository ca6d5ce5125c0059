"""Facilities in MongoDB."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

from bson import Int64
from pymongo import DESCENDING, ReturnDocument, UpdateMany
from pymongo.errors import DuplicateKeyError

from datasources.endings import EndingKind, EndingStore
from datasources.mongo import Document, InTransaction, Mongo, Transaction
from domain.facilities import (
    AREAS,
    Address,
    Contract,
    ContractKind,
    Facility,
    FacilityChoice,
    PaymentMethod,
)
from domain.paging import Page, PageRequest, cut_page
from domain.supply import customer_key

_NUMBERS: Final = "facility"
_WATCHED: Final = ("member", "contracts")
"What decides who may see which readings."
_OF_FACILITIES: Final = ("readingPeriods", "bills", "billRevisions")


class FacilityStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._facilities = mongo["facilities"]
        self._endings = EndingStore(mongo)

    async def by_numbers(self, numbers: Sequence[int]) -> dict[int, Facility]:
        found = await self._mongo.find("facilities", {"_id": {"$in": list(numbers)}})
        return {facility["_id"]: _facility(facility) for facility in found}

    async def numbers_of(self, supply_points: Iterable[str]) -> dict[str, int]:
        """Facility numbers by supply point number."""
        choice = {"supplyPointNumber": {"$in": list(supply_points)}}
        found = await self._mongo.find("facilities", choice, {"supplyPointNumber": 1})
        return {facility["supplyPointNumber"]: facility["_id"] for facility in found}

    async def page(
        self, owner: str, wanted: FacilityChoice, request: PageRequest
    ) -> Page[Facility]:
        """Page of a member's facilities in the order of their numbers."""
        choice = _choice(owner, wanted)
        if request.key is not None:
            choice["_id"] = {"$lt" if request.backward else "$gt": int(request.key)}
        found = (
            await self._facilities.find(choice)
            .sort("_id", DESCENDING if request.backward else 1)
            .limit(request.limit + 1)
            .to_list(None)
        )
        return cut_page([_facility(facility) for facility in found], request)

    async def count(self, owner: str, wanted: FacilityChoice) -> int:
        counted: int = await self._facilities.count_documents(_choice(owner, wanted))
        return counted

    async def put(self, facility: Facility) -> int:
        """Store what a supply point's facility is (its `number` is ours to give); answers it.

        A change of its owner or contracts is told to every process.
        """
        key = {"supplyPointNumber": facility.supply_point}
        document = _document(facility)
        same = {field: document[field] for field in _WATCHED}
        if updated := await self._facilities.find_one_and_update(key | same, {"$set": document}):
            return int(updated["_id"])
        if found := await self._facilities.find_one(key, {"_id": 1}):
            await self._endings.record(EndingKind.FACILITY, partial(self._change, found, document))
            return int(found["_id"])
        number = await self._next_number()
        try:
            await self._facilities.insert_one({"_id": Int64(number)} | key | document)
        except DuplicateKeyError:  # made by another import just now
            return await self.put(facility)
        return number

    async def _change(
        self, key: Document, document: Document, transaction: Transaction
    ) -> list[Int64]:
        """Numbers of what has changed in a way that others must know."""
        before = await self._facilities.find_one_and_update(
            key, {"$set": document}, session=transaction
        )
        changed = any(before[field] != document[field] for field in _WATCHED)
        return [before["_id"]] if changed else []

    async def give(
        self,
        portal: str,
        customer_number: str,
        member: str,
        also: InTransaction | None = None,
    ) -> None:
        """Let a member have what is nobody's of a customer number: facilities, and what is of them.

        `also(transaction)` is done before it in the same transaction, and an error that it raises
        undoes all. Every process is told.
        """
        choice: Document = {"portal": portal, "customerKey": customer_key(customer_number)}
        # Of a facility that was given before there may be something new that was nobody's then.
        choice["member"] = {"$in": ["", member]}

        async def change(transaction: Transaction) -> Sequence[Int64]:
            if also is not None:
                await also(transaction)
            found = self._facilities.find(choice, session=transaction)
            documents = await found.to_list(None)
            if not documents:
                return []
            await self._facilities.update_many(
                choice, {"$set": {"member": member}}, session=transaction
            )
            if givings := [each for one in documents for each in _givings(one, member)]:
                for collection in _OF_FACILITIES:
                    await self._mongo[collection].bulk_write(givings, session=transaction)
            return [Int64(document["_id"]) for document in documents if not document["member"]]

        await self._endings.record(EndingKind.FACILITY, change)

    async def release(self, member: str, transaction: Transaction) -> None:
        """Let a member's facilities be nobody's, until `give` gives them to who registers the contract.

        What is of them stays as it is, however much that is; `give` finds it by the note made here.
        """
        formerly = {"member": "$member", "customerKey": "$customerKey"}
        await self._facilities.update_many(
            {"member": member},
            [{"$set": {"member": "", "formerly": formerly}}],
            session=transaction,
        )

    async def of_groups(
        self, portal: str, owners: Sequence[str], groups: Sequence[str]
    ) -> list[Facility]:
        """Facilities of some members that have a contract of one of the invoice groups."""
        choice = {
            "portal": portal,
            "member": {"$in": list(owners)},
            "contracts.invoiceGroup": {"$in": list(groups)},
        }
        return [_facility(found) for found in await self._mongo.find("facilities", choice)]

    async def without_contracts(self, member: str) -> list[int]:
        """Numbers of a member's facilities for which no contract is registered."""
        choice = {"member": member, "contracts": {"$size": 0}}
        return [found["_id"] for found in await self._mongo.find("facilities", choice, {"_id": 1})]

    async def contracts_of(self, member: str) -> list[Contract]:
        """All contracts of a member's facilities."""
        found = await self._mongo.find("facilities", {"member": member}, {"contracts": 1})
        return [_contract(each) for facility in found for each in facility["contracts"]]

    async def _next_number(self) -> int:
        counter = await self._mongo["counters"].find_one_and_update(
            {"_id": _NUMBERS},
            {"$inc": {"value": Int64(1)}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(counter["value"])


def _givings(document: Document, member: str) -> Iterator[UpdateMany]:
    """Give a member what is nobody's of a facility, from the beginning of its contracts on.

    What was before that is somebody else's (US-1). What is of a member who has left is given too, if it
    was for the same customer number.
    """
    facility = _facility(document)
    starts = [each.start_on for each in facility.contracts if each.kind is ContractKind.GAS]
    gas = {"kind": ContractKind.GAS.value}
    electricity = {"kind": {"$ne": ContractKind.GAS.value}}
    owners = [""]
    formerly = document.get("formerly")
    if formerly is not None and formerly["customerKey"] == document["customerKey"]:
        owners.append(formerly["member"])
    whose = {"facility": Int64(facility.number), "member": {"$in": owners}}
    for kind, begins in ((electricity, facility.supplied_from), (gas, min(starts, default=None))):
        if begins is not None:
            since = {"startOn": {"$gte": begins.isoformat()}}
            yield UpdateMany(whose | kind | since, {"$set": {"member": member}})


def search_text(*parts: str | None) -> str:
    """What a search looks at: width, case and spacing do not matter."""
    joined = "\n".join(part for part in parts if part)
    return re.sub(r"[^\S\n]+", "", unicodedata.normalize("NFKC", joined)).casefold()


def _choice(owner: str, wanted: FacilityChoice) -> Document:
    choice: Document = {"member": owner}
    if wanted.search and (text := search_text(wanted.search)):
        choice["searchText"] = {"$regex": re.escape(text)}
    if wanted.area is not None:
        prefixes = [prefix for prefix, area in AREAS.items() if area == wanted.area]
        choice["supplyPointNumber"] = {"$regex": f"^({'|'.join(prefixes)})"}
    if wanted.contract is not None:
        choice["contracts.kind"] = wanted.contract.value
    if wanted.only is not None:
        choice["$and"] = [{"_id": {"$in": [Int64(number) for number in wanted.only]}}]
    return choice


def _document(facility: Facility) -> Document:
    address = facility.address
    return {
        "portal": facility.portal,
        "member": facility.owner,
        "name": facility.name,
        "customerNumber": facility.customer_number,
        "customerKey": customer_key(facility.customer_number),
        "address": asdict(address),
        "contracts": [_contract_document(contract) for contract in facility.contracts],
        "searchText": search_text(
            facility.name,
            facility.supply_point,
            facility.customer_number,
            address.postal_code,
            "".join((address.prefecture, address.city, address.line1, address.line2 or "")),
        ),
    }


def _contract_document(contract: Contract) -> Document:
    return {
        "number": contract.number,
        "kind": contract.kind.value,
        "plan": contract.plan,
        "capacity": None if contract.capacity is None else str(contract.capacity),
        "capacityUnit": contract.capacity_unit,
        "startOn": contract.start_on.isoformat(),
        "endOn": contract.end_on and contract.end_on.isoformat(),
        "paymentMethod": contract.payment_method.value,
        "invoiceGroup": contract.invoice_group,
        "paperReceipts": contract.paper_receipts,
    }


def _facility(found: Mapping[str, Any]) -> Facility:
    return Facility(
        number=found["_id"],
        portal=found["portal"],
        owner=found["member"],
        name=found["name"],
        supply_point=found["supplyPointNumber"],
        customer_number=found["customerNumber"],
        address=Address(**found["address"]),
        contracts=tuple(_contract(contract) for contract in found["contracts"]),
    )


def _contract(found: Mapping[str, Any]) -> Contract:
    method = PaymentMethod(found["paymentMethod"])
    return Contract(
        number=found["number"],
        kind=ContractKind(found["kind"]),
        plan=found["plan"],
        capacity=None if found["capacity"] is None else Decimal(found["capacity"]),
        capacity_unit=found["capacityUnit"],
        start_on=date.fromisoformat(found["startOn"]),
        end_on=None if found["endOn"] is None else date.fromisoformat(found["endOn"]),
        payment_method=method,
        # The first version kept neither; receipts are as an import says that leaves them out.
        invoice_group=found.get("invoiceGroup"),
        paper_receipts=found.get("paperReceipts", method is PaymentMethod.PAYMENT_SLIP),
    )
