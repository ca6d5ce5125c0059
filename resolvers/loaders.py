"""Loaders: reads of the same kind in the same moment become one command."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from strawberry.dataloader import DataLoader

from datasources.bills import IssueDates
from datasources.usage import Span
from domain.bills import Bill
from domain.facilities import Facility, ReadingPeriod
from domain.members import Session
from domain.paging import Page, PageRequest
from domain.stored import Head
from domain.usage import SlotSeries
from resolvers.sources import Sources

Load = Callable[..., Awaitable[Mapping[Any, Any]]]


class Loaders:
    """Loaders of one request; without `cache` they join reads but keep nothing."""

    def __init__(self, sources: Sources, *, cache: bool) -> None:
        async def sessions(keys: Sequence[tuple[str, datetime]]) -> list[Session | None]:
            return [await sources.sessions.by_access_token(token, now) for token, now in keys]

        bills, periods = sources.bills, sources.periods
        self.session: DataLoader[tuple[str, datetime], Session | None]
        self.session = DataLoader(load_fn=sessions, cache=cache)
        self.facility: DataLoader[int, Facility | None]
        self.facility = _by_key(sources.facilities.by_numbers, cache)
        self.bill: DataLoader[str, Bill | None] = _by_key(bills.by_ids, cache)
        self.head: DataLoader[int, Head] = _by_key(sources.usage.heads, cache)
        self.series: DataLoader[Span, SlotSeries]
        self.series = DataLoader(load_fn=sources.usage.read, cache=cache)
        self.bills: DataLoader[tuple[int, tuple[str, IssueDates, PageRequest]], Page[Bill]]
        self.bills = _by_arguments(bills.pages_of_facilities, cache)
        self.bill_count: DataLoader[tuple[int, tuple[str, IssueDates]], int]
        self.bill_count = _by_arguments(bills.counts_of_facilities, cache)
        self.periods: DataLoader[tuple[int, tuple[str, PageRequest]], Page[ReadingPeriod]]
        self.periods = _by_arguments(periods.pages, cache)
        self.period_count: DataLoader[tuple[int, tuple[str]], int]
        self.period_count = _by_arguments(periods.counts, cache)
        self.period_bounds: DataLoader[tuple[int, tuple[str]], list[date]]
        self.period_bounds = _by_arguments(periods.bounds, cache)


def _by_key(load: Load, cache: bool) -> Any:
    """Loader of keys, None for one that is not found."""

    async def load_in_order(keys: Sequence[Any]) -> list[Any]:
        found = await load(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load_in_order, cache=cache)


def _by_arguments(load: Load, cache: bool) -> Any:
    """Loader of (key, arguments): one command for each distinct set of arguments."""

    async def load_groups(keys: Sequence[tuple[Any, tuple[Any, ...]]]) -> Mapping[Any, Any]:
        groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        for key, arguments in keys:
            groups[arguments].append(key)
        return {
            (key, arguments): value
            for arguments, members in groups.items()
            for key, value in (await load(members, *arguments)).items()
        }

    return _by_key(load_groups, cache)
