"""What one request reads: through the joined reads of the process, and the same thing only once."""

from collections.abc import Awaitable, Hashable
from datetime import date, datetime
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from datasources.bill_revisions import EarlierBill
from datasources.bills import BillChoice
from datasources.reading_periods import PeriodChoice
from datasources.usage import Span
from datasources.usage_cache import UsageCache
from domain.bills import Bill
from domain.consents import App
from domain.facilities import ContractKind, Facility, ReadingPeriod
from domain.members import Member, Session
from domain.paging import Page, PageRequest
from domain.stored import Head
from domain.usage import SlotSeries
from resolvers.joined import Asked, Joined, JoinedByArguments
from resolvers.reads import Reads

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Loaders:
    """Loaders of one request; without `keep` they join reads but keep nothing."""

    __slots__ = ("_kept", "_reads")

    def __init__(self, reads: Reads, *, keep: bool) -> None:
        self._reads = reads
        self._kept: dict[Hashable, Asked[Any]] | None = {} if keep else None

    def session_by_token(self, token: str, now: datetime) -> Asked[Session | None]:
        return self._load(self._reads.session_by_token, (token, now))

    def session(self, session: str, now: datetime) -> Asked[Session | None]:
        return self._load(self._reads.session, (session, now))

    def member(self, member: str) -> Asked[Member | None]:
        return self._load(self._reads.member, member)

    def facility(self, number: int) -> Asked[Facility | None]:
        return self._load(self._reads.facility, number)

    def bill(self, bill: str) -> Asked[Bill | None]:
        return self._load(self._reads.bill, bill)

    def app(self, app: str) -> Asked[App | None]:
        return self._load(self._reads.app, app)

    def head(self, facility: int) -> Asked[Head]:
        return self._load(self._reads.head, facility)

    def series(self, span: Span) -> Awaitable[SlotSeries]:
        cache = self._reads.cache
        if cache is None:
            return self._load(self._reads.series, span)
        return self._kept_series(cache, span)

    async def _kept_series(self, cache: UsageCache, span: Span) -> SlotSeries:
        order = (await self.head(span.facility)).order
        kept = cache.kept(span, order)
        if kept is not None:
            return kept
        return await self._load(self._reads.fresh_series, (span, order))

    def bills(
        self, facility: int, owner: str, wanted: BillChoice, request: PageRequest
    ) -> Asked[Page[Bill]]:
        return self._load_by(self._reads.bills, facility, owner, wanted, request)

    def bill_count(self, facility: int, owner: str, wanted: BillChoice) -> Asked[int]:
        return self._load_by(self._reads.bill_count, facility, owner, wanted)

    def bill_revisions(self, bill: str, owner: str) -> Asked[list[EarlierBill]]:
        return self._load_by(self._reads.bill_revisions, bill, owner)

    def periods(
        self, facility: int, owner: str, wanted: PeriodChoice, request: PageRequest
    ) -> Asked[Page[ReadingPeriod]]:
        return self._load_by(self._reads.periods, facility, owner, wanted, request)

    def period_count(self, facility: int, owner: str, wanted: PeriodChoice) -> Asked[int]:
        return self._load_by(self._reads.period_count, facility, owner, wanted)

    def period_bounds(
        self, facility: int, owner: str, kind: ContractKind = ContractKind.ELECTRICITY
    ) -> Asked[list[date]]:
        return self._load_by(self._reads.period_bounds, facility, owner, kind)

    def market_prices(self, area: str, first_day: int, end_day: int) -> Asked[NDArray[np.int32]]:
        return self._load_by(self._reads.market_prices, area, first_day, end_day)

    def _load(self, read: Joined[Key, Value], key: Key) -> Asked[Value]:
        if self._kept is None:
            return read.load(key, self)
        asked = self._kept.get((read, key))
        if asked is None:
            asked = self._kept[read, key] = read.load(key, self)
        return asked

    def _load_by(
        self, read: JoinedByArguments[Key, Value], key: Key, *arguments: Hashable
    ) -> Asked[Value]:
        if self._kept is None:
            return read.load(key, *arguments)
        asked = self._kept.get((read, key, arguments))
        if asked is None:
            asked = self._kept[read, key, arguments] = read.load(key, *arguments)
        return asked
