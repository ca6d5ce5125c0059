"""Demo data into empty databases: members, places, usage up to this half hour, and what it costs."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from tqdm import tqdm

from domain.calendar import shift_months
from domain.demo import APP_SECRET, PASSWORD, DemoPlace, demo_apps, demo_members
from domain.demo_bills import DemoCalendar, Flows
from domain.facilities import Facility
from domain.members import MemberProfile, MemberState
from domain.readings import Direction, Quality
from domain.simulation import simulate
from domain.slots import date_at, day_of_date, day_of_slot, first_slot, slot_at
from domain.stored import Head, ReadingColumns
from domain.usage import SlotSeries
from resolvers.demo_bills import is_billed, put_bills, put_invoices_and_payments
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
    """Whether the demo is complete: `fill_demo` puts the payments of the last place last."""
    facilities = await demo_facilities(sources)
    last = demo_members()[-1].places[-1]
    if not facilities or facilities[-1].place != last:
        return False
    number = facilities[-1].number
    facility = (await sources.facilities.by_numbers([number]))[number]
    return await is_billed(sources, facility, await _calendar(sources, facilities))


async def put_apps(sources: Sources) -> None:
    """Make the demo's apps, unless they are there."""
    known = {app.id for app in await sources.apps.all()}
    for app in demo_apps(sources.clock()):
        if app.id not in known:
            await sources.apps.put(app, None if app.public else APP_SECRET)


async def fill_demo(sources: Sources) -> None:
    """Make the demo's members and all they have up to now.

    Again after a crash, or a month later, it completes what is missing.
    """
    calendar = await _calendar(sources, await demo_facilities(sources))
    members = await _put_facilities(sources, calendar.start_on)
    with tqdm(total=sum(map(len, members)), desc="Demo data", unit="place") as bar:
        for facilities in members:
            billed = []
            heads = await sources.usage.heads([one.number for one, _ in facilities])
            for one, facility in facilities:
                flows = await _put_usage(sources, one, heads[one.number], calendar)
                billed.append(await put_bills(sources, facility, flows, calendar))
                bar.update()
            await put_invoices_and_payments(sources, billed, calendar)


async def _put_usage(
    sources: Sources, one: DemoFacility, head: Head, calendar: DemoCalendar
) -> Flows:
    """Store the half hours that are missing; answers all of them."""
    now = sources.clock()
    first, end = first_slot(day_of_date(calendar.start_on)), slot_at(now)
    readings = one.readings(first, end, Quality.SETTLED)
    known = one.newest(head)
    missing = readings.slot >= (first if known is None else known)
    await store_columns(sources, readings[missing], now)
    return {direction: _series(readings, direction) for direction in one.directions}


def _series(readings: ReadingColumns, direction: Direction) -> SlotSeries:
    own = readings[readings.direction == direction]
    return SlotSeries(int(own.slot[0]), own.wh, own.quality, own.revision)


async def settle_missed(sources: Sources, facilities: list[DemoFacility], now: datetime) -> None:
    """Fill the half hours that ended while nobody fed the demo."""
    heads = await sources.usage.heads([one.number for one in facilities])
    end = slot_at(now)
    for one in facilities:
        newest = one.newest(heads[one.number])
        if newest is not None and newest < end:
            await store_columns(sources, one.readings(newest, end, Quality.SETTLED), now)


async def _calendar(sources: Sources, facilities: list[DemoFacility]) -> DemoCalendar:
    """It begins with the first filling, whenever the last one is."""
    today = date_at(sources.clock())
    if facilities:
        number = facilities[0].number
        known = (await sources.facilities.by_numbers([number]))[number].supplied_from
        if known is not None:
            return DemoCalendar(known, today)
    return DemoCalendar(shift_months(today, -_HISTORY_MONTHS), today)


async def _put_facilities(
    sources: Sources, start_on: date
) -> list[list[tuple[DemoFacility, Facility]]]:
    """Store members and places; answers the places member by member."""
    password_hash = await Passwords().hash(PASSWORD)
    members = []
    for member in demo_members():
        profile = MemberProfile(member.name, member.kana, member.email, None)
        owner = await sources.members.put(
            member.portal,
            member.login_id,
            password_hash,
            MemberState.ACTIVE,
            profile,
            one_member_each=sources.portals[member.portal].email.one_member_each,
        )
        facilities = []
        for place in member.places:
            facility = place.facility(member.portal, owner, start_on, sources.plans)
            number = await sources.facilities.put(facility)
            facilities.append((DemoFacility(number, place), replace(facility, number=number)))
        members.append(facilities)
    return members
