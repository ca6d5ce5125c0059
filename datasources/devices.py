"""Devices on which members have shown a second factor: opaque tokens of which only the hash is kept."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from pymongo import DESCENDING

from datasources.mongo import Document, Mongo, Transaction
from datasources.tokens import new_token, token_hash
from domain.members import Device

_KEPT: Final = timedelta(days=400)
"A device that was not used for so long is new again."


class DeviceStore:
    def __init__(self, mongo: Mongo) -> None:
        self._devices = mongo["devices"]

    async def add(
        self, member: str, program: str, now: datetime, transaction: Transaction
    ) -> tuple[Device, str]:
        """Know a device from now on; its token is shown once."""
        token = new_token()
        document = {
            "_id": secrets.token_hex(12),
            "member": member,
            "tokenHash": token_hash(token),
            "program": program,
            "knownSince": now,
            "usedAt": now,
            "endsAt": now + _KEPT,
        }
        await self._devices.insert_one(document, session=transaction)
        return _device(document), token

    async def recognise(
        self, member: str, token: str, now: datetime, transaction: Transaction | None
    ) -> Device | None:
        """A member's device by its token, which it goes on with; None if it is not known."""
        found = await self._devices.find_one_and_update(
            {"tokenHash": token_hash(token), "member": member, "endsAt": {"$gt": now}},
            {"$set": {"usedAt": now, "endsAt": now + _KEPT}},
            session=transaction,
        )
        return None if found is None else _device(found | {"usedAt": now})

    async def of_member(self, member: str, now: datetime) -> list[Device]:
        """The last used first."""
        found = self._devices.find(
            {"member": member, "endsAt": {"$gt": now}},
            sort=[("usedAt", DESCENDING), ("_id", DESCENDING)],
        )
        return [_device(document) for document in await found.to_list(None)]

    async def forget(self, member: str, device: str, transaction: Transaction) -> bool:
        """Know a device no more; False if the member has none with this id."""
        found = await self._devices.delete_one(
            {"_id": device, "member": member}, session=transaction
        )
        return bool(found.deleted_count)

    async def forget_all(self, member: str, transaction: Transaction) -> None:
        """Know no device of a member any more."""
        await self._devices.delete_many({"member": member}, session=transaction)


def _device(document: Document) -> Device:
    return Device(
        id=document["_id"],
        member=document["member"],
        program=document["program"],
        known_since=document["knownSince"],
        used_at=document["usedAt"],
    )
