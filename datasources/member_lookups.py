"""What staff find of members that no member asks for: by other keys, and how things stand with them."""

from datetime import datetime
from typing import Final

from pymongo import DESCENDING

from datasources.mongo import Document, Mongo
from domain.leaving import LeaveReason
from domain.members import Member, login_key
from domain.standing import MemberHistory, MessageRecord, RegistrationRecord
from domain.supply import contract_id, customer_key

MOST: Final = 20
"Members that a search finds, and messages that are shown of one."


class MemberLookups:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def ids_by_login(self, portal: str, login_id: str) -> list[str]:
        """Who has a login ID, and who had it when they left."""
        had = {"portal": portal, "loginId": login_id.strip()}
        choice = {"$or": [{"portal": portal, "loginKey": login_key(login_id)}, had]}
        found = self._mongo["members"].find(choice, {"_id": 1}, sort=[("_id", 1)], limit=MOST)
        return [document["_id"] for document in await found.to_list(None)]

    async def ids_by_customer_number(self, portal: str, customer_number: str) -> list[str]:
        """Whose the contract of a customer number is, or a place that it supplies."""
        contracts = await self._mongo.find(
            "supplyContracts", {"_id": contract_id(portal, customer_number)}, {"member": 1}
        )
        places = await self._mongo.find(
            "facilities",
            {"portal": portal, "customerKey": customer_key(customer_number)},
            {"member": 1},
        )
        ids = {document["member"] for document in (*contracts, *places)}
        return sorted(key for key in ids if key)[:MOST]

    async def history(self, member: str) -> MemberHistory:
        (found,) = await self._mongo.find("members", {"_id": member})
        reason = found.get("leaveReason")
        return MemberHistory(
            joined_at=found.get("joinedAt"),
            logged_in_at=found.get("loggedInAt"),
            password_ends_at=found.get("passwordEndsAt"),
            left_at=found.get("leftAt"),
            leave_reason=None if reason is None else LeaveReason(reason),
        )

    async def registrations(self, member: Member) -> list[RegistrationRecord]:
        """Begun with an address of a member, or what has made the member, while they are kept."""
        with_address = {"portal": member.portal, "email": {"$in": list(member.emails)}}
        found = await self._mongo.find(
            "registrations", {"$or": [{"member": member.id}, with_address]}, {"email": 0}
        )
        records = [
            RegistrationRecord(document["endsAt"], document["member"] is not None)
            for document in found
        ]
        return sorted(records, key=lambda record: record.ends_at, reverse=True)[:MOST]

    async def open_sessions(self, member: str, now: datetime) -> int:
        """How many sessions of a member can still be refreshed."""
        choice = {"member": member, "refreshEndsAt": {"$gt": now}, "endsAt": {"$gt": now}}
        return int(await self._mongo["sessions"].count_documents(choice))

    async def messages(self, member: str) -> list[MessageRecord]:
        """The newest messages to a member, as long as they are kept."""
        found = self._mongo["outbox"].find(
            {"member": member},
            {"to": 0, "values": 0},
            sort=[("createdAt", DESCENDING), ("_id", DESCENDING)],
            limit=MOST,
        )
        return [_message(document) for document in await found.to_list(None)]


def _message(found: Document) -> MessageRecord:
    return MessageRecord(
        id=found["_id"],
        kind=found["kind"],
        channel=found["channel"],
        state=found["state"],
        attempts=found["attempts"],
        created_at=found["createdAt"],
        sent_at=found.get("sentAt"),
    )
