"""The stores of usage, sessions, facilities and bills keep their promises over both drivers."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import AsyncMock

import numpy as np
import pytest
from pymongo.errors import AutoReconnect

from datasources import usage_writes
from datasources.bills import BillChoice, BillStore
from datasources.mongo import Mongo
from datasources.tokens import token_hash
from datasources.usage import Span
from datasources.usage_news import MAX_ANNOUNCED
from datasources.usage_writes import Stored
from domain.bill_position import BillPosition
from domain.bills import Bill, Payment, PaymentState
from domain.facilities import Facility, FacilityChoice
from domain.paging import PageRequest
from domain.readings import Direction, Quality
from domain.slots import day_of_date, first_slot
from domain.stored import Announcement, ReadingColumns, StoredReading, day_key_range
from domain.usage import SlotSeries
from domain.usage_days import Outcome
from resolvers.sources import Sources
from tests.api import NOW
from tests.drivers import over_both_drivers
from tests.world import World

FIRST = first_slot(day_of_date(date(2040, 6, 1)))
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)
ALL = BillChoice(date(2000, 1, 1))

pytestmark = over_both_drivers


def rows(*readings: tuple[int, int, int], facility: int = 7, direction: int = 0) -> ReadingColumns:
    """Settled readings of (slot since FIRST, Wh, revision)."""
    slot, wh, revision = zip(*readings, strict=True)
    count = len(readings)
    return ReadingColumns(
        np.full(count, facility, np.int64),
        np.full(count, direction, np.int64),
        np.array(slot, np.int64) + FIRST,
        np.array(wh, np.int32),
        np.full(count, Quality.SETTLED, np.int32),
        np.array(revision, np.int32),
    )


async def store(sources: Sources, *readings: tuple[int, int, int], facility: int = 7) -> Stored:
    return await sources.writer.store(rows(*readings, facility=facility), NOW)


async def series(
    sources: Sources, end: int, facility: int = 7, direction: Direction = Direction.IMPORT
) -> SlotSeries:
    (found,) = await sources.usage.read([Span(facility, direction, FIRST, FIRST + end)])
    return found


async def order_of(sources: Sources, facility: int = 7) -> int:
    return (await sources.usage.heads([facility]))[facility].order


def stored(slot: int, wh: int, order: int, revision: int = 0) -> StoredReading:
    ms = round(NOW.timestamp() * 1000)
    return StoredReading(
        7, Direction.IMPORT, FIRST + slot, wh, Quality.SETTLED, revision, order, ms
    )


async def test_stored_readings_are_read_back_and_what_is_not_there_is_missing(
    sources: Sources,
) -> None:
    outcome = (await store(sources, (0, 100, -1), (2, 0, -1), (60, 300, 5))).outcome

    found = await series(sources, 96)

    assert outcome.tolist() == [Outcome.STORED] * 3
    assert (found.first, found.end) == (FIRST, FIRST + 96)
    assert {slot: int(found.wh[slot]) for slot in np.flatnonzero(found.quality).tolist()} == {
        0: 100,
        2: 0,
        60: 300,
    }
    assert found.wh.sum() == 400
    assert found.quality[2] == Quality.SETTLED
    assert [int(found.revision[slot]) for slot in (0, 60)] == [0, 5]


async def test_spans_are_cut_exactly_and_keep_to_their_facility_and_direction(
    sources: Sources,
) -> None:
    await store(sources, *((slot, slot + 1, -1) for slot in range(96)))
    await store(sources, (1, 5000, -1), facility=8)
    await sources.writer.store(rows((1, 6000, -1), direction=1), NOW)
    spans = [
        Span(7, Direction.IMPORT, FIRST + 1, FIRST + 4),
        Span(7, Direction.IMPORT, FIRST + 47, FIRST + 49),
        Span(8, Direction.IMPORT, FIRST, FIRST + 3),
        Span(7, Direction.EXPORT, FIRST, FIRST + 3),
        Span(7, Direction.IMPORT, FIRST + 3, FIRST + 3),
    ]

    found = await sources.usage.read(spans)

    assert [each.wh.tolist() for each in found] == [
        [2, 3, 4],
        [48, 49],
        [0, 5000, 0],
        [0, 6000, 0],
        [],
    ]
    assert await sources.usage.read([]) == []


async def test_a_reading_gets_its_place_in_the_order_only_if_it_changes_something(
    sources: Sources,
) -> None:
    await store(sources, (0, 100, -1), (1, 200, 3))

    again = await store(sources, (0, 100, -1), (1, 200, 3), (1, 199, 2), (1, 201, 3))
    changed = await store(sources, (1, 200, 3), (0, 101, -1), (1, 202, 4))

    assert again.outcome.tolist() == [Outcome.UNCHANGED] * 3 + [Outcome.CONFLICT]
    assert (again.announcements, again.outbox) == ((), None)
    assert changed.outcome.tolist() == [Outcome.UNCHANGED, Outcome.CORRECTED, Outcome.CORRECTED]
    news = [stored(0, 101, 3, revision=1), stored(1, 202, 4, revision=4)]
    assert changed.announcements == (Announcement(7, 3, 4, news),)
    assert (await series(sources, 2)).wh.tolist() == [101, 202]
    assert await order_of(sources) == 4


async def test_what_was_stored_between_two_places_comes_in_order(sources: Sources) -> None:
    await store(sources, (50, 1, -1))
    await store(sources, (0, 2, -1), (99, 3, -1))
    await store(sources, (50, 4, -1))
    await store(sources, (1, 5, -1), facility=8)

    async def wh_between(after: int, until: int) -> list[int]:
        found = await sources.usage.stored_between({7: after}, {7: until})
        return [reading.wh for reading in found]

    assert await wh_between(0, 4) == [2, 3, 4]
    assert await wh_between(0, 3) == [2, 3]
    assert await wh_between(2, 3) == [3]
    assert await wh_between(4, 4) == []
    assert list(await sources.usage.stored_between({}, {})) == []
    both = await sources.usage.stored_between({7: 3, 8: 0}, {7: 4, 8: 1})
    assert [(reading.facility, reading.order) for reading in both] == [(7, 4), (8, 1)]


async def test_a_head_knows_the_newest_half_hour_of_each_direction(sources: Sources) -> None:
    await store(sources, (5, 500, -1), (3, 300, -1))
    await store(sources, (4, 400, -1))

    heads = await sources.usage.heads([7, 9])

    assert heads[7].order == 3
    assert heads[7].received_at == NOW
    assert heads[7].latest == (stored(5, 500, 1), None)
    assert (heads[9].order, heads[9].received_at, heads[9].latest) == (0, None, (None, None))


async def test_more_than_a_page_of_readings_is_announced_without_them(sources: Sources) -> None:
    few = await store(sources, *((slot, 1, -1) for slot in range(MAX_ANNOUNCED)))
    many = await store(sources, *((slot, 2, -1) for slot in range(MAX_ANNOUNCED + 1)))

    (announced,) = few.announcements
    assert len(announced.readings or ()) == MAX_ANNOUNCED
    last = 2 * MAX_ANNOUNCED + 1
    assert many.announcements == (Announcement(7, MAX_ANNOUNCED + 1, last, None),)
    head = (await sources.usage.heads([7]))[7].latest[Direction.IMPORT]
    assert head is not None
    assert (head.slot, head.wh) == (FIRST + MAX_ANNOUNCED, 2)


async def test_what_was_stored_stays_unpublished_until_it_is_said_to_be_published(
    sources: Sources,
) -> None:
    batch = await store(sources, (0, 1, -1), (1, 2, -1))

    assert await sources.writer.unpublished(NOW) == []
    expected = [(batch.outbox, [Announcement(7, 1, 2, None)])]
    assert await sources.writer.unpublished(LATER) == expected
    await sources.writer.published(batch.outbox)
    assert await sources.writer.unpublished(LATER) == []


async def test_a_batch_that_fails_half_way_leaves_nothing(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError

    await store(sources, (0, 1, -1))
    monkeypatch.setattr(usage_writes._Attempt, "_remember", fail)
    with pytest.raises(RuntimeError):
        await store(sources, (0, 9, -1), (1, 2, -1))

    assert (await series(sources, 2)).wh.tolist() == [1, 0]
    assert await order_of(sources) == 1


async def test_batches_at_the_same_time_take_turns(sources: Sources) -> None:
    batches = (store(sources, (slot, slot + 1, -1), (500, slot, -1)) for slot in range(8))

    outcomes = [batch.outcome.tolist() for batch in await asyncio.gather(*batches)]

    assert [first for first, _ in outcomes] == [Outcome.STORED] * 8
    assert sorted(second for _, second in outcomes) == [Outcome.STORED] + [Outcome.CORRECTED] * 7
    assert await order_of(sources) == 16
    found = await series(sources, 501)
    assert found.wh[:8].tolist() == list(range(1, 9))
    assert found.revision[500] == 7


async def test_a_day_that_is_damaged_counts_as_missing(sources: Sources, mongo: Mongo) -> None:
    await store(sources, (0, 1, -1), (48, 2, -1))
    key, _ = day_key_range(7, Direction.IMPORT, FIRST, FIRST + 1)
    await mongo["usageDays"].update_one({"_id": key}, {"$set": {"wh": b"\x01\x02"}})

    found = await series(sources, 96)

    assert found.quality[:48].tolist() == [Quality.MISSING] * 48
    assert found.wh[48] == 2
    later = await sources.usage.stored_between({7: 0}, {7: 2})
    assert [reading.wh for reading in later] == [2]


@pytest.mark.parametrize("in_a_reply", [1_000_000, 2])
async def test_a_read_that_lost_its_connection_or_exceeds_a_reply_goes_on_with_a_cursor(
    sources: Sources, mongo: Mongo, monkeypatch: pytest.MonkeyPatch, in_a_reply: int
) -> None:
    await store(sources, (0, 1, -1), (48, 2, -1), (96, 3, -1))
    for number in (8, 9):
        await store(sources, (0, 1, -1), facility=number)
    monkeypatch.setattr("datasources.mongo._ONE_REPLY", in_a_reply)
    if in_a_reply > 2:
        lost = AsyncMock(side_effect=AutoReconnect)
        monkeypatch.setattr(type(mongo.database), "command", lost)

    assert (await series(sources, 144)).wh[::48].tolist() == [1, 2, 3]
    heads = await sources.usage.heads([7, 8, 9])
    assert [head.order for head in heads.values()] == [3, 1, 1]
    assert heads[7].received_at == NOW


async def test_a_session_is_found_by_its_token_until_it_ends(sources: Sources) -> None:
    opened = await sources.sessions.open("alice", "hepco", NOW)
    session = opened.session
    assert session.ends_at == NOW + timedelta(minutes=60)
    almost = session.ends_at - timedelta(milliseconds=1)

    sessions = sources.sessions
    assert await sessions.by_access_tokens([(opened.access_token, almost)]) == [session]
    assert await sessions.by_ids([(session.id, almost)]) == [session]
    assert await sessions.by_access_tokens([(opened.access_token, session.ends_at)]) == [None]
    assert await sessions.by_ids([(session.id, session.ends_at)]) == [None]
    assert await sessions.by_access_tokens([(opened.refresh_token, NOW)]) == [None]
    await sessions.end(session.id)
    assert await sessions.by_access_tokens([(opened.access_token, NOW)]) == [None]
    assert await sessions.refresh(opened.refresh_token, NOW) is None


async def test_only_one_of_two_refreshes_with_a_token_succeeds(sources: Sources) -> None:
    opened = await sources.sessions.open("alice", "hepco", NOW)
    later = NOW + timedelta(days=29)

    attempts = await asyncio.gather(
        *(sources.sessions.refresh(opened.refresh_token, later) for _ in range(4))
    )

    (refreshed,) = (each for each in attempts if each is not None)
    assert refreshed.session == replace(opened.session, ends_at=later + timedelta(minutes=60))
    sessions = sources.sessions
    assert await sessions.by_access_tokens([(opened.access_token, NOW)]) == [None]
    assert await sessions.by_access_tokens([(refreshed.access_token, later)]) == [refreshed.session]
    assert await sessions.refresh(refreshed.refresh_token, later + timedelta(days=30)) is None


async def test_for_a_moment_a_used_token_gives_the_same_again_to_who_wants_it_so(
    sources: Sources, mongo: Mongo
) -> None:
    sessions, moment = sources.sessions, timedelta(seconds=10)
    used = (await sessions.open("alice", "hepco", NOW)).refresh_token

    first, *others = await asyncio.gather(
        *(sessions.refresh(used, NOW, again=moment) for _ in "123")
    )
    late = await sessions.refresh(used, NOW + moment * 0.9, again=moment)

    assert first is not None
    assert [first] * 3 == [*others, late]
    assert await sessions.by_access_tokens([(first.access_token, NOW)]) == [first.session]
    assert first.refresh_token.rpartition(".")[2] not in repr(await mongo["sessions"].find_one({}))
    assert await sessions.refresh(used, NOW) is None
    assert await sessions.refresh(f"{used}x", NOW, again=moment) is None
    assert await sessions.refresh(used, NOW + moment, again=moment) is None
    assert await sessions.refresh(first.refresh_token, NOW) is not None
    assert await sessions.refresh(used, NOW, again=moment) is None


async def test_of_tokens_only_hashes_are_kept(sources: Sources, mongo: Mongo) -> None:
    opened = await sources.sessions.open("alice", "hepco", NOW)

    document = await mongo["sessions"].find_one({})

    assert document["accessHash"] == token_hash(opened.access_token)
    assert document["refreshHash"] == token_hash(opened.refresh_token)
    assert opened.access_token not in repr(document)
    assert opened.refresh_token not in repr(document)


async def test_a_facility_keeps_its_number_whatever_is_put_for_its_supply_point(
    sources: Sources,
) -> None:
    world = World(sources)
    one, two = [await world.place("hepco", "alice") for _ in range(2)]
    moved = replace(one, owner="bob", name="別荘")

    assert await sources.facilities.put(moved) == one.number

    assert two.number == one.number + 1
    found = await sources.facilities.by_numbers([one.number, two.number, 999])
    assert found == {one.number: moved, two.number: two}
    numbers = await sources.facilities.numbers_of([two.supply_point, "0" * 22])
    assert numbers == {two.supply_point: two.number}


async def test_facilities_of_a_member_come_in_pages_both_ways(sources: Sources) -> None:
    world = World(sources)
    places = [await world.place("hepco", "alice") for _ in range(5)]
    await world.place("hepco", "bob")

    async def page(key: Facility | None, *, backward: bool = False, search: str = "") -> Any:
        request = PageRequest(2, None if key is None else str(key.number), backward=backward)
        found = await sources.facilities.page("alice", FacilityChoice(search), request)
        return list(found.rows), found.has_previous, found.has_next

    assert await page(None) == (places[:2], False, True)
    assert await page(places[1]) == (places[2:4], True, True)
    assert await page(places[3]) == (places[4:], True, False)
    assert await page(None, backward=True) == (places[3:], True, False)
    assert await page(places[2], backward=True) == (places[:2], False, True)
    assert await page(None, search="c000004") == (places[3:4], False, False)
    assert await sources.facilities.count("alice", FacilityChoice()) == 5
    assert await sources.facilities.count("alice", FacilityChoice("C00000４")) == 1


async def test_bills_are_read_back_newest_first_in_pages_of_many_facilities(
    sources: Sources,
) -> None:
    world = World(sources)
    one, two, three = [await world.place("hepco", "alice") for _ in range(3)]
    months = [date(2040, month, 1) for month in (1, 2, 3)]
    bills = {
        place.number: [await world.bill(place, month) for month in months] for place in (one, two)
    }
    first, second, third = bills[one.number]

    async def pages(key: Bill | None, *, backward: bool = False, wanted: BillChoice = ALL) -> Any:
        request = PageRequest(2, None if key is None else key.order, backward=backward)
        keys = [one.number, two.number, three.number]
        return await sources.bills.pages_of_facilities(keys, "alice", wanted, request)

    newest = await pages(None)
    assert newest[one.number].rows == (third, second)
    assert newest[two.number].rows == tuple(bills[two.number][:0:-1])
    assert newest[three.number].rows == ()
    assert (newest[one.number].has_next, newest[one.number].has_previous) == (True, False)
    assert (await pages(second))[one.number].rows == (first,)
    assert (await pages(None, backward=True))[one.number].rows == (second, first)
    february = BillChoice(date(2040, 2, 1), date(2040, 3, 1))
    assert (await pages(None, wanted=february))[one.number].rows == (second,)
    counts = await sources.bills.counts_of_facilities([one.number, three.number], "alice", ALL)
    assert counts == {one.number: 3, three.number: 0}
    assert await sources.bills.count_of_member("alice", february) == 2
    assert await sources.bills.by_ids([first.id, "hepco/none"]) == {first.id: first}


async def test_a_bill_of_the_same_number_replaces_the_one_before(sources: Sources) -> None:
    world = World(sources)
    place = await world.place("hepco", "alice")
    bill = await world.bill(place, date(2040, 1, 1), usage_wh=100_000)

    again = await world.bill(place, date(2040, 1, 1), usage_wh=200_000)

    assert again.id == bill.id
    assert await sources.bills.by_ids([bill.id]) == {bill.id: replace(again, revision=1)}
    assert await sources.bills.count_of_member("alice", ALL) == 1


async def test_a_bill_gets_a_new_place_whenever_what_is_billed_is_new(sources: Sources) -> None:
    world = World(sources)
    place = await world.place("hepco", "alice")
    bill = await world.bill(place, date(2040, 1, 1))
    other = await world.bill(place, date(2040, 2, 1))
    everything = BillPosition(0, date.min), BillPosition(99, date(2040, 12, 31))

    async def places_after(*changed: Bill) -> list[int]:
        await sources.bills.put(changed, NOW)
        found = await sources.bills.between([place.number], *everything)
        assert [placed.bill.id for placed in found] == [bill.id, other.id]
        assert replace(found[0].bill, revision=0) == changed[0]
        return [placed.place for placed in found]

    payment = Payment(None, PaymentState.PAID, bill.payment.due_on, paid_on=date(2040, 2, 1))
    paid = replace(bill, payment=payment)
    assert await places_after(bill) == [1, 2]
    assert await places_after(paid) == [1, 2]
    assert await places_after(replace(paid, owner="bob")) == [5, 2]
    assert await places_after(replace(paid, usage=1)) == [6, 2]
    assert await places_after(replace(paid, available_on=date(2040, 1, 2)), other) == [7, 2]
    assert await places_after(replace(bill, lines=bill.lines[::-1])) == [8, 2]
    assert await sources.bills.last_place() == 8


async def test_a_bill_that_was_stored_before_there_were_places_is_not_news(
    sources: Sources, mongo: Mongo
) -> None:
    world = World(sources)
    place = await world.place("hepco", "alice")
    bill = await world.bill(place, date(2040, 1, 1))
    await mongo.database.command(
        {
            "update": "bills",
            "updates": [{"q": {"_id": bill.id}, "u": {"$unset": {"place": 1}}}],
            "bypassDocumentValidation": True,
        }
    )

    await sources.bills.put([bill], NOW)

    assert (await mongo["bills"].find_one({"_id": bill.id}))["place"] == 0


async def test_bills_that_processes_store_at_once_get_a_place_for_each_store(
    sources: Sources, mongo: Mongo
) -> None:
    world = World(sources)
    place = await world.place("hepco", "alice")
    bills = [await world.bill(place, date(2039, month, 1)) for month in range(1, 13)]
    moved = [replace(bill, owner="bob") for bill in bills]

    await asyncio.gather(*(BillStore(mongo).put(moved[at : at + 3], NOW) for at in range(0, 12, 3)))

    found = await sources.bills.between(
        [place.number], BillPosition(12, date(2040, 1, 1)), BillPosition(99, date(2040, 1, 1))
    )
    places = [placed.place for placed in found]
    assert [len(set(places[at : at + 3])) for at in range(0, 12, 3)] == [1, 1, 1, 1]
    assert sorted(set(places)) == [13, 14, 15, 16]
