"""How a facility's head is kept: where its order stands, and its newest half hour by direction.

`_id` is the facility number; `latest` has a reading or null for each direction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bson import Int64

from datasources.mongo import Document
from datasources.usage_news import News
from domain.readings import Direction
from domain.slots import first_slot
from domain.stored import StoredReading

_FIELDS: Final = tuple(f"latest.{direction:d}" for direction in Direction)
_BEFORE_ALL: Final = first_slot(0) - 1


def new_head(news: News, received_at: datetime) -> Document:
    """Head of a facility that had none."""
    latest: list[Document | None] = [None for _ in Direction]
    for direction, reading in _newer(news, latest).items():
        latest[direction] = _document(reading)
    return {
        "_id": Int64(news.announcement.facility),
        "order": Int64(news.announcement.last),
        "receivedAt": received_at,
        "latest": latest,
    }


def head_update(head: Document, news: News, received_at: datetime) -> Document:
    """What changes in a head."""
    changes = {"order": Int64(news.announcement.last), "receivedAt": received_at}
    for direction, reading in _newer(news, head["latest"]).items():
        changes[_FIELDS[direction]] = _document(reading)
    return {"$set": changes}


def _newer(news: News, latest: Sequence[Document | None]) -> dict[Direction, StoredReading]:
    """The newest half hour by direction, unless the one that is known is later."""
    slots = [_BEFORE_ALL if reading is None else reading["slot"] for reading in latest]
    newer = {}
    for reading in news.newest:
        if reading.slot >= slots[reading.direction]:
            slots[reading.direction] = reading.slot
            newer[reading.direction] = reading
    return newer


def _document(reading: StoredReading) -> Document:
    return {
        "slot": reading.slot,
        "wh": reading.wh,
        "state": reading.state,
        "order": Int64(reading.order),
        "receivedMs": Int64(reading.received_ms),
    }
