"""Demo data into empty databases: members, places, usage up to this half hour, periods and bills."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from tqdm import tqdm

from datasources.bills import IssueDates
from domain.bills import Bill
from domain.calendar import shift_months
from domain.demo import (
    PASSWORD,
    DemoPlace,
    demo_bill,
    demo_members,
    is_issued,
    reading_dates,
    reading_period,
)
from domain.facilities import Facility, ReadingPeriod
from domain.members import MemberProfile, MemberState
from domain.readings import Direction, Quality
from domain.simulation import simulate
from domain.slots import (
    SLOTS_PER_DAY,
    TOKYO,
    day_of_date,
    day_of_slot,
    first_slot,
    slot_at,
)
from domain.stored import Head, ReadingColumns
from resolvers.intake import store_columns
from resolvers.passwords import Passwords
from resolvers.sources import Sources

_HISTORY_MONTHS = 24


@dataclass(frozen=True, slots=True)
class DemoFacility:
    """A place of the demo that is in the database."""

    number: int
    place: DemoPlace

    @property
    def directions(self) -> tuple[Direction, ...]:
        return tuple(Direction) if self.place.feeds_in else (Direction.IMPORT,)

    def newest(self, head: Head) -> int | None:
        """Newest slot that is known in every direction; None before there is any."""
        newest = [head.latest[direction] for direction in self.directions]
        return min((known.slot for known in newest if known), default=None) if all(newest) else None

    def readings(self, first: int, end: int, quality: Quality) -> ReadingColumns:
        """Simulated readings of the slots ``[first, end)``, direction by direction."""
        first_day = day_of_slot(first)
        simulated = simulate(self.place.premises, first_day, day_of_slot(end - 1) - first_day + 1)
        cut = slice(first - first_slot(first_day), end - first_slot(first_day))
        flows = (simulated.drawn_wh, simulated.fed_in_wh)
        parts = [flows[direction].reshape(-1)[cut] for direction in self.directions]
        rows = (end - first) * len(parts)
        return ReadingColumns(
            facility=np.full(rows, self.number, np.int64),
            direction=np.repeat(np.array(self.directions, np.int64), end - first),
            slot=np.tile(np.arange(first, end, dtype=np.int64), len(parts)),
            wh=np.concatenate(parts).astype(np.int32),
            quality=np.full(rows, quality, np.int32),
            revision=np.full(rows, -1, np.int32),
        )


async def demo_facilities(sources: Sources) -> list[DemoFacility]:
    """Places of the demo that are in the database; none before it was filled."""
    places = [place for member in demo_members() for place in member.places]
    numbers = await sources.facilities.numbers_of(place.supply_point for place in places)
    return [
        DemoFacility(numbers[place.supply_point], place)
        for place in places
        if place.supply_point in numbers
    ]


async def is_filled(sources: Sources) -> bool:
    """Whether the demo is complete: `fill_demo` puts the newest bill of the last place last."""
    facilities = await demo_facilities(sources)
    last = demo_members()[-1].places[-1]
    if not facilities or facilities[-1].place != last:
        return False
    today = _today(sources)
    start_on = await _start_on(sources, facilities)
    number = facilities[-1].number
    owner = (await sources.facilities.by_numbers([number]))[number].owner
    expected = sum(is_issued(end_on, today) for _, end_on in reading_dates(start_on, today))
    counts = await sources.bills.counts_of_facilities([number], owner, IssueDates(start_on))
    return counts[number] >= expected


async def fill_demo(sources: Sources) -> None:
    """Make the demo's members and all they have up to now.

    Again after a crash, or a month later, it completes what is missing.
    """
    start_on = await _start_on(sources, await demo_facilities(sources))
    facilities = await _put_facilities(sources, start_on)
    now = sources.clock()
    heads = await sources.usage.heads([one.number for one, _ in facilities])
    with tqdm(total=len(facilities), desc="Demo data", unit="place") as bar:
        for one, facility in facilities:
            first, end = first_slot(day_of_date(start_on)), slot_at(now)
            readings = one.readings(first, end, Quality.SETTLED)
            known = one.newest(heads[one.number])
            missing = readings.slot >= (first if known is None else known)
            await store_columns(sources, readings[missing], now)
            await _put_bills(sources, one.place, facility, readings, start_on)
            bar.update()


async def settle_missed(sources: Sources, facilities: list[DemoFacility], now: datetime) -> None:
    """Fill the half hours that ended while nobody fed the demo."""
    heads = await sources.usage.heads([one.number for one in facilities])
    end = slot_at(now)
    for one in facilities:
        newest = one.newest(heads[one.number])
        if newest is not None and newest < end:
            await store_columns(sources, one.readings(newest, end, Quality.SETTLED), now)


def _today(sources: Sources) -> date:
    return sources.clock().astimezone(TOKYO).date()


async def _start_on(sources: Sources, facilities: list[DemoFacility]) -> date:
    """First date of the demo's contracts: that of the first filling, whenever the last one is."""
    if facilities:
        number = facilities[0].number
        known = (await sources.facilities.by_numbers([number]))[number].supplied_from
        if known is not None:
            return known
    return shift_months(_today(sources), -_HISTORY_MONTHS)


async def _put_facilities(sources: Sources, start_on: date) -> list[tuple[DemoFacility, Facility]]:
    password_hash = await Passwords().hash(PASSWORD)
    facilities = []
    for member in demo_members():
        profile = MemberProfile(member.name, member.kana, None, None)
        owner = await sources.members.put(
            member.portal, member.login_id, password_hash, MemberState.ACTIVE, profile
        )
        for place in member.places:
            facility = place.facility(member.portal, owner, start_on)
            number = await sources.facilities.put(facility)
            facilities.append((DemoFacility(number, place), replace(facility, number=number)))
    return facilities


async def _put_bills(
    sources: Sources,
    place: DemoPlace,
    facility: Facility,
    readings: ReadingColumns,
    start_on: date,
) -> None:
    today = _today(sources)
    periods = list(_periods(facility.number, readings, start_on, today))
    await sources.periods.put([(facility.portal, facility.owner, period) for period in periods])
    bills: list[Bill | None] = [demo_bill(place, facility, period, today) for period in periods]
    await sources.bills.put([bill for bill in bills if bill is not None])


def _periods(
    number: int, readings: ReadingColumns, start_on: date, today: date
) -> Iterator[ReadingPeriod]:
    drawn = readings.wh[readings.direction == Direction.IMPORT]
    register_wh = 0
    for bounds in reading_dates(start_on, today):
        first, end = ((day_of_date(on) - day_of_date(start_on)) * SLOTS_PER_DAY for on in bounds)
        usage_wh = int(drawn[first:end].sum(dtype=np.int64))
        yield reading_period(number, bounds, register_wh, usage_wh)
        register_wh += usage_wh
