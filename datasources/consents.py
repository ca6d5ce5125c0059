"""Consents in MongoDB: given and ended, never changed otherwise.

Each change gets the next place of one order, in its transaction: who has read up to a place finds all
that changed later behind it.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final

from bson import Int64
from pymongo import ASCENDING, DESCENDING, ReturnDocument, UpdateOne

from datasources.mongo import Document, Mongo, Transaction
from domain.consents import UNUSED, AppAccess, Consent, ConsentEnd, Scope
from domain.paging import Page, PageRequest, cut_page

_COUNTER: Final = "consent"
_AT_ONCE: Final = 500
_LIVE: Final[Document] = {"end": None}


def new_consent_id(now: datetime) -> str:
    """An id that sorts by when the consent was given."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(8)}"


class ConsentStore:
    def __init__(self, mongo: Mongo, clock: Callable[[], datetime]) -> None:
        self._mongo = mongo
        self._consents = mongo["consents"]
        self._clock = clock

    async def add(self, consent: Consent, transaction: Transaction) -> None:
        """Keep a new consent; its place is given here."""
        place = await self._next_places(1, transaction)
        document = _document(consent) | {"place": Int64(place)}
        await self._consents.insert_one(document, session=transaction)

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Consent]:
        """Those of some consents that exist, by id."""
        found = await self._mongo.find("consents", {"_id": {"$in": list(set(ids))}})
        return {document["_id"]: _consent(document) for document in found}

    async def live(self, consent: str, transaction: Transaction | None = None) -> Consent | None:
        """A consent that has not ended."""
        found = await self._consents.find_one({"_id": consent} | _LIVE, session=transaction)
        known = None if found is None else _consent(found)
        return known if known and known.end_by(self._clock()) is None else None

    async def live_of_app(self, app: str) -> list[Consent]:
        """All consents of an app that have not ended."""
        return await self._still_live({"app": app})

    async def live_of_facilities(self, numbers: Sequence[int]) -> list[Consent]:
        """Consents to any app that name one of some facilities and have not ended."""
        return await self._still_live({"facilities": {"$in": [Int64(n) for n in numbers]}})

    async def changed_after(self, app: str, place: int) -> list[Consent]:
        """Consents of an app that were given or ended after a place, in that order, some at once."""
        choice = {"app": app, "place": {"$gt": Int64(place)}}
        found = self._consents.find(choice, sort=[("place", ASCENDING)], limit=_AT_ONCE)
        return [_consent(document) for document in await found.to_list(None)]

    async def page(self, party: Document, request: PageRequest) -> Page[Consent]:
        """Page of the consents of a member or an app, the newest first; ended ones too."""
        choice = dict(party)
        if request.key is not None:
            choice["_id"] = {"$gt" if request.backward else "$lt": request.key}
        order = [("_id", ASCENDING if request.backward else DESCENDING)]
        found = self._consents.find(choice, sort=order, limit=request.limit + 1)
        return cut_page([_consent(one) for one in await found.to_list(None)], request)

    async def count(self, party: Document) -> int:
        counted: int = await self._consents.count_documents(party)
        return counted

    async def use(
        self, consent: str, now: datetime, transaction: Transaction | None = None
    ) -> Consent | None:
        """Note that an app gets tokens by a consent; None if it has ended.

        A write even so: no transaction that ends it is then overlooked.
        """
        found = await self._consents.find_one_and_update(
            {"_id": consent} | _LIVE,
            {"$max": {"usedAt": now}},
            return_document=ReturnDocument.BEFORE,
            session=transaction,
        )
        known = None if found is None else _consent(found)
        return known if known and known.end_by(now) is None else None

    async def end(
        self, choice: Document, reason: ConsentEnd, transaction: Transaction
    ) -> list[str]:
        """End those of a choice that have not ended, some at once; gives their ids.

        Their sessions are ended by `SessionStore`, which calls this.
        """
        found = self._consents.find(choice | _LIVE, {"_id": 1}, limit=_AT_ONCE, session=transaction)
        ids = [document["_id"] for document in await found.to_list(None)]
        if ids:
            first = await self._next_places(len(ids), transaction)
            ended = {"end": reason.value, "endedAt": self._clock()}
            await self._consents.bulk_write(
                [
                    UpdateOne({"_id": one}, {"$set": ended | {"place": Int64(first + number)}})
                    for number, one in enumerate(ids)
                ],
                session=transaction,
            )
        return ids

    async def overdue(self) -> list[tuple[ConsentEnd, Document]]:
        """Choices of consents that time has ended, and that are not marked so."""
        now = self._clock()
        choices: dict[ConsentEnd, Document] = {
            ConsentEnd.EXPIRED: {"until": {"$lte": now}},
            ConsentEnd.LAPSED: {"usedAt": {"$lte": now - UNUSED}},
        }
        return [
            (reason, choice)
            for reason, choice in choices.items()
            if await self._consents.find_one(choice | _LIVE, {"_id": 1})
        ]

    async def _still_live(self, choice: Document) -> list[Consent]:
        now = self._clock()
        found = await self._mongo.find("consents", choice | _LIVE)
        return [one for one in map(_consent, found) if one.end_by(now) is None]

    async def _next_places(self, number: int, transaction: Transaction) -> int:
        """The first of so many places that follow each other."""
        counter = await self._mongo["counters"].find_one_and_update(
            {"_id": _COUNTER},
            {"$inc": {"value": Int64(number)}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=transaction,
        )
        return int(counter["value"]) - number + 1


def access_document(access: AppAccess) -> Document:
    """What a session keeps of its consent."""
    return {
        "id": access.app,
        "consent": access.consent,
        "facilities": [Int64(number) for number in sorted(access.facilities)],
        "scopes": sorted(access.scopes),
        "dataFrom": access.data_from.isoformat(),
        "until": access.until,
    }


def read_access(found: Document) -> AppAccess:
    """The inverse of `access_document`."""
    return AppAccess(
        app=found["id"],
        consent=found["consent"],
        facilities=frozenset(found["facilities"]),
        scopes=frozenset(map(Scope, found["scopes"])),
        data_from=date.fromisoformat(found["dataFrom"]),
        until=found["until"],
    )


def _document(consent: Consent) -> Document:
    return {
        "_id": consent.id,
        "app": consent.app,
        "member": consent.member,
        "portal": consent.portal,
        "facilities": [Int64(number) for number in sorted(consent.facilities)],
        "scopes": sorted(consent.scopes),
        "dataFrom": consent.data_from.isoformat(),
        "until": consent.until,
        "givenAt": consent.given_at,
        "usedAt": consent.used_at,
        "endedAt": None,
        "end": None,
    }


def _consent(found: Document) -> Consent:
    return Consent(
        id=found["_id"],
        app=found["app"],
        member=found["member"],
        portal=found["portal"],
        facilities=frozenset(found["facilities"]),
        scopes=frozenset(map(Scope, found["scopes"])),
        data_from=date.fromisoformat(found["dataFrom"]),
        until=found["until"],
        given_at=found["givenAt"],
        used_at=found["usedAt"],
        ended_at=found["endedAt"],
        end=None if found["end"] is None else ConsentEnd(found["end"]),
        place=found["place"],
    )
