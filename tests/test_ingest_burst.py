"""When all meters report at once: few commands, one announcement each, bounded memory, one order."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from bson import Int64
from pymongo.errors import AutoReconnect
from pymongo.monitoring import CommandStartedEvent

from datasources.announcements import Announcer
from datasources.mongo import Mongo
from datasources.usage_writes import DAYS_PER_TRANSACTION, Stored, UsageWriter
from domain.reading_rows import ReadingRows
from domain.readings import Direction, NewReading, Quality
from domain.settings import Settings
from domain.slots import day_of_date, first_slot
from domain.stored import Announcement, ReadingColumns
from domain.usage_days import Outcome
from resolvers import intake
from resolvers.intake import Intake, store_columns
from resolvers.sources import Sources, open_sources
from tests.api import NOW, Api, CommandLog
from tests.meters import Meters
from tests.world import World

FIRST = first_slot(day_of_date(datetime(2040, 6, 1, tzinfo=UTC).date()))
FACILITIES, HALVES = 2000, 10


class CollectionLog(CommandLog):
    """Commands with their collections."""

    def name(self, event: CommandStartedEvent) -> str:
        return f"{event.command_name} {event.command[event.command_name]}"


@pytest.fixture
def commands() -> CollectionLog:
    return CollectionLog()


@pytest.fixture
async def meters(api: Api, world: World) -> Meters:
    return await Meters.made(api, world)


async def street(meters: Meters, count: int) -> list[str]:
    """Supply point numbers of so many new facilities like Alice's."""
    facilities = meters.api.sources.mongo["facilities"]
    alice = await facilities.find_one({"_id": meters.world.alice.facility.number})
    places = [
        alice | {"_id": Int64(number), "supplyPointNumber": f"05{number:020d}"}
        for number in range(1000, 1000 + count)
    ]
    await facilities.insert_many(places)
    return [place["supplyPointNumber"] for place in places]


def half_hour(*facilities: int, slot: int, wh: int = 100, revision: int = -1) -> ReadingColumns:
    """A reading of one half hour since FIRST by each facility."""
    count = len(facilities)
    return ReadingColumns(
        np.array(facilities, np.int64),
        np.full(count, Direction.IMPORT, np.int64),
        np.full(count, FIRST + slot, np.int64),
        np.full(count, wh, np.int32),
        np.full(count, Quality.SETTLED, np.int32),
        np.full(count, revision, np.int32),
    )


async def places_taken(sources: Sources, facility: int) -> list[int]:
    """Places of a facility's order that are in its days, up to where its head stands."""
    order = (await sources.usage.heads([facility]))[facility].order
    found = await sources.usage.stored_between({facility: 0}, {facility: order})
    assert len(found) == order
    return [reading.order for reading in found]


async def test_20_000_readings_take_seven_commands_for_every_transaction(
    meters: Meters, commands: CollectionLog
) -> None:
    numbers = await street(meters, FACILITIES)
    transactions = FACILITIES // DAYS_PER_TRANSACTION
    for written, halves in (("insert", range(HALVES)), ("update", range(HALVES, 2 * HALVES))):
        lines = [
            meters.line(half, 0.1, supplyPointNumber=number)
            for half, number in itertools.product(halves, numbers)
        ]
        commands.names.clear()

        assert await meters.send(*lines) == {"stored": 20_000}

        assert Counter(commands.names) == {
            "find serviceTokens": 1,
            "find ingestBatches": 1,
            "find facilities": 1,
            "find usageDays": transactions,
            "find usageHeads": transactions,
            f"{written} usageDays": transactions,
            f"{written} usageHeads": transactions,
            "insert unpublished": transactions,
            "commitTransaction 1": transactions,
            "delete unpublished": transactions,
            "findAndModify ingestBatches": 1,
        }


async def test_a_facility_is_announced_once_with_all_of_its_readings_in_order(
    meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await street(meters, 300)
    published: list[Announcement] = []
    publish = Announcer.publish

    async def noted(announcer: Announcer, announcements: Sequence[Announcement]) -> bool:
        published.extend(announcements)
        return await publish(announcer, announcements)

    monkeypatch.setattr(Announcer, "publish", noted)
    lines = [
        meters.line(half, half / 1000, supplyPointNumber=number)
        for half, number in itertools.product(range(5), numbers)
    ]

    assert await meters.send(*lines) == {"stored": 1500}

    assert sorted(one.facility for one in published) == list(range(1000, 1300))
    for one in published:
        assert (one.first, one.last) == (1, 5)
        told = [(reading.order, reading.wh) for reading in one.readings or ()]
        assert told == [(order, order - 1) for order in range(1, 6)]


async def test_rows_wait_while_as_many_as_there_is_room_for_are_being_stored(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ROWS_AT_ONCE", 3)
    storing, go_on = asyncio.Event(), asyncio.Event()
    taken: list[int] = []

    async def held(_: Any, rows: ReadingRows, *__: Any) -> None:
        storing.set()
        await go_on.wait()
        taken.append(len(rows))

    monkeypatch.setattr(intake, "take_rows", held)
    async with asyncio.timeout(20), Intake.of(sources, NOW) as taking:
        await taking.take(rows(2))
        await taking.take(rows(1))
        await storing.wait()
        await taking.take(rows(2))
        full = asyncio.create_task(taking.take(rows(1)))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not full.done()
        go_on.set()
        await full
    assert taken == [3, 3]


def rows(count: int) -> ReadingRows:
    return ReadingRows.of(
        (line, NewReading("0" * 22, Direction.IMPORT, FIRST, 1, Quality.SETTLED, None))
        for line in range(1, count + 1)
    )


async def test_readings_of_a_half_hour_meet_each_other_in_their_order_however_rows_are_cut(
    meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ROWS_AT_ONCE", 4)
    lines = [meters.line(half, wh / 1000) for wh in range(1, 10) for half in range(3)]

    assert await meters.send(*lines) == {"stored": 3, "corrected": 24}

    assert await meters.points(3) == [(0.009, "SETTLED", 8)] * 3


async def test_lines_of_many_facilities_are_rejected_by_their_own_numbers(meters: Meters) -> None:
    numbers = [*reversed(await street(meters, 40)), "05" + "9" * 20]
    await meters.send(
        *(meters.line(0, 0.1, supplyPointNumber=number, revision=1) for number in numbers[:40])
    )
    lines = [
        meters.line(0, 0.2, supplyPointNumber=number, revision=revision)
        for number, revision in zip(numbers, itertools.cycle((0, 1, 2)), strict=False)
    ]

    answer = await meters.send(*lines, b"{")

    clash = "revision 1 is stored with another value"
    assert [(item["line"], item["reason"]) for item in answer.pop("rejections")] == [
        *((line, clash) for line in range(2, 41, 3)),
        (41, f"no facility has supply point number {numbers[40]}"),
        (42, "not a JSON object: unexpected end of data at column 2"),
    ]
    assert answer == {"unchanged": 14, "corrected": 13, "rejected": 15}


async def test_a_burst_that_broke_off_is_completed_by_sending_it_again(
    meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await street(meters, 30)
    lines = [
        meters.line(half, 0.1, supplyPointNumber=number)
        for half, number in itertools.product(range(3), numbers)
    ]
    monkeypatch.setattr(intake, "DAYS_PER_TRANSACTION", 4)
    store = UsageWriter.store
    calls = itertools.count()

    async def failing(writer: UsageWriter, *batch: Any) -> Stored:
        if next(calls) == 3:
            raise AutoReconnect("gone")
        return await store(writer, *batch)

    with monkeypatch.context() as broken:
        broken.setattr(UsageWriter, "store", failing)
        status, code, _ = await meters.refused(b"\n".join(lines), idempotency_key="burst")
    assert (status, code) == (503, "UNAVAILABLE")
    assert next(calls) < 8  # nothing was begun after the failure

    answer = await meters.send(*lines, idempotency_key="burst")

    assert 0 < answer["unchanged"] < 90
    assert answer["stored"] + answer["unchanged"] == 90
    for number in range(1000, 1030):
        assert await places_taken(meters.api.sources, number) == [1, 2, 3]
    assert await meters.api.sources.mongo["unpublished"].count_documents({}) == 0


async def test_two_that_write_the_same_facilities_at_once_give_each_one_order_without_holes(
    sources: Sources, settings: Settings
) -> None:
    other = open_sources(settings, Mongo(settings.mongodb_url, database=sources.mongo.name))
    facilities = range(1, 121)
    both = (sources, other)
    shared = 90
    outcomes: list[int] = []
    for half in range(0, 6, 2):
        stored = await asyncio.gather(
            *(
                store_columns(writer, half_hour(*facilities, slot=half + which), NOW)
                for which, writer in enumerate(both)
            ),
            *(
                store_columns(writer, half_hour(*facilities, slot=shared, wh=half + which), NOW)
                for which, writer in enumerate(both)
            ),
        )
        assert all((each == Outcome.STORED).all() for each in stored[:2])
        outcomes += np.concatenate(stored[2:]).tolist()
    await other.announcer.close()
    await other.mongo.close()

    assert Counter(outcomes) == {Outcome.STORED: 120, Outcome.CORRECTED: 5 * 120}
    heads = await sources.usage.heads(list(facilities))
    assert {head.order for head in heads.values()} == {12}
    found = await sources.usage.stored_between(
        dict.fromkeys(facilities, 0), dict.fromkeys(facilities, 12)
    )
    places = {facility: set[int]() for facility in facilities}
    for reading in found:
        assert reading.order not in places[reading.facility]
        places[reading.facility].add(reading.order)
    replaced = {facility: set(range(1, 13)) - taken for facility, taken in places.items()}
    assert {len(taken) for taken in places.values()} == {7}
    assert {len(gone) for gone in replaced.values()} == {5}  # what the shared half hour had before
