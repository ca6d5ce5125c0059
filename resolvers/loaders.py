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


class Loaders:
    """Loaders of one request; without `cache` they join reads but keep nothing."""

    def __init__(self, sources: Sources, *, cache: bool) -> None:
        def by_key(load: Callable[[Sequence[Any]], Awaitable[Mapping[Any, Any]]]) -> Any:
            async def load_in_order(keys: Sequence[Any]) -> list[Any]:
                found = await load(keys)
                return [found.get(key) for key in keys]

            return DataLoader(load_fn=load_in_order, cache=cache)

        async def sessions(keys: Sequence[tuple[str, datetime]]) -> list[Session | None]:
            return [await sources.sessions.by_access_token(token, now) for token, now in keys]

        def by_arguments(load: Callable[..., Awaitable[Mapping[Any, Any]]]) -> Any:
            """Loader of (key, arguments): one command for each distinct set of arguments."""

            async def load_groups(keys: Sequence[tuple[Any, tuple[Any, ...]]]) -> Any:
                groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
                for key, arguments in keys:
                    groups[arguments].append(key)
                return {
                    (key, arguments): value
                    for arguments, members in groups.items()
                    for key, value in (await load(members, *arguments)).items()
                }

            return by_key(load_groups)

        self.session: DataLoader[tuple[str, datetime], Session | None] = DataLoader(
            load_fn=sessions, cache=cache
        )
        self.facility: DataLoader[int, Facility | None] = by_key(sources.facilities.by_numbers)
        self.bill: DataLoader[str, Bill | None] = by_key(sources.bills.by_ids)
        self.head: DataLoader[int, Head] = by_key(sources.usage.heads)
        self.series: DataLoader[Span, SlotSeries] = DataLoader(
            load_fn=sources.usage.read, cache=cache
        )
        bills, periods = sources.bills, sources.periods
        self.bills: DataLoader[tuple[int, tuple[str, IssueDates, PageRequest]], Page[Bill]]
        self.bills = by_arguments(bills.pages_of_facilities)
        self.bill_count: DataLoader[tuple[int, tuple[str, IssueDates]], int]
        self.bill_count = by_arguments(bills.counts_of_facilities)
        self.periods: DataLoader[tuple[int, tuple[str, PageRequest]], Page[ReadingPeriod]]
        self.periods = by_arguments(periods.pages)
        self.period_count: DataLoader[tuple[int, tuple[str]], int] = by_arguments(periods.counts)
        self.period_bounds: DataLoader[tuple[int, tuple[str]], list[date]]
        self.period_bounds = by_arguments(periods.bounds)
