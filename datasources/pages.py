"""Pages of many groups in one command: the newest rows of each facility."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from datasources.mongo import Document, Mongo
from domain.paging import PageRequest

Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Order:
    """Rows by `field`, `direction` 1 or -1, past the key of the request, one more than its limit."""

    field: str
    direction: int
    choice: Document
    limit: int


def newest_first(field: str, request: PageRequest) -> Order:
    """Descending order of a field, as a page request walks it."""
    walk = {True: (1, "$gt"), False: (-1, "$lt")}
    direction, beyond = walk[request.backward]
    choice = {} if request.key is None else {field: {beyond: request.key}}
    return Order(field, direction, choice, request.limit + 1)


async def first_per_group(
    mongo: Mongo,
    collection: str,
    group: str,
    keys: Sequence[Group],
    order: Order,
    choice: Document,
) -> dict[Group, list[Document]]:
    """First rows of each group in an order; every key has a list."""
    top: dict[str, Any] = {"n": order.limit, "input": "$$ROOT"}
    found = await mongo.aggregate(
        collection,
        [
            {"$match": {"$and": [{group: {"$in": list(keys)}}, order.choice, choice]}},
            {"$sort": {group: 1, order.field: order.direction}},
            {"$group": {"_id": f"${group}", "rows": {"$firstN": top}}},
        ],
    )
    rows: dict[Group, list[Document]] = {key: [] for key in keys}
    return rows | {entry["_id"]: entry["rows"] for entry in found}


async def count_per_group(
    mongo: Mongo, collection: str, group: str, keys: Sequence[Group], choice: Document
) -> dict[Group, int]:
    """How many rows each group has; every key has a number."""
    found = await mongo.aggregate(
        collection,
        [
            {"$match": {group: {"$in": list(keys)}} | choice},
            {"$group": {"_id": f"${group}", "rows": {"$sum": 1}}},
        ],
    )
    return dict.fromkeys(keys, 0) | {entry["_id"]: entry["rows"] for entry in found}
