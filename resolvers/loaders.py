"""Loaders: reads of the same kind in the same moment become one command."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

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

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Arguments = TypeVar("Arguments", bound=Hashable)


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

        async def bill_pages(
            numbers: Sequence[int], arguments: tuple[IssueDates, PageRequest]
        ) -> Mapping[Any, Page[Bill]]:
            return await sources.bills.pages("facility", numbers, *arguments)

        async def bills(keys: Sequence[tuple[int, tuple[IssueDates, PageRequest]]]) -> Any:
            return await _by_arguments(keys, bill_pages)

        async def periods(keys: Sequence[tuple[int, PageRequest]]) -> Any:
            return await _by_arguments(keys, sources.periods.pages)

        self.session: DataLoader[tuple[str, datetime], Session | None] = DataLoader(
            load_fn=sessions, cache=cache
        )
        self.facility: DataLoader[int, Facility | None] = by_key(sources.facilities.by_numbers)
        self.bill: DataLoader[str, Bill | None] = by_key(sources.bills.by_ids)
        self.head: DataLoader[int, Head] = by_key(sources.usage.heads)
        self.reading_dates: DataLoader[int, list[date]] = by_key(sources.periods.start_dates)
        self.series: DataLoader[Span, SlotSeries] = DataLoader(
            load_fn=sources.usage.read, cache=cache
        )
        self.bills: DataLoader[tuple[int, tuple[IssueDates, PageRequest]], Page[Bill]] = by_key(
            bills
        )
        self.periods: DataLoader[tuple[int, PageRequest], Page[ReadingPeriod]] = by_key(periods)


async def _by_arguments(
    keys: Sequence[tuple[Key, Arguments]],
    load: Callable[[Sequence[Key], Arguments], Awaitable[Mapping[Key, Value]]],
) -> dict[tuple[Key, Arguments], Value]:
    """Load keys with one command for each distinct set of arguments."""
    groups: dict[Arguments, list[Key]] = defaultdict(list)
    for key, arguments in keys:
        groups[arguments].append(key)
    return {
        (key, arguments): value
        for arguments, members in groups.items()
        for key, value in (await load(members, arguments)).items()
    }
