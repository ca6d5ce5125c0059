"""The subscription of the running day: what it tells, when, and to whom."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from datasources.mongo import Mongo
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import TOKYO
from resolvers.sources import open_sources
from tests.api import Api, Clock, Socket, eventually
from tests.known_usage import slots_of, tokyo
from tests.stream import error_of
from tests.world import Person, World

FIELDS = """
  startAt asOf kwh kwhYesterdayByThisTime kwhYesterday yen missingHalfHours forecastKwh
  readingPeriod { from to kwhSoFar missingHalfHours forecastKwh forecastYen }
  state lastReceivedAt
"""
TODAY = f"subscription ($id: ID!) {{ usageToday(facilityId: $id) {{ {FIELDS} }} }}"
ASKED = f"query ($id: ID!) {{ facility(id: $id) {{ today {{ {FIELDS} }} }} }}"
MIDNIGHT = tokyo(2040, 6, 15)
NOON = tokyo(2040, 6, 15, 12)
LOG_OUT = "mutation { logOut { userErrors { code } } }"


@pytest.fixture
def beat() -> float:
    """Seconds between heartbeats: so many that none of them tells what a reading should."""
    return 60.0


@pytest.fixture
def settings(settings: Settings, beat: float) -> Settings:
    return replace(settings, heartbeat_seconds=beat)


@asynccontextmanager
async def today(api: Api, person: Person) -> AsyncIterator[Socket]:
    """A subscription of the day of somebody's first facility."""
    async with api.socket(person.token) as socket:
        await socket.subscribe("1", TODAY, id=person.facility_id)
        yield socket


async def told(socket: Socket) -> dict[str, Any]:
    return await socket.event("usageToday")


async def until(socket: Socket, **wanted: Any) -> dict[str, Any]:
    """The first event with these values, however many others come before."""
    async with asyncio.timeout(20):
        while not wanted.items() <= (event := await told(socket)).items():
            pass
    return event


async def use(
    world: World,
    start: datetime,
    end: datetime,
    wh: int | Sequence[int] = 100,
    direction: Direction = Direction.IMPORT,
) -> None:
    """Use of Alice's facility, the same in every half hour of a span unless given one by one."""
    slots = slots_of(start, end)
    values = np.full(len(slots), wh, np.int32)
    await world.store(world.alice.facility, slots, values, direction=direction)


async def test_it_tells_at_once_how_the_day_and_its_reading_period_stand(
    api: Api, world: World, clock: Clock
) -> None:
    await use(world, tokyo(2040, 5, 1), NOON)
    await world.period(world.alice.facility, date(2040, 5, 12), date(2040, 6, 12))

    async with today(api, world.alice) as socket:
        event = await told(socket)

    assert event == {
        "startAt": "2040-06-15T00:00:00+09:00",
        "asOf": "2040-06-15T12:00:00+09:00",
        "kwh": 2.4,
        "kwhYesterdayByThisTime": 2.4,
        "kwhYesterday": 4.8,
        "yen": None,
        "missingHalfHours": 0,
        "forecastKwh": 4.8,
        "readingPeriod": {
            "from": "2040-06-12T00:00:00+09:00",
            "to": "2040-07-12T00:00:00+09:00",
            "kwhSoFar": 16.8,
            "missingHalfHours": 0,
            "forecastKwh": 144.0,
            "forecastYen": None,
        },
        "state": "LIVE",
        "lastReceivedAt": clock.now.astimezone(TOKYO).isoformat(),
    }


async def test_without_any_reading_it_says_what_is_missing_and_forecasts_nothing(
    api: Api, world: World
) -> None:
    async with today(api, world.alice) as socket:
        assert await told(socket) == {
            "startAt": "2040-06-15T00:00:00+09:00",
            "asOf": "2040-06-15T00:00:00+09:00",
            "kwh": 0.0,
            "kwhYesterdayByThisTime": 0.0,
            "kwhYesterday": 0.0,
            "yen": None,
            "missingHalfHours": 21,
            "forecastKwh": None,
            "readingPeriod": None,
            "state": "STALE",
            "lastReceivedAt": None,
        }


async def test_a_query_of_the_same_moment_answers_the_same(api: Api, world: World) -> None:
    await use(world, tokyo(2040, 5, 20), NOON, range(70, 70 + 48 * 26 + 24))
    await world.period(world.alice.facility, date(2040, 4, 12), date(2040, 5, 12))

    async with today(api, world.alice) as socket:
        event = await told(socket)

    data = await api.data(ASKED, world.alice.token, id=world.alice.facility_id)
    assert data["facility"]["today"] == event
    assert event["forecastKwh"] > event["kwh"] > 0
    assert event["readingPeriod"]["forecastKwh"] > event["readingPeriod"]["kwhSoFar"] > 0
    assert event["readingPeriod"]["from"] == "2040-06-12T00:00:00+09:00"


async def test_a_new_reading_counts_at_once_in_the_day_its_forecast_and_its_period(
    api: Api, world: World
) -> None:
    await use(world, tokyo(2040, 5, 1), NOON)
    await world.period(world.alice.facility, date(2040, 5, 12), date(2040, 6, 12))
    async with today(api, world.alice) as socket:
        await told(socket)
        await world.reading(world.alice.facility, NOON, 150, quality=Quality.PROVISIONAL)
        event = await told(socket)

    assert (event["kwh"], event["asOf"]) == (2.55, "2040-06-15T12:30:00+09:00")
    assert event["kwhYesterdayByThisTime"] == 2.5
    # The half hour runs: it has more than expected already.
    assert event["forecastKwh"] == 4.85
    assert event["readingPeriod"]["kwhSoFar"] == 16.95
    assert event["readingPeriod"]["forecastKwh"] == 144.05


async def test_a_correction_replaces_what_was_counted(api: Api, world: World) -> None:
    await use(world, MIDNIGHT, NOON)
    async with today(api, world.alice) as socket:
        await told(socket)
        await world.reading(world.alice.facility, tokyo(2040, 6, 15, 3), 900)
        assert (await told(socket))["kwh"] == 3.2
        await world.reading(world.alice.facility, tokyo(2040, 6, 15, 3), 40, revision=7)
        assert (await told(socket))["kwh"] == 2.34


async def test_readings_that_come_together_are_told_of_together(api: Api, world: World) -> None:
    async with today(api, world.alice) as socket:
        await told(socket)
        await use(world, MIDNIGHT, NOON)
        assert (await told(socket))["kwh"] == 2.4
        await world.reading(world.alice.facility, NOON, 100)
        assert (await told(socket))["kwh"] == 2.5


async def test_a_correction_of_an_earlier_day_is_seen_at_once(api: Api, world: World) -> None:
    await use(world, tokyo(2040, 6, 14), NOON)
    async with today(api, world.alice) as socket:
        assert (await told(socket))["kwhYesterday"] == 4.8
        await world.reading(world.alice.facility, tokyo(2040, 6, 14, 23), 1100)
        event = await told(socket)

    assert (event["kwhYesterday"], event["kwhYesterdayByThisTime"], event["kwh"]) == (5.8, 2.4, 2.4)


async def test_more_readings_than_are_announced_are_all_counted(api: Api, world: World) -> None:
    async with today(api, world.alice) as socket:
        await told(socket)
        await use(world, tokyo(2040, 6, 1), NOON)
        event = await until(socket, kwh=2.4)

    assert (event["kwhYesterday"], event["forecastKwh"]) == (4.8, 4.8)


async def test_what_is_fed_in_is_not_counted_but_was_received(
    api: Api, world: World, clock: Clock
) -> None:
    await use(world, MIDNIGHT, NOON)
    async with today(api, world.alice) as socket:
        before = await told(socket)
        clock.advance(seconds=5)
        await use(world, MIDNIGHT, NOON, 7000, Direction.EXPORT)
        after = await told(socket)

    received_at = clock.now.astimezone(TOKYO).isoformat()
    assert after == before | {"lastReceivedAt": received_at}


async def test_what_was_used_before_the_contract_began_is_not_counted(
    api: Api, world: World
) -> None:
    place = await world.place("denki-jtb", world.alice.member, start_on=date(2040, 6, 15))
    world.alice.facilities.insert(0, place)
    await use(world, tokyo(2040, 5, 1), NOON)
    async with today(api, world.alice) as socket:
        event = await told(socket)
        await world.reading(place, tokyo(2040, 6, 14), 9)
        await world.reading(place, NOON, 100)
        after = await told(socket)

    assert (event["kwhYesterday"], event["kwh"], event["forecastKwh"]) == (0.0, 2.4, None)
    assert (after["kwhYesterday"], after["kwh"]) == (0.0, 2.5)


@pytest.mark.parametrize("beat", [0.1])
async def test_heartbeats_tell_how_things_stand_and_when_readings_are_overdue(
    api: Api, world: World, clock: Clock
) -> None:
    received_at = clock.now.astimezone(TOKYO).isoformat()
    end = tokyo(2040, 6, 15, 11)
    await use(world, MIDNIGHT, end)
    async with today(api, world.alice) as socket:
        first = await told(socket)
        assert (first["state"], first["missingHalfHours"]) == ("LIVE", 0)
        assert await told(socket) == first
        clock.now = tokyo(2040, 6, 15, 13)
        event = await until(socket, state="STALE", missingHalfHours=1)
        assert (event["kwh"], event["lastReceivedAt"]) == (2.2, received_at)
        await world.reading(world.alice.facility, end, 100)
        event = await until(socket, state="LIVE")

    assert (event["kwh"], event["missingHalfHours"]) == (2.3, 0)


@pytest.mark.parametrize("beat", [0.1])
async def test_a_reading_period_that_is_told_later_is_seen_within_a_half_hour(
    api: Api, world: World, clock: Clock
) -> None:
    await use(world, tokyo(2040, 6, 1), NOON)
    async with today(api, world.alice) as socket:
        assert (await told(socket))["readingPeriod"] is None
        await world.period(world.alice.facility, date(2040, 5, 12), date(2040, 6, 12))
        clock.advance(minutes=30)
        while (event := await told(socket))["readingPeriod"] is None:
            pass

    assert event["readingPeriod"]["kwhSoFar"] == 16.8


@pytest.mark.parametrize("beat", [0.1])
async def test_after_midnight_a_heartbeat_tells_of_the_new_day(
    api: Api, world: World, clock: Clock
) -> None:
    clock.now = tokyo(2040, 6, 15, 23, 40)
    erin = await world.person("denki-jtb", "erin@example.jp")
    await world.use(erin.facility, date(2040, 6, 15), 1)
    async with today(api, erin) as socket:
        before = await told(socket)
        clock.advance(minutes=21)
        event = await until(socket, startAt="2040-06-16T00:00:00+09:00")

    assert (event["kwh"], event["asOf"]) == (0.0, "2040-06-16T00:00:00+09:00")
    assert (event["kwhYesterday"], event["kwhYesterdayByThisTime"]) == (before["kwh"], 0.0)


async def test_a_reading_of_the_new_day_begins_it(api: Api, world: World, clock: Clock) -> None:
    clock.now = tokyo(2040, 6, 15, 23, 40)
    erin = await world.person("denki-jtb", "erin@example.jp")
    async with today(api, erin) as socket:
        await told(socket)
        clock.advance(minutes=21)
        await world.reading(erin.facility, tokyo(2040, 6, 16), 30)
        event = await told(socket)

    assert (event["startAt"], event["kwh"]) == ("2040-06-16T00:00:00+09:00", 0.03)


class RunningClock(Clock):
    """A clock that stands still until it is started."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._started: float | None = None

    def start(self) -> None:
        self._started = time.monotonic()

    def __call__(self) -> datetime:
        gone = 0 if self._started is None else int((time.monotonic() - self._started) * 1000)
        return self.now + timedelta(milliseconds=gone)


async def test_a_new_day_begins_by_itself_at_midnight(settings: Settings, mongo: Mongo) -> None:
    clock = RunningClock(tokyo(2040, 6, 16) - timedelta(milliseconds=200))
    async with Api.serving(open_sources(settings, mongo, clock)) as api:
        world = await World.made(api.sources)
        async with today(api, world.alice) as socket:
            assert (await told(socket))["startAt"] == "2040-06-15T00:00:00+09:00"
            clock.start()
            assert (await told(socket))["startAt"] == "2040-06-16T00:00:00+09:00"


async def test_those_who_ask_for_the_same_share_it_and_leave_nothing_behind(
    api: Api, world: World
) -> None:
    async with today(api, world.alice) as socket, today(api, world.alice) as other:
        first = await told(socket)
        assert await told(other) == first
        await use(world, MIDNIGHT, NOON)
        assert (await told(socket))["kwh"] == 2.4
        assert (await until(other, kwh=2.4))["kwh"] == 2.4
        assert api.sources.live.streams == 1

    await eventually(lambda: api.sources.live.streams == 0)
    await eventually(lambda: api.sources.hub.channels == 0)


async def test_it_ends_before_the_next_event_when_the_facility_changes_hands(
    api: Api, world: World
) -> None:
    async with today(api, world.alice) as socket:
        await told(socket)
        await world.change(world.alice.facility, owner=world.bob.member)
        await world.reading(world.alice.facility, NOON, 100)

        assert await error_of(socket) == {
            "code": "FORBIDDEN",
            "message": "a facility of this subscription may no longer be seen",
        }


async def test_it_ends_before_the_next_event_when_its_member_logs_out(
    api: Api, world: World
) -> None:
    async with today(api, world.alice) as socket:
        await told(socket)
        await api.data(LOG_OUT, world.alice.token)
        await world.reading(world.alice.facility, NOON, 100)

        assert (await error_of(socket))["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("field", "code"), [("facility_id", "NOT_FOUND"), ("member_id", "BAD_INPUT")]
)
async def test_only_facilities_of_the_member_can_be_subscribed(
    api: Api, world: World, field: str, code: str
) -> None:
    async with api.socket(world.alice.token) as socket:
        await socket.subscribe("1", TODAY, id=getattr(world.bob, field))

        assert await socket.error_code() == code
    await eventually(lambda: api.sources.live.streams == 0)
