"""The readings subscription: what it delivers, in which order, and with which cursors."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from pymongo.monitoring import CommandStartedEvent

from datasources.stored_rows import StoredRows
from datasources.usage import UsageReader
from domain.settings import Settings
from domain.slots import TOKYO, day_of_date, first_slot
from domain.stream_cursor import encode_positions
from schema.nodes import node_id
from tests.api import Api, Clock, CommandLog
from tests.known_usage import slots_of, tokyo
from tests.meters import Meters
from tests.stream import READINGS, cursor_of, error_of, kwh_of, live, store, subscribed
from tests.world import World

Work = Callable[[], Coroutine[None, None, None]]
AtNextBatch = Callable[[Work], None]


@pytest.fixture
def beat() -> float:
    """Seconds between heartbeats: so many that none of them finds what an announcement should bring."""
    return 60.0


@pytest.fixture
def settings(settings: Settings, beat: float) -> Settings:
    return replace(settings, heartbeat_seconds=beat)


async def test_a_subscription_begins_by_saying_how_things_stand(
    api: Api, world: World, clock: Clock
) -> None:
    await world.use(world.alice.facility, date(2040, 6, 15), 1)
    cursor = await cursor_of(api, world.alice)

    async with subscribed(api, world.alice) as socket:
        assert await socket.event() == {
            "reading": None,
            "cursor": cursor,
            "state": "LIVE",
            "lastReceivedAt": clock.now.astimezone(TOKYO).isoformat(),
        }


async def test_a_reading_that_the_meter_system_hands_in_arrives(
    api: Api, world: World, clock: Clock
) -> None:
    meters = await Meters.made(api, world)
    received_at = clock.now.astimezone(TOKYO).isoformat()
    async with live(api, world.alice) as socket:
        await meters.send(meters.line(0, 0.25, direction="EXPORT", quality="PROVISIONAL"))

        event = await socket.reading()

    assert event["reading"] == {
        "facilityId": world.alice.facility_id,
        "startAt": "2040-06-01T00:00:00+09:00",
        "endAt": "2040-06-01T00:30:00+09:00",
        "direction": "EXPORT",
        "kwh": 0.25,
        "quality": "PROVISIONAL",
        "revision": 0,
        "receivedAt": received_at,
    }
    assert (event["state"], event["lastReceivedAt"]) == ("LIVE", received_at)
    assert event["cursor"] == await cursor_of(api, world.alice)


async def test_after_a_series_cursor_comes_what_was_stored_since_in_order_and_then_the_present(
    api: Api, world: World
) -> None:
    facility = world.alice.facility
    await store(world, facility, 1, 2)
    cursor = await cursor_of(api, world.alice)
    await store(world, facility, 5, 3, half=7)
    await store(world, facility, 4, half=1)  # a correction of an earlier half hour

    async with subscribed(api, world.alice, cursor) as socket:
        past = [await socket.event() for _ in range(4)]
        await store(world, facility, 9, half=20)
        event = await socket.reading()

    assert [each["reading"] and each["reading"]["kwh"] for each in past] == [
        0.005,
        0.003,
        0.004,
        None,
    ]
    assert past[2]["reading"]["revision"] == 1
    assert [each["state"] for each in past] == ["CATCHING_UP"] * 3 + ["STALE"]
    assert (event["reading"]["kwh"], event["state"]) == (0.009, "LIVE")


async def test_every_event_has_a_cursor_to_go_on_from_exactly_there(api: Api, world: World) -> None:
    cursor = await cursor_of(api, world.alice)
    await store(world, world.alice.facility, 1, 2, 3)
    async with subscribed(api, world.alice, cursor) as socket:
        second = [await socket.event(), await socket.event()][1]

    async with subscribed(api, world.alice, second["cursor"]) as socket:
        third = await socket.event()
        assert (third["reading"]["kwh"], third["state"]) == (0.003, "CATCHING_UP")
        assert (await socket.event())["reading"] is None


async def test_a_reading_that_comes_twice_has_the_same_name(api: Api, world: World) -> None:
    cursor = await cursor_of(api, world.alice)
    await store(world, world.alice.facility, 1, 2, 2)

    heard = []
    for _ in range(2):
        async with subscribed(api, world.alice, cursor) as socket:
            heard.append(await socket.readings(3))

    names = [
        [
            tuple(each[key] for key in ("facilityId", "direction", "startAt", "revision"))
            for each in readings
        ]
        for readings in heard
    ]
    assert names[0] == names[1]
    assert len(set(names[0])) == 3


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_what_is_stored_while_the_past_is_read_is_neither_lost_nor_out_of_order(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    read = UsageReader.stored_between

    async def stored_between(reader: UsageReader, *places: Any) -> StoredRows:
        monkeypatch.undo()
        if moment == "before":
            await store(world, world.alice.facility, 3, half=2)
        found = await read(reader, *places)
        if moment == "after":
            await store(world, world.alice.facility, 3, half=2)
        return found

    cursor = await cursor_of(api, world.alice)
    await store(world, world.alice.facility, 1, 2)
    monkeypatch.setattr(UsageReader, "stored_between", stored_between)

    async with subscribed(api, world.alice, cursor) as socket:
        assert await kwh_of(socket, 3) == [0.001, 0.002, 0.003]


async def test_readings_stored_between_two_batches_of_the_past_are_not_lost(
    api: Api, world: World, at_next_batch: AtNextBatch
) -> None:
    """The past is read in several round trips, and a transaction may land between two of them."""
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
    one, two = dana.facilities
    beginning = encode_positions({one.number: 0, two.number: 0})
    days = first_slot(day_of_date(date(2039, 6, 1))) + 48 * np.arange(200, dtype=np.int64)
    await world.store(one, days, np.full(200, 100, np.int32))
    await store(world, two, 200)

    async def land() -> None:
        """Correct a day that was read already and one that was not yet."""
        await world.store(one, days[[0, 199]], np.array([701, 702], np.int32))

    at_next_batch(land)
    async with subscribed(api, dana, beginning) as socket:
        heard = await kwh_of(socket, 202)

    assert heard == [0.1] * 199 + [0.2, 0.701, 0.702]


@pytest.fixture
async def at_next_batch(commands: CommandLog, monkeypatch: pytest.MonkeyPatch) -> AtNextBatch:
    """Gets something done while the next `getMore` waits; Motor tells of commands in its threads."""
    loop = asyncio.get_running_loop()

    def arm(work: Work) -> None:
        def started(event: CommandStartedEvent) -> None:
            if event.command_name == "getMore":
                monkeypatch.undo()
                asyncio.run_coroutine_threadsafe(work(), loop).result(10)

        monkeypatch.setattr(commands, "started", started)

    return arm


async def test_a_subscription_of_two_facilities_hears_both_and_no_other(
    api: Api, world: World
) -> None:
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=3)
    one, two, three = dana.facilities
    async with subscribed(api, dana, ids=dana.facility_ids[:2]) as socket:
        await socket.event()
        await store(world, three, 1)
        await store(world, world.bob.facility, 2)
        await store(world, two, 3)
        await store(world, one, 4)

        heard = await socket.readings(2)

    assert [(each["facilityId"], each["kwh"]) for each in heard] == [
        (dana.facility_ids[1], 0.003),
        (dana.facility_ids[0], 0.004),
    ]


async def test_a_cursor_of_more_facilities_serves_some_of_them(api: Api, world: World) -> None:
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
    async with live(api, dana) as socket:
        await store(world, dana.facilities[0], 1)
        cursor = (await socket.reading())["cursor"]
    await store(world, dana.facilities[0], 2, half=5)
    await store(world, dana.facilities[1], 3)

    async with subscribed(api, dana, cursor, dana.facility_ids[:1]) as socket:
        assert await kwh_of(socket, 1) == [0.002]
        assert (await socket.event())["reading"] is None


async def test_what_was_used_before_the_contract_began_is_not_sent(api: Api, world: World) -> None:
    place = await world.place("denki-jtb", world.alice.member, start_on=date(2040, 6, 2))
    world.alice.facilities.insert(0, place)
    beginning = encode_positions({place.number: 0})
    await store(world, place, 1, 2)
    async with subscribed(api, world.alice, beginning, [world.alice.facility_id]) as socket:
        standing = await socket.event()
        assert standing["reading"] is None
        assert standing["cursor"] == encode_positions({place.number: 2})
        await store(world, place, 3, half=2)
        await store(world, place, 4, 5, half=47)

        event = await socket.reading()

    assert (event["reading"]["kwh"], event["reading"]["startAt"]) == (
        0.005,
        "2040-06-02T00:00:00+09:00",
    )


async def test_more_readings_than_are_announced_arrive_complete_and_in_order(
    api: Api, world: World
) -> None:
    wh = np.arange(1, 10 * 48 + 1, dtype=np.int32)
    async with live(api, world.alice) as socket:
        await store(world, world.alice.facility, *wh.tolist())

        assert await kwh_of(socket, 480) == (wh / 1000).tolist()


@pytest.mark.parametrize("beat", [0.1])
async def test_a_quiet_subscription_is_stale_while_readings_are_overdue(
    api: Api, world: World, clock: Clock
) -> None:
    start, end = tokyo(2040, 6, 15, 10), tokyo(2040, 6, 15, 11)
    await world.store(world.alice.facility, slots_of(start, end), np.full(2, 300, np.int32))
    async with live(api, world.alice) as socket:
        clock.now = tokyo(2040, 6, 15, 12, 59) + timedelta(seconds=59)
        assert (await socket.event())["state"] == "LIVE"
        clock.advance(seconds=1)
        while (event := await socket.event())["state"] == "LIVE":
            pass
        assert (event["state"], event["reading"]) == ("STALE", None)
        await world.reading(world.alice.facility, end, 400)
        assert (await socket.reading())["state"] == "LIVE"
        assert (await socket.event())["state"] == "LIVE"


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        (lambda world: [world.bob.facility_id], "NOT_FOUND"),
        (lambda world: [world.alice.facility_id, world.bob.facility_id], "NOT_FOUND"),
        (lambda world: [node_id("Facility", 999_999)], "NOT_FOUND"),
        (lambda world: [world.alice.member_id], "BAD_INPUT"),
        (lambda world: [], "BAD_INPUT"),
        (
            lambda world: [node_id("Facility", number) for number in range(1, 102)],
            "RANGE_TOO_LARGE",
        ),
    ],
    ids=["another's", "one of two", "no such", "a member", "none", "too many"],
)
async def test_only_facilities_of_the_member_can_be_subscribed(
    api: Api, world: World, ids: Callable[[World], list[str]], code: str
) -> None:
    async with api.socket(world.alice.token) as socket:
        await socket.subscribe("1", READINGS, ids=ids(world))

        assert await socket.error_code() == code
    assert api.sources.hub.channels == 0


async def test_nobody_can_subscribe_without_a_session(api: Api, world: World) -> None:
    async with api.socket() as socket:
        await socket.subscribe("1", READINGS, ids=[world.alice.facility_id])

        assert await socket.error_code() == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("cursor", "message"),
    [
        (lambda world: "", "after: cursor '' is unknown"),
        (lambda world: "abc", "after: cursor 'abc' is unknown"),
        (lambda world: "日本", "after: cursor '日本' is unknown"),
        (
            lambda world: encode_positions({world.bob.facility.number: 0}),
            "after: this cursor is not of these facilities (1 are not in it)",
        ),
        (
            lambda world: encode_positions({world.alice.facility.number: 4}),
            "after: this cursor is of readings that were never stored",
        ),
    ],
    ids=["empty", "short", "no ASCII", "another facility", "the future"],
)
async def test_a_cursor_that_is_not_of_these_readings_is_refused(
    api: Api, world: World, cursor: Callable[[World], str], message: str
) -> None:
    await store(world, world.alice.facility, 1, 2, 3)

    async with subscribed(api, world.alice, cursor(world)) as socket:
        assert await error_of(socket) == {"code": "BAD_INPUT", "message": message}
