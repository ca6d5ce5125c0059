"""How far webhooks have told their apps of each consent: a document for each of the two."""

from collections.abc import Sequence
from typing import Any

from bson import Int64
from pymongo import UpdateOne

from datasources.mongo import Document, Mongo
from datasources.webhooks import position_document, read_position
from domain.webhooks import BillsToTell, Delivery, Trouble


class DeliveryStore:
    """Deliveries of a deployment. Whoever holds a webhook's lease writes those of it."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._deliveries = mongo["webhookDeliveries"]

    async def of_webhook(self, webhook: str) -> list[Delivery]:
        found = await self._mongo.find("webhookDeliveries", {"webhook": webhook})
        return [_delivery(document) for document in found]

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Keep new deliveries; those that are known stay as they are."""
        if deliveries:
            await self._deliveries.bulk_write(
                [
                    UpdateOne({"_id": each.id}, {"$setOnInsert": _document(each)}, upsert=True)
                    for each in deliveries
                ],
                ordered=False,
            )

    async def put(self, before: Delivery, after: Delivery) -> None:
        """Note what changed in a delivery, unless it is gone: its webhook was removed then."""
        changes: Document = {
            "givenTold": after.given_told,
            "bills": _bills_document(after.bills),
            "trouble": _trouble_document(after.trouble),
        }
        for number, place in after.places.items():
            if before.places.get(number) != place:
                changes[f"places.{number}"] = Int64(place)
        await self._deliveries.update_one({"_id": after.id}, {"$set": changes})

    async def let_tell(self, deliveries: Sequence[Delivery], bills: BillsToTell) -> None:
        """Note that deliveries have bills to tell of."""
        if deliveries:
            await self._deliveries.update_many(
                {"_id": {"$in": [each.id for each in deliveries]}},
                {"$set": {"bills": _bills_document(bills)}},
            )

    async def remove(self, delivery: Delivery) -> None:
        """Forget a delivery whose consent has ended, and that has told so."""
        await self._deliveries.delete_one({"_id": delivery.id})


def _document(delivery: Delivery) -> Document:
    return {
        "webhook": delivery.webhook,
        "consent": delivery.consent,
        "givenTold": delivery.given_told,
        "places": {str(number): Int64(place) for number, place in delivery.places.items()},
        "bills": _bills_document(delivery.bills),
        "trouble": _trouble_document(delivery.trouble),
    }


def _bills_document(bills: BillsToTell | None) -> Document | None:
    if bills is None:
        return None
    return {
        "after": position_document(bills.after),
        "until": position_document(bills.until),
        "told": bills.told,
    }


def _trouble_document(trouble: Trouble | None) -> Document | None:
    if trouble is None:
        return None
    return {"since": trouble.since, "attempts": trouble.attempts, "nextAt": trouble.next_at}


def _delivery(found: dict[str, Any]) -> Delivery:
    bills, trouble = found["bills"], found["trouble"]
    return Delivery(
        webhook=found["webhook"],
        consent=found["consent"],
        given_told=found["givenTold"],
        places={int(number): place for number, place in found["places"].items()},
        bills=None
        if bills is None
        else BillsToTell(
            read_position(bills["after"]), read_position(bills["until"]), bills["told"]
        ),
        trouble=None
        if trouble is None
        else Trouble(trouble["since"], trouble["attempts"], trouble["nextAt"]),
    )
