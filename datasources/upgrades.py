"""Documents of earlier versions, brought to what this one reads; those of this one are left alone.

A process of an earlier version that still runs cannot read what was changed here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
from bson import Int64

from datasources.mongo import Document, Mongo

_SEN: Final = Int64(100)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What is set in the documents of a collection that lack a field, once; `name` says it was done."""

    name: str
    collection: str
    lacking: str
    stages: tuple[Document, ...]


_IN_SEN: Final = {
    "$map": {
        "input": "$lines",
        "as": "line",
        "in": {
            "$mergeObjects": [
                "$$line",
                {"amountSen": {"$multiply": ["$$line.amountYen", _SEN]}},
            ]
        },
    }
}
_PERIODS: Final = Upgrade(
    "reading periods have kinds",
    "readingPeriods",
    "kind",
    (
        {
            "$set": {
                "kind": "ELECTRICITY",
                "billingMonth": {
                    "$dateToString": {
                        "format": "%Y-%m",
                        "date": {
                            "$dateSubtract": {
                                "startDate": {"$dateFromString": {"dateString": "$endOn"}},
                                "unit": "day",
                                "amount": 1,
                            }
                        },
                    }
                },
                "previousRegister": "$previousRegisterWh",
                "presentRegister": "$presentRegisterWh",
                "usage": "$usageWh",
            }
        },
        {"$unset": ["previousRegisterWh", "presentRegisterWh", "usageWh"]},
    ),
)
_BILLS: Final = Upgrade(
    "bills have kinds, revisions and payments",
    "bills",
    "kind",
    (
        {
            "$set": {
                "kind": "ELECTRICITY",
                "contract": None,
                "plan": None,
                "revision": 0,
                "source": "IMPORTED",
                "readOn": "$endOn",
                "usage": "$usageWh",
                "estimated": Int64(0),
                "lines": _IN_SEN,
                "pointsRestSen": None,
                "taxPercent": 10,
                "availableOn": "$issuedOn",
                "payment": {
                    "method": None,
                    "state": "$paymentState",
                    "dueOn": "$dueOn",
                    "debitOn": None,
                    "paidOn": "$paidOn",
                    "recordedAt": None,
                },
                "invoice": None,
            }
        },
        {"$unset": ["usageWh", "dueOn", "paymentState", "paidOn", "lines.amountYen"]},
    ),
)
_UPGRADES: Final = (_PERIODS, _BILLS)


async def upgrade(mongo: Mongo) -> None:
    """Do the upgrades that were not done yet; one that was killed is done again."""
    done = {found["_id"] for found in await mongo.find("upgrades", {})}
    for each in _UPGRADES:
        if each.name not in done:
            found = await mongo[each.collection].update_many(
                {each.lacking: {"$exists": False}}, list(each.stages)
            )
            await mongo["upgrades"].update_one(
                {"_id": each.name}, {"$set": {"at": datetime.now(UTC)}}, upsert=True
            )
            if found.modified_count:
                _log.info("upgraded", upgrade=each.name, documents=found.modified_count)
