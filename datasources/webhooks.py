"""Webhooks in MongoDB. One process at a time delivers to each of them: the one that holds its lease.

When that process is gone its lease ends, and another one goes on from what the deliveries say.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from bson import Binary, Int64
from pymongo import ASCENDING, ReturnDocument

from datasources.mongo import Document, Mongo, Transaction
from domain.bill_position import BillPosition
from domain.webhooks import (
    MOST_WEBHOOKS,
    EventKind,
    Failure,
    FailureReason,
    SigningKey,
    Webhook,
    WebhookState,
)

_ID_BYTES: Final = 12
_ACTIVE: Final = {"state": WebhookState.ACTIVE.value}


def new_webhook_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_hex(_ID_BYTES)


class WebhookStore:
    """Webhooks of a deployment; all processes share them."""

    def __init__(self, mongo: Mongo, clock: Callable[[], datetime]) -> None:
        self.due = asyncio.Event()
        "Set when this process made a webhook, or let one go on."
        self._mongo = mongo
        self._webhooks = mongo["webhooks"]
        self._deliveries = mongo["webhookDeliveries"]
        self._clock = clock

    async def add(self, webhook: Webhook) -> bool:
        """Keep a new webhook; False if the app has as many as it may have."""

        async def work(transaction: Transaction) -> bool:
            # One document is changed by all of an app, so no two of them count at the same time.
            await self._mongo["counters"].update_one(
                {"_id": f"webhooks {webhook.app}"},
                {"$inc": {"value": Int64(1)}},
                upsert=True,
                session=transaction,
            )
            own = {"app": webhook.app}
            if await self._webhooks.count_documents(own, session=transaction) >= MOST_WEBHOOKS:
                return False
            document = _document(webhook) | {"leaseEndsAt": self._clock()}
            await self._webhooks.insert_one(document, session=transaction)
            return True

        added = await self._mongo.transaction(work)
        self.due.set()
        return added

    async def of_app(self, app: str) -> list[Webhook]:
        """Webhooks of an app, the oldest first."""
        found = self._webhooks.find({"app": app}, sort=[("createdAt", ASCENDING), ("_id", 1)])
        return [_webhook(document) for document in await found.to_list(None)]

    async def by_id(self, app: str, webhook: str) -> Webhook | None:
        """A webhook of an app."""
        found = await self._webhooks.find_one({"_id": webhook, "app": app})
        return None if found is None else _webhook(found)

    async def change(
        self,
        known: Webhook,
        url: str,
        kinds: frozenset[EventKind],
        keys: tuple[SigningKey, ...],
    ) -> Webhook | None:
        """Change a webhook; None if it is gone.

        Where deliveries stand is forgotten of the kinds that it is not told of any more.
        """
        changes: Document = {"url": url, "kinds": _kinds(kinds), "keys": _keys(keys)}
        forgotten: Document = {
            name: value
            for kind, name, value in (
                (EventKind.READINGS_RECEIVED, "places", {}),
                (EventKind.BILL_PUBLISHED, "bills", None),
            )
            if kind not in kinds
        }
        if "bills" in forgotten:
            changes["bills"] = None

        async def work(transaction: Transaction) -> Any:
            if forgotten:
                await self._deliveries.update_many(
                    {"webhook": known.id}, {"$set": forgotten}, session=transaction
                )
            return await self._changed({"_id": known.id, "app": known.app}, changes, transaction)

        found = await self._mongo.transaction(work)
        return None if found is None else _webhook(found)

    async def resume(self, app: str, webhook: str) -> Webhook | None:
        """Let a webhook go on where it was paused, at once; None if there is no such webhook."""

        async def work(transaction: Transaction) -> Any:
            choice = {"_id": webhook, "app": app, "state": WebhookState.PAUSED.value}
            going = _ACTIVE | {"pausedAt": None, "leaseEndsAt": self._clock()}
            if await self._changed(choice, going, transaction):
                await self._deliveries.update_many(
                    {"webhook": webhook}, {"$set": {"trouble": None}}, session=transaction
                )
            return await self._webhooks.find_one({"_id": webhook, "app": app}, session=transaction)

        found = await self._mongo.transaction(work)
        self.due.set()
        return None if found is None else _webhook(found)

    async def remove(self, app: str, webhook: str) -> bool:
        """Remove a webhook with its deliveries; False if there is no such webhook."""

        async def work(transaction: Transaction) -> bool:
            choice = {"_id": webhook, "app": app}
            removed = await self._webhooks.delete_one(choice, session=transaction)
            if removed.deleted_count:
                await self._deliveries.delete_many({"webhook": webhook}, session=transaction)
            return bool(removed.deleted_count)

        return await self._mongo.transaction(work)

    async def take(self, holder: str, lease: timedelta) -> Webhook | None:
        """An active webhook to which nobody delivers, for `holder` until the lease ends."""
        now = self._clock()
        found = await self._changed(
            _ACTIVE | {"leaseEndsAt": {"$lte": now}},
            {"holder": holder, "leaseEndsAt": now + lease},
        )
        return None if found is None else _webhook(found)

    async def renew(
        self,
        webhook: str,
        holder: str,
        lease: timedelta,
        arrived_at: datetime | None,
        failure: Failure | None,
    ) -> Webhook | None:
        """Hold a lease for longer, and note how it goes; None if it is not the holder's any more."""
        notes: Document = {"failure": _failure_document(failure)}
        if arrived_at is not None:
            notes["arrivedAt"] = arrived_at
        found = await self._changed(
            _ACTIVE | {"_id": webhook, "holder": holder},
            notes | {"leaseEndsAt": self._clock() + lease},
        )
        return None if found is None else _webhook(found)

    async def release(self, webhook: str, holder: str) -> None:
        """Let others deliver to a webhook at once."""
        await self._webhooks.update_one(
            {"_id": webhook, "holder": holder},
            {"$set": {"leaseEndsAt": self._clock(), "holder": None}},
        )

    async def pause(self, webhook: str, holder: str, failure: Failure) -> None:
        """Deliver nothing more before the app lets it go on."""
        changes: Document = {"state": WebhookState.PAUSED.value, "pausedAt": self._clock()}
        changes |= {"failure": _failure_document(failure), "holder": None}
        await self._webhooks.update_one({"_id": webhook, "holder": holder}, {"$set": changes})

    async def counts(self) -> dict[str, int]:
        """How many are `active`, `failing` (the last attempt did not arrive) and `paused`."""
        failing = {
            "$and": [{"$eq": ["$state", WebhookState.ACTIVE.value]}, {"$gt": ["$failure", None]}]
        }
        kind = {"$cond": [failing, "failing", {"$toLower": "$state"}]}
        found = await self._mongo.aggregate(
            "webhooks", [{"$group": {"_id": kind, "count": {"$sum": 1}}}]
        )
        return dict.fromkeys(("active", "failing", "paused"), 0) | {
            each["_id"]: each["count"] for each in found
        }

    async def know_consents(self, webhook: str, holder: str, place: int) -> None:
        """Consents up to a place have their deliveries."""
        await self._webhooks.update_one(
            {"_id": webhook, "holder": holder}, {"$set": {"consentsPlace": Int64(place)}}
        )

    async def know_bills(self, webhook: str, holder: str, bills: BillPosition) -> None:
        """Bills up to a position were told of, or stand in the deliveries that have to tell of them."""
        await self._webhooks.update_one(
            {"_id": webhook, "holder": holder}, {"$set": {"bills": position_document(bills)}}
        )

    async def _changed(
        self, choice: Document, changes: Document, transaction: Transaction | None = None
    ) -> Any:
        return await self._webhooks.find_one_and_update(
            choice,
            {"$set": changes},
            return_document=ReturnDocument.AFTER,
            session=transaction,
        )


def position_document(position: BillPosition) -> Document:
    return {"place": Int64(position.place), "availableOn": position.available_on.isoformat()}


def read_position(found: Document) -> BillPosition:
    return BillPosition(found["place"], date.fromisoformat(found["availableOn"]))


def _document(webhook: Webhook) -> Document:
    return {
        "_id": webhook.id,
        "app": webhook.app,
        "url": webhook.url,
        "kinds": _kinds(webhook.kinds),
        "keys": _keys(webhook.keys),
        "createdAt": webhook.created_at,
        "state": webhook.state.value,
        "consentsPlace": Int64(webhook.consents_place),
    }


def _kinds(kinds: Iterable[EventKind]) -> list[str]:
    return sorted(kind.value for kind in kinds)


def _keys(keys: Iterable[SigningKey]) -> list[Document]:
    return [{"key": Binary(each.key), "until": each.until} for each in keys]


def _failure_document(failure: Failure | None) -> Document | None:
    if failure is None:
        return None
    return {"at": failure.at, "reason": failure.reason.value, "status": failure.status}


def _webhook(found: Document) -> Webhook:
    failure, bills = found.get("failure"), found.get("bills")
    return Webhook(
        id=found["_id"],
        app=found["app"],
        url=found["url"],
        kinds=frozenset(map(EventKind, found["kinds"])),
        keys=tuple(SigningKey(bytes(each["key"]), each["until"]) for each in found["keys"]),
        created_at=found["createdAt"],
        state=WebhookState(found["state"]),
        paused_at=found.get("pausedAt"),
        failure=None
        if failure is None
        else Failure(failure["at"], FailureReason(failure["reason"]), failure["status"]),
        arrived_at=found.get("arrivedAt"),
        bills=None if bills is None else read_position(bills),
        consents_place=found["consentsPlace"],
    )
