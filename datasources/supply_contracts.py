"""Supply contracts in MongoDB, and whose they are."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pymongo import ReturnDocument, UpdateOne

from datasources.mongo import Document, Mongo, Transaction
from domain.facilities import Address, PaymentMethod
from domain.supply import SupplyContract, contract_id


class SupplyContractStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._contracts = mongo["supplyContracts"]

    async def put(self, contracts: Sequence[SupplyContract]) -> None:
        """Store what the company knows; whose a contract is stays as it is."""
        await self._contracts.bulk_write(
            [
                UpdateOne(
                    {"_id": contract.id},
                    {"$set": _facts(contract), "$setOnInsert": {"member": None}},
                    upsert=True,
                )
                for contract in contracts
            ]
        )

    async def find(self, portal: str, customer_number: str) -> SupplyContract | None:
        found = await self._contracts.find_one({"_id": contract_id(portal, customer_number)})
        return None if found is None else _contract(found)

    async def of_member(self, member: str) -> list[SupplyContract]:
        found = self._contracts.find({"member": member}, sort=[("_id", 1)])
        return [_contract(document) for document in await found.to_list(None)]

    async def members_of(self, numbers: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Whose contracts are, by (portal, customer number)."""
        ids = {number: contract_id(*number) for number in numbers}
        found = await self._mongo.find("supplyContracts", {"_id": {"$in": [*ids.values()]}})
        members = {document["_id"]: document["member"] for document in found}
        return {number: member for number, key in ids.items() if (member := members.get(key))}

    async def claim(self, contract: str, member: str, transaction: Transaction) -> bool:
        """Let a contract be a member's; False if it is somebody's already."""
        found = await self._contracts.update_one(
            {"_id": contract, "member": None}, {"$set": {"member": member}}, session=transaction
        )
        return bool(found.modified_count)

    async def release(self, member: str, transaction: Transaction) -> None:
        """Let a member's contracts be nobody's, so that they can be registered again."""
        await self._contracts.update_many(
            {"member": member}, {"$set": {"member": None}}, session=transaction
        )

    async def settled_member(self, portal: str, customer_number: str) -> str | None:
        """Whose a contract is, None for nobody's.

        Whoever claims it meanwhile sees all that was stored before this call: it changes the
        contract too, so that of the two one is undone and done again after the other.
        """
        found: Document | None = await self._contracts.find_one_and_update(
            {"_id": contract_id(portal, customer_number)},
            {"$inc": {"asked": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else found["member"]


def _facts(contract: SupplyContract) -> Document:
    return {
        "portal": contract.portal,
        "customerNumber": contract.customer_number,
        "name": contract.name,
        "kana": contract.kana,
        "phone": contract.phone,
        "address": asdict(contract.address),
        "paymentMethod": contract.payment_method.value,
        "voltage": contract.voltage,
        "lastFourHash": contract.last_four_hash,
    }


def _contract(found: Mapping[str, Any]) -> SupplyContract:
    return SupplyContract(
        portal=found["portal"],
        customer_number=found["customerNumber"],
        name=found["name"],
        kana=found["kana"],
        phone=found["phone"],
        address=Address(**found["address"]),
        payment_method=PaymentMethod(found["paymentMethod"]),
        voltage=found["voltage"],
        last_four_hash=found["lastFourHash"],
        member=found["member"],
    )
