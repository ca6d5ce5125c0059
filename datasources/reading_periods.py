"""Reading periods in MongoDB: of each meter of a facility, none over another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from bson import Int64
from pymongo import ReplaceOne

from datasources.mongo import Document, Mongo, Transaction
from datasources.news import NewsStore
from datasources.pages import count_per_group, first_per_group, newest_first
from domain.facilities import ContractKind, ReadingPeriod
from domain.news import reading_news
from domain.paging import Page, PageRequest, cut_page
from domain.reading_periods import Meter, meter_of, overlapped
from domain.slots import date_at
from domain.tariff.rates import billing_month

_ELECTRICITY: Final = ContractKind.ELECTRICITY
_BATCH: Final = 10_000
"So that many facilities need no second command."


@dataclass(frozen=True, slots=True)
class OwnedPeriod:
    """A reading period with whose it is; `id` sorts those of a month."""

    id: str
    owner: str
    period: ReadingPeriod


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """Reading periods of a kind, those that end after a day if one is given."""

    kind: ContractKind
    ends_after: date | None = None

    @property
    def choice(self) -> Document:
        late = {} if self.ends_after is None else {"endOn": {"$gt": self.ends_after.isoformat()}}
        return {"kind": self.kind.value} | late


class ReadingPeriodStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._periods = mongo["readingPeriods"]
        self._news = NewsStore(mongo)

    async def bounds(
        self, facilities: Sequence[int], owner: str, kind: ContractKind
    ) -> dict[int, list[date]]:
        """Ascending bounds of the owner's reading periods of a kind: every start, the last end."""
        choice = {"facility": {"$in": list(facilities)}, "member": owner, "kind": kind.value}
        found = await self._periods.find(
            choice, {"facility": 1, "startOn": 1, "endOn": 1}, batch_size=_BATCH
        ).to_list(None)
        bounds: dict[int, set[date]] = {number: set() for number in facilities}
        for period in found:
            bounds[period["facility"]] |= {
                date.fromisoformat(period["startOn"]),
                date.fromisoformat(period["endOn"]),
            }
        return {number: sorted(dates) for number, dates in bounds.items()}

    async def pages(
        self, facilities: Sequence[int], owner: str, wanted: PeriodChoice, request: PageRequest
    ) -> dict[int, Page[ReadingPeriod]]:
        """Page of the owner's reading periods of each facility, newest first, in one command."""
        found = await first_per_group(
            self._mongo,
            "readingPeriods",
            "facility",
            facilities,
            newest_first("endOn", request),
            {"member": owner} | wanted.choice,
        )
        return {
            number: cut_page([_period(period) for period in periods], request)
            for number, periods in found.items()
        }

    async def counts(
        self, facilities: Sequence[int], owner: str, wanted: PeriodChoice
    ) -> dict[int, int]:
        """How many reading periods the owner has of each facility, in one command."""
        choice = {"member": owner} | wanted.choice
        return await count_per_group(self._mongo, "readingPeriods", "facility", facilities, choice)

    async def by_ids(self, ids: Sequence[str]) -> dict[str, OwnedPeriod]:
        found = await self._mongo.find("readingPeriods", {"_id": {"$in": list(ids)}})
        return {each["_id"]: _owned(each) for each in found}

    async def beginning(
        self, facility: int, owner: str, kind: ContractKind, start_on: date
    ) -> ReadingPeriod | None:
        """The owner's reading period that begins on a day."""
        choice = {"member": owner, "kind": kind.value, "startOn": start_on.isoformat()}
        found = await self._mongo.find("readingPeriods", {"facility": facility} | choice)
        return _period(found[0]) if found else None

    async def of_month(
        self, portal: str, month: date, after: str, limit: int
    ) -> Sequence[OwnedPeriod]:
        """The first of a portal's periods that are billed in a month, by id, behind one of them."""
        choice = {"portal": portal, "billingMonth": _month(month), "_id": {"$gt": after}}
        found = await self._periods.find(choice, sort=[("_id", 1)], limit=limit).to_list(None)
        return [_owned(each) for each in found]

    async def of_facilities(
        self, facilities: Sequence[int], month: date, transaction: Transaction
    ) -> list[ReadingPeriod]:
        """Periods of facilities that are billed in a month."""
        choice = {"facility": {"$in": list(facilities)}, "billingMonth": _month(month)}
        found = self._periods.find(choice, session=transaction, batch_size=_BATCH)
        return [_period(document) for document in await found.to_list(None)]

    async def count_of_month(self, portal: str, month: date) -> int:
        choice = {"portal": portal, "billingMonth": _month(month)}
        counted: int = await self._periods.count_documents(choice)
        return counted

    async def put(
        self, periods: Sequence[tuple[str, str, ReadingPeriod]], now: datetime
    ) -> dict[int, ReadingPeriod]:
        """Store periods, each with portal and member; one of the same start is replaced.

        One that overlaps another period of its meter is not stored, also while others store some:
        the answer has its place and the period in its way.
        """
        new = [period for _, _, period in periods]

        async def work(transaction: Transaction) -> dict[int, ReadingPeriod]:
            known = await self._around(new, transaction)
            refused = overlapped(known, new)
            documents = [
                _document(*each) for place, each in enumerate(periods) if place not in refused
            ]
            last = {document["_id"]: document for document in documents}
            if last:
                await self._periods.bulk_write(
                    [
                        ReplaceOne({"_id": key}, document, upsert=True)
                        for key, document in last.items()
                    ],
                    ordered=False,
                    session=transaction,
                )
            ids = {_id(period) for periods in known.values() for period in periods}
            await self._tell([last[key] for key in last.keys() - ids], now, transaction)
            return refused

        return await self._mongo.transaction(work) if new else {}

    async def _tell(
        self, documents: Sequence[Document], now: datetime, transaction: Transaction
    ) -> None:
        """Note that members are to be told of new periods."""
        today = date_at(now)
        told = [
            reading_news(document["_id"], date.fromisoformat(document["readOn"]), today)
            for document in documents
        ]
        await self._news.add([news for news in told if news], transaction)

    async def _around(
        self, new: Sequence[ReadingPeriod], transaction: Transaction
    ) -> Mapping[Meter, Sequence[ReadingPeriod]]:
        """Known periods of the same facilities and about the same time."""
        numbers = sorted({Int64(period.facility) for period in new})
        # What is written by every such transaction: of two at once that saw nothing in their way one
        # has to begin anew.
        await self._mongo["facilities"].update_many(
            {"_id": {"$in": numbers}}, {"$inc": {"calendarChanges": Int64(1)}}, session=transaction
        )
        choice = {
            "facility": {"$in": numbers},
            "startOn": {"$lt": max(period.end_on for period in new).isoformat()},
            "endOn": {"$gt": min(period.start_on for period in new).isoformat()},
        }
        known: dict[Meter, list[ReadingPeriod]] = {}
        found = self._periods.find(choice, session=transaction, batch_size=_BATCH)
        for document in await found.to_list(None):
            period = _period(document)
            known.setdefault(meter_of(period), []).append(period)
        return known


def _month(of: date) -> str:
    return f"{of:%Y-%m}"


def _id(period: ReadingPeriod) -> str:
    kind = () if period.kind is _ELECTRICITY else (period.kind.value,)
    return "/".join((str(period.facility), *kind, period.start_on.isoformat()))


def _document(portal: str, member: str, period: ReadingPeriod) -> Document:
    return {
        "_id": _id(period),
        "portal": portal,
        "member": member,
        "facility": Int64(period.facility),
        "kind": period.kind.value,
        "billingMonth": _month(billing_month(period.end_on)),
        "startOn": period.start_on.isoformat(),
        "endOn": period.end_on.isoformat(),
        "readOn": period.read_on.isoformat(),
        "previousRegister": Int64(period.previous_register),
        "presentRegister": Int64(period.present_register),
        "usage": Int64(period.usage),
    }


def _owned(found: Mapping[str, Any]) -> OwnedPeriod:
    return OwnedPeriod(found["_id"], found["member"], _period(found))


def _period(found: Mapping[str, Any]) -> ReadingPeriod:
    return ReadingPeriod(
        facility=found["facility"],
        start_on=date.fromisoformat(found["startOn"]),
        end_on=date.fromisoformat(found["endOn"]),
        read_on=date.fromisoformat(found["readOn"]),
        previous_register=found["previousRegister"],
        present_register=found["presentRegister"],
        usage=found["usage"],
        kind=ContractKind(found["kind"]),
    )
