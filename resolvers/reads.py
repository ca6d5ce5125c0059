"""All reads that requests share: one joiner for each kind of thing, made once per process."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from datasources.apps import AppStore
from datasources.bill_revisions import BillRevisionStore, EarlierBill
from datasources.bills import BillStore
from datasources.facilities import FacilityStore
from datasources.market_prices import MarketPriceStore
from datasources.members import MemberStore
from datasources.reading_periods import ReadingPeriodStore
from datasources.sessions import SessionStore
from datasources.stored_rows import StoredRows
from datasources.usage import Span, UsageReader
from datasources.usage_cache import UsageCache
from domain.bills import Bill
from domain.consents import App
from domain.facilities import Facility, ReadingPeriod
from domain.members import Member, Session
from domain.paging import Page
from domain.slots import SLOTS_PER_DAY
from domain.stored import Head
from domain.stream_gaps import Gap
from domain.usage import SlotSeries
from resolvers.joined import Joined, JoinedByArguments

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Moment = tuple[str, datetime]
"A session's token or id, and the instant at which it must not have ended."

_MOST_GAP_WEIGHT: Final = 99
"However much somebody missed, it is read in turn: thousands may come back in the same moment."


class Reads:
    """Reads of the stores of a process. What is not found by a single key is None.

    Usage is read by `series`; with a cache in front by `fresh_series`, whose keys have the place in the
    facility's order that the series must show at least.
    """

    def __init__(
        self,
        sessions: SessionStore,
        members: MemberStore,
        facilities: FacilityStore,
        periods: ReadingPeriodStore,
        usage: UsageReader,
        bills: BillStore,
        bill_revisions: BillRevisionStore,
        market_prices: MarketPriceStore,
        apps: AppStore,
        cache: UsageCache | None = None,
    ) -> None:
        self._sessions = sessions
        self._members = members
        self._facilities = facilities
        self._usage = usage
        self._bills = bills
        self._apps = apps
        self.cache = cache
        self.session_by_token = Joined(self._sessions_of_tokens)
        self.session = Joined(self._sessions_of)
        self.member = Joined(self._members_of)
        self.facility = Joined(self._facilities_of)
        self.bill = Joined(self._bills_of)
        self.app = Joined(self._apps_of)
        self.head = Joined(self._heads_of)
        self.stored = Joined(self._stored_of, lambda gap: min(gap.size, _MOST_GAP_WEIGHT))
        self.series = Joined(self._series_of, _days)
        if cache is not None:
            self.fresh_series = Joined(cache.read, lambda key: cache.unread_days(key[0]) + 1)
        self.bills: JoinedByArguments[int, Page[Bill]]
        self.bills = JoinedByArguments(bills.pages_of_facilities)
        self.bill_count: JoinedByArguments[int, int]
        self.bill_count = JoinedByArguments(bills.counts_of_facilities)
        self.bill_revisions: JoinedByArguments[str, list[EarlierBill]]
        self.bill_revisions = JoinedByArguments(bill_revisions.of_bills)
        self.periods: JoinedByArguments[int, Page[ReadingPeriod]]
        self.periods = JoinedByArguments(periods.pages)
        self.period_count: JoinedByArguments[int, int] = JoinedByArguments(periods.counts)
        self.period_bounds: JoinedByArguments[int, list[date]] = JoinedByArguments(periods.bounds)
        self.market_prices: JoinedByArguments[str, NDArray[np.int32]]
        self.market_prices = JoinedByArguments(market_prices.read)

    async def _sessions_of_tokens(self, asked: Sequence[Moment]) -> list[Session | None]:
        return await self._sessions.by_access_tokens(asked)

    async def _sessions_of(self, asked: Sequence[Moment]) -> list[Session | None]:
        return await self._sessions.by_ids(asked)

    async def _members_of(self, ids: Sequence[str]) -> list[Member | None]:
        return _in_order(ids, await self._members.by_ids(ids))

    async def _facilities_of(self, numbers: Sequence[int]) -> list[Facility | None]:
        return _in_order(numbers, await self._facilities.by_numbers(numbers))

    async def _bills_of(self, ids: Sequence[str]) -> list[Bill | None]:
        return _in_order(ids, await self._bills.by_ids(ids))

    async def _apps_of(self, ids: Sequence[str]) -> list[App | None]:
        return _in_order(ids, await self._apps.by_ids(ids))

    async def _heads_of(self, numbers: Sequence[int]) -> list[Head]:
        found = await self._usage.heads(numbers)
        return [found[number] for number in numbers]

    async def _stored_of(self, gaps: Sequence[Gap]) -> list[StoredRows]:
        after: dict[int, int] = {}
        until: dict[int, int] = {}
        for gap in gaps:
            after[gap.facility] = min(gap.after, after.get(gap.facility, gap.after))
            until[gap.facility] = max(gap.until, until.get(gap.facility, gap.until))
        rows = await self._usage.stored_between(after, until)
        return [rows.within(gap) for gap in gaps]

    async def _series_of(self, spans: Sequence[Span]) -> list[SlotSeries]:
        return await self._usage.read(spans)


def _in_order(keys: Sequence[Key], found: Mapping[Key, Value]) -> list[Value | None]:
    return [found.get(key) for key in keys]


def _days(span: Span) -> int:
    return (span.end - span.first) // SLOTS_PER_DAY + 1
