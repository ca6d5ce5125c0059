"""What apps have looked at: one document for each consent, scope and facility in a minute.

All that is noted in the same moment goes in one unordered command, and is stored by a majority before
any of it is answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import Int64
from pymongo import ASCENDING, DESCENDING, UpdateOne

from datasources.mongo import Document, Mongo
from domain.consents import Scope
from domain.paging import Page, PageRequest, cut_page


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What is counted together."""

    consent: str
    scope: Scope | None
    facility: int | None
    minute: int
    "Since 1970."

    @property
    def id(self) -> str:
        """Sorts by time within a consent."""
        return f"{self.consent}.{self.minute:010d}.{self.facility or 0}.{self.scope or ''}"


@dataclass(frozen=True, slots=True)
class AppAccessRecord:
    """So many requests of an app for the same in a minute."""

    id: str
    consent: str
    scope: Scope | None
    "None: the app only asked what there is."
    facility: int | None
    "None: what is the member's, whatever facilities it concerns."
    requests: int
    first_at: datetime
    last_at: datetime


class AppAccessStore:
    def __init__(self, mongo: Mongo) -> None:
        self._accesses = mongo["appAccesses"]

    async def note(self, noted: Sequence[tuple[AccessKey, datetime]]) -> list[None]:
        """Count requests, each with its instant."""
        counted: dict[AccessKey, list[datetime]] = {}
        for key, at in noted:
            counted.setdefault(key, []).append(at)
        changes = [_counting(key, instants) for key, instants in counted.items()]
        await self._accesses.bulk_write(changes, ordered=False)
        return [None] * len(noted)

    async def page(self, consent: str, request: PageRequest) -> Page[AppAccessRecord]:
        """Page of what was looked at by a consent, the newest first."""
        choice: Document = {"consent": consent}
        if request.key is not None:
            choice["_id"] = {"$gt" if request.backward else "$lt": request.key}
        order = [("_id", ASCENDING if request.backward else DESCENDING)]
        found = self._accesses.find(choice, sort=order, limit=request.limit + 1)
        return cut_page([_record(one) for one in await found.to_list(None)], request)

    async def count(self, consent: str) -> int:
        counted: int = await self._accesses.count_documents({"consent": consent})
        return counted


def _counting(key: AccessKey, instants: Sequence[datetime]) -> UpdateOne:
    return UpdateOne(
        {"_id": key.id},
        {
            "$setOnInsert": {
                "consent": key.consent,
                "scope": key.scope,
                "facility": None if key.facility is None else Int64(key.facility),
            },
            "$inc": {"requests": Int64(len(instants))},
            "$min": {"firstAt": min(instants)},
            "$max": {"lastAt": max(instants)},
        },
        upsert=True,
    )


def _record(found: Document) -> AppAccessRecord:
    return AppAccessRecord(
        id=found["_id"],
        consent=found["consent"],
        scope=None if found["scope"] is None else Scope(found["scope"]),
        facility=found["facility"],
        requests=found["requests"],
        first_at=found["firstAt"],
        last_at=found["lastAt"],
    )
