"""What a billing run reads: batches of reading periods with all that their bills are made from.

However many periods a batch has, each kind of thing is read once.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from datasources.reading_periods import OwnedPeriod
from datasources.usage import Span
from domain.bills import Bill, BillSource
from domain.closing import MEASURED, NotClosed, ToClose, not_closed, period_slots
from domain.facilities import ContractKind, Facility, ReadingPeriod
from domain.slots import day_of_date
from domain.tariff.refusals import NotPriced
from domain.tariff.terms import Term, terms
from domain.usage import SlotSeries
from resolvers.sources import Sources

AT_ONCE: Final = 500
"Periods of a batch: their half hours fit one reply, and memory stays small."

PeriodKey = tuple[int, ContractKind, date]
Priced = tuple[OwnedPeriod, tuple[Term, ...]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some reading periods of a portal; each is in one of three ways."""

    size: int
    to_close: Sequence[ToClose]
    refused: Sequence[tuple[ReadingPeriod, NotClosed]]
    imported: int
    "How many have a bill of the company's own."
    facilities: Mapping[int, Facility]
    current: Mapping[PeriodKey, Bill]
    "Bills that there were."


def key_of_period(period: ReadingPeriod) -> PeriodKey:
    return period.facility, period.kind, period.start_on


async def batches(
    sources: Sources, portal: str, month: date, at_once: int
) -> AsyncGenerator[Batch, None]:
    """All reading periods of a portal that are billed in a month."""
    after = ""
    while found := await sources.periods.of_month(portal, month, after, at_once):
        after = found[-1].id
        yield await _batch(sources, found)


async def _batch(sources: Sources, found: Sequence[OwnedPeriod]) -> Batch:
    numbers = sorted({one.period.facility for one in found})
    starts = sorted({one.period.start_on for one in found})
    facilities = await sources.facilities.by_numbers(numbers)
    known = await sources.bills.of_periods(numbers, starts)
    current = {(bill.facility, bill.kind, bill.start_on): bill for bill in known}
    ours = [one for one in found if not _is_imported(current.get(key_of_period(one.period)))]
    refused: list[tuple[ReadingPeriod, NotClosed]] = []
    priced = list(_with_terms(sources, facilities, ours, refused))
    return Batch(
        size=len(found),
        to_close=await _gathered(sources, facilities, priced),
        refused=refused,
        imported=len(found) - len(ours),
        facilities=facilities,
        current=current,
    )


def _is_imported(bill: Bill | None) -> bool:
    return bill is not None and bill.source is BillSource.IMPORTED


def _with_terms(
    sources: Sources,
    facilities: Mapping[int, Facility],
    found: Iterable[OwnedPeriod],
    refused: list[tuple[ReadingPeriod, NotClosed]],
) -> Iterator[Priced]:
    for one in found:
        period, facility = one.period, facilities[one.period.facility]
        # Contracts are those of who has the facility now; nobody does when its member has left.
        contracts = facility.contracts if facility.owner in {"", one.owner} else ()
        bounds = period.start_on, period.end_on
        try:
            yield one, terms(contracts, sources.plans, period.kind, *bounds)
        except NotPriced as error:
            refused.append((period, not_closed(error)))


async def _gathered(
    sources: Sources, facilities: Mapping[int, Facility], priced: Sequence[Priced]
) -> list[ToClose]:
    """All that bills of periods are made from."""
    series = await _half_hours(sources, [one.period for one, _ in priced])
    prices = await _prices(sources, facilities, priced)
    return [
        ToClose(
            owner=one.owner,
            facility=facilities[one.period.facility],
            period=one.period,
            parts=parts,
            half_hours=series.get(key_of_period(one.period)),
            prices=prices.get(key_of_period(one.period)),
        )
        for one, parts in priced
    ]


async def _half_hours(
    sources: Sources, periods: Iterable[ReadingPeriod]
) -> dict[PeriodKey, SlotSeries]:
    measured = [period for period in periods if period.kind in MEASURED]
    spans = [
        Span(period.facility, MEASURED[period.kind], *period_slots(period)) for period in measured
    ]
    found = await sources.usage.read(spans)
    return {key_of_period(period): series for period, series in zip(measured, found, strict=True)}


async def _prices(
    sources: Sources, facilities: Mapping[int, Facility], priced: Sequence[Priced]
) -> dict[PeriodKey, NDArray[np.int32]]:
    """Market prices of the periods that go by them."""
    asking = [
        (one.period, area)
        for one, parts in priced
        if any(term.version.market for term in parts)
        and (area := facilities[one.period.facility].area)
    ]
    if not asking:
        return {}
    first_day = min(day_of_date(period.start_on) for period, _ in asking)
    end_day = max(day_of_date(period.end_on) for period, _ in asking)
    found = await sources.market_prices.read({area for _, area in asking}, first_day, end_day)
    return {
        key_of_period(period): found[area][
            day_of_date(period.start_on) - first_day : day_of_date(period.end_on) - first_day
        ]
        for period, area in asking
    }
