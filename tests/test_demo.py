"""The demo's data: whole, true to its bills, fed as meters would, the same however often it is made."""

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from datasources.bills import BillChoice, BillStore
from datasources.collections import migrate
from datasources.embedded import Addresses
from datasources.mongo import Mongo
from datasources.payments import PaymentStore
from datasources.reading_periods import PeriodChoice
from datasources.usage import Span
from domain.bills import SEN, Bill, PaymentState
from domain.closing import MEASURED
from domain.demo import PASSWORD, demo_members
from domain.facilities import ContractKind
from domain.paging import PageRequest
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import TOKYO, day_of_date, first_slot, slot_at, start_of_slot
from domain.usage import SlotSeries, total_wh
from resolvers import demo as filling
from resolvers.demo import DemoFacility, demo_facilities, fill_demo, is_filled
from resolvers.demo_feed import feed_once
from resolvers.sources import Sources, open_sources
from tests.api import NOW, Api, Clock, fresh_name

START = first_slot(day_of_date(date(2038, 6, 15)))
END = slot_at(NOW)
ALL = PageRequest(100, None, backward=False)
LOG_IN = """mutation($input: LogInInput!) {
    logIn(input: $input) { session { accessToken } userErrors { code } } }"""


@pytest.fixture(scope="module")
def demo_clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
async def demo(servers: Addresses, demo_clock: Clock) -> AsyncIterator[Api]:
    """The API over a database that was filled at NOW."""
    settings = replace(Settings(), mongodb_url=servers.mongodb_url, redis_url=servers.redis_url)
    mongo = Mongo(settings.mongodb_url, database=fresh_name(), timeout_seconds=30)
    await migrate(mongo)
    async with Api.serving(open_sources(settings, mongo, demo_clock)) as api:
        await fill_demo(api.sources)
        yield api
        await mongo.drop()


async def series_of(
    sources: Sources,
    one: DemoFacility,
    first: int = START,
    end: int = END,
    direction: Direction = Direction.IMPORT,
) -> SlotSeries:
    (series,) = await sources.usage.read([Span(one.number, direction, first, end)])
    return series


async def bills_of(sources: Sources, one: DemoFacility) -> list[Bill]:
    owner = (await sources.facilities.by_numbers([one.number]))[one.number].owner
    pages = await sources.bills.pages_of_facilities([one.number], owner, BillChoice(date.min), ALL)
    return list(pages[one.number].rows)


async def content_of(mongo: Mongo) -> dict[str, Any]:
    """Everything that is stored but the salted hashes of passwords, and what only orders writes."""
    hidden = {"passwordHash": 0, "calendarChanges": 0}
    names = ("members", "facilities", "readingPeriods", "usageDays", "usageHeads")
    bills = ("bills", "billRevisions", "invoices", "invoiceRevisions")
    return {
        name: await mongo[name].find({}, hidden).sort("_id", 1).to_list(None)
        for name in (*names, *bills)
    }


async def test_the_demo_has_three_members_with_62_facilities_who_can_log_in(demo: Api) -> None:
    counts = {}
    for member in demo_members():
        answer = await demo.data(
            LOG_IN,
            input={"portal": member.portal, "loginId": member.login_id, "password": PASSWORD},
        )
        data = await demo.data(
            "{ viewer { facilities(first: 1) { totalCount } } }",
            answer["logIn"]["session"]["accessToken"],
        )
        counts[member.portal] = data["viewer"]["facilities"]["totalCount"]

    assert counts == {"denki-jtb": 60, "mirai": 1, "hapie": 1}
    assert await demo.sources.mongo["members"].count_documents({}) == 3
    assert await demo.sources.mongo["facilities"].count_documents({}) == 62


async def test_only_the_home_with_panels_feeds_in(demo: Api) -> None:
    facilities = await demo_facilities(demo.sources)

    feeding = [one.place.name for one in facilities if Direction.EXPORT in one.directions]
    assert feeding == ["屋根に太陽光のある家"]
    for one in facilities:
        fed_in = await series_of(demo.sources, one, direction=Direction.EXPORT)
        assert (total_wh(fed_in) > 0) is one.place.feeds_in
        assert (fed_in.quality == Quality.SETTLED).all() == one.place.feeds_in


async def test_every_half_hour_of_24_months_up_to_now_is_settled(demo: Api) -> None:
    for one in await demo_facilities(demo.sources):
        series = await series_of(demo.sources, one)
        assert len(series.wh) == (date(2040, 6, 15) - date(2038, 6, 15)).days * 48 + 24
        assert (series.quality == Quality.SETTLED).all()
        assert (series.revision == 0).all()


async def test_every_bill_is_of_the_usage_of_its_period_and_its_lines_add_up(demo: Api) -> None:
    for one in await demo_facilities(demo.sources):
        usage = {
            kind: await series_of(demo.sources, one, direction=direction)
            for kind, direction in MEASURED.items()
        }
        bills = await bills_of(demo.sources, one)

        supplies = len(one.place.supplies)
        ends = [bill.end_on for bill in bills[: 2 * supplies]]
        assert ends == [date(2040, 5, 12)] * supplies + [date(2040, 4, 12)] * supplies
        assert (bills[-1].start_on, len(bills)) == (date(2038, 6, 15), 23 * supplies)
        for bill in bills:
            first, end = (first_slot(day_of_date(on)) for on in (bill.start_on, bill.end_on))
            if bill.kind in usage:
                assert bill.usage == total_wh(usage[bill.kind].between(first, end))
            assert bill.amount_yen * SEN == sum(line.amount_sen for line in bill.lines)
            assert bill.amount_yen > 0
            paid = bill.payment.due_on <= date(2040, 6, 15)
            assert (bill.payment.state is PaymentState.PAID) is paid


async def test_the_first_city_s_places_are_paid_with_one_invoice_a_month(demo: Api) -> None:
    facilities = await demo_facilities(demo.sources)
    grouped, alone = facilities[:5], facilities[5]
    bills = [await bills_of(demo.sources, one) for one in grouped]
    owner = (await demo.sources.facilities.by_numbers([alone.number]))[alone.number].owner
    page = await demo.sources.invoices.page_of_member(owner, BillChoice(date.min), ALL)

    assert len(page.rows) == 23
    for invoice, of_month in zip(page.rows, zip(*bills, strict=True), strict=True):
        assert invoice.bills == tuple(bill.id for bill in of_month)
        assert invoice.amount_yen == sum(bill.amount_yen for bill in of_month)
        assert {bill.invoice for bill in of_month} == {invoice.number}
        assert {bill.payment for bill in of_month} == {invoice.payment}
    assert {bill.invoice for bill in await bills_of(demo.sources, alone)} == {None}


async def test_the_registers_of_a_facilitys_periods_follow_on_each_other(demo: Api) -> None:
    one = (await demo_facilities(demo.sources))[-1]
    owner = (await demo.sources.facilities.by_numbers([one.number]))[one.number].owner
    for kind in ContractKind:
        pages = await demo.sources.periods.pages([one.number], owner, PeriodChoice(kind), ALL)
        periods = pages[one.number].rows[::-1]

        assert len(periods) == 24
        assert periods[0].previous_register == 0
        for before, after in itertools.pairwise(periods):
            assert after.start_on == before.end_on
            assert after.previous_register == before.present_register
            assert after.present_register - after.previous_register == after.usage > 0


async def test_filling_again_changes_nothing(demo: Api, demo_clock: Clock) -> None:
    demo_clock.now = NOW
    before = await content_of(demo.sources.mongo)

    await fill_demo(demo.sources)

    assert await content_of(demo.sources.mongo) == before


def interrupted_on_third_call(work: Callable[..., Any]) -> Callable[..., Any]:
    calls = itertools.count(1)

    async def interrupted(*arguments: Any) -> Any:
        if next(calls) == 3:
            raise InterruptedError
        return await work(*arguments)

    return interrupted


async def test_a_fill_that_was_interrupted_is_completed_by_the_next_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = api.sources
    few = tuple(replace(member, places=member.places[:1]) for member in demo_members())
    monkeypatch.setattr(filling, "demo_members", lambda: few)
    assert not await is_filled(sources)
    for store in (BillStore, PaymentStore):
        with monkeypatch.context() as patch:
            patch.setattr(store, "put", interrupted_on_third_call(store.put))
            with pytest.raises(InterruptedError):
                await fill_demo(sources)
        assert len(await demo_facilities(sources)) == 3
        assert not await is_filled(sources)

    await fill_demo(sources)

    assert await is_filled(sources)
    for one in await demo_facilities(sources):
        assert ((await series_of(sources, one)).quality == Quality.SETTLED).all()
        assert len(await bills_of(sources, one)) == 23 * len(one.place.supplies)


@pytest.fixture
async def fed(demo: Api, demo_clock: Clock) -> list[DemoFacility]:
    """The demo's facilities, settled up to noon of a day that no test has seen."""
    day = max(demo_clock.now, NOW) + timedelta(days=1)
    demo_clock.now = day.astimezone(TOKYO).replace(hour=12, minute=0, second=0, microsecond=0)
    return await demo_facilities(demo.sources)


async def test_the_running_half_hour_rises_tick_by_tick_until_it_is_over_and_settled(
    demo: Api, demo_clock: Clock, fed: list[DemoFacility]
) -> None:
    running = slot_at(demo_clock.now)
    demo_clock.advance(minutes=10)
    ticks = []
    for _ in range(2):
        await feed_once(demo.sources, fed, demo_clock.now)
        ticks.append([await series_of(demo.sources, one, running, running + 1) for one in fed])
        demo_clock.advance(seconds=5)
    demo_clock.now = start_of_slot(running + 1) + timedelta(seconds=3)
    await feed_once(demo.sources, fed, demo_clock.now)

    for one, first, second in zip(fed, *ticks, strict=True):
        assert (first.quality[0], second.quality[0]) == (Quality.PROVISIONAL, Quality.PROVISIONAL)
        whole = one.readings(running, running + 1, Quality.SETTLED).wh[0]
        assert first.wh[0] == int(whole / 3)
        assert second.wh[0] == int(whole * 605 / 1800)
        assert second.revision[0] == (1 if second.wh[0] > first.wh[0] else 0)
        settled = await series_of(demo.sources, one, running, running + 2)
        assert settled.wh[0] == whole
        assert settled.quality.tolist() == [Quality.SETTLED, Quality.PROVISIONAL]
        assert settled.revision.tolist() == [second.revision[0] + 1, 0]
    rising = sum(int(second.wh[0] > first.wh[0]) for first, second in zip(*ticks, strict=True))
    assert rising >= 60


async def test_half_hours_of_a_pause_are_filled_and_settled_in_both_directions(
    demo: Api, demo_clock: Clock, fed: list[DemoFacility]
) -> None:
    demo_clock.advance(minutes=12)
    await feed_once(demo.sources, fed, demo_clock.now)
    stopped = slot_at(demo_clock.now)
    demo_clock.advance(hours=3)

    await feed_once(demo.sources, fed, demo_clock.now)

    now = slot_at(demo_clock.now)
    assert now - stopped == 6
    for one in fed:
        expected = one.readings(stopped, now, Quality.SETTLED)
        for direction in one.directions:
            series = await series_of(demo.sources, one, stopped, now + 1, direction)
            assert series.quality.tolist() == [Quality.SETTLED] * 6 + [Quality.PROVISIONAL]
            wh = expected.wh[expected.direction == direction]
            assert np.array_equal(series.wh[:6], wh)


async def test_the_first_instant_of_a_half_hour_is_provisional_nothing(
    demo: Api, demo_clock: Clock, fed: list[DemoFacility]
) -> None:
    assert demo_clock.now == start_of_slot(slot_at(demo_clock.now))

    await feed_once(demo.sources, fed, demo_clock.now)

    heads = await demo.sources.usage.heads([one.number for one in fed])
    latest = [head.latest[Direction.IMPORT] for head in heads.values()]
    assert {reading and (reading.slot, reading.wh, reading.quality) for reading in latest} == {
        (slot_at(demo_clock.now), 0, Quality.PROVISIONAL)
    }


async def test_a_subscriber_of_the_demo_receives_every_tick(
    demo: Api, demo_clock: Clock, fed: list[DemoFacility]
) -> None:
    member = demo_members()[0]
    logged_in = await demo.data(
        LOG_IN, input={"portal": member.portal, "loginId": member.login_id, "password": PASSWORD}
    )
    token = logged_in["logIn"]["session"]["accessToken"]
    data = await demo.data("{ viewer { facilities(first: 1) { nodes { id } } } }", token)
    (node,) = data["viewer"]["facilities"]["nodes"]
    await feed_once(demo.sources, fed, demo_clock.now)
    async with demo.socket(token) as socket:
        await socket.subscribe(
            "1",
            "subscription($id: ID!) { readings(facilityIds: [$id]) "
            "{ reading { startAt kwh quality revision } } }",
            id=node["id"],
        )
        assert (await socket.event())["reading"] is None
        demo_clock.advance(minutes=20)
        await feed_once(demo.sources, fed, demo_clock.now)
        reading = (await socket.reading())["reading"]

    running = slot_at(demo_clock.now)
    wh = fed[0].readings(running, running + 1, Quality.SETTLED).wh[0]
    assert reading == {
        "startAt": start_of_slot(running).astimezone(TOKYO).isoformat(),
        "kwh": int(wh * 2 / 3) / 1000,
        "quality": "PROVISIONAL",
        "revision": 1,
    }
