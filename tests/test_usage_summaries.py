"""What is told about usage as a whole: profiles, comparison, today, the latest reading."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from domain.facilities import Facility
from domain.readings import Direction, Quality
from domain.slots import TOKYO
from tests.api import Api, Clock
from tests.known_usage import HALF_HOUR, points_of, slots_of, tokyo, wh_of
from tests.world import World, usage_of

PROFILE = """
query ($id: ID!, $from: DateTime!, $to: DateTime!, $by: ProfileBasis!) {
  facility(id: $id) {
    usageProfile(from: $from, to: $to, by: $by) {
      from to by direction points { group averageKwh halfHours }
    }
  }
}
"""
COMPARED = """
query ($id: ID!, $from: DateTime!, $to: DateTime!, $what: Comparison!) {
  facility(id: $id) {
    usage(from: $from, to: $to, resolution: DAY) {
      comparedWith(what: $what) { from to resolution totalKwh points { startAt kwh } }
    }
  }
}
"""
TODAY = """
query ($id: ID!) {
  facility(id: $id) { today { startAt asOf kwh kwhYesterdayByThisTime kwhYesterday } }
}
"""
LATEST = """
query ($id: ID!, $direction: Direction! = IMPORT) {
  facility(id: $id) {
    latestReading(direction: $direction) {
      facilityId startAt endAt direction kwh yen quality revision receivedAt
    }
  }
}
"""
REST_DAYS = {date(2040, 4, 30), date(2040, 5, 3), date(2040, 5, 4)}
"""Public holidays from 28 April to 12 May 2040 that are not on a weekend."""


def day_kind(at: datetime) -> int:
    return int(at.weekday() >= 5 or at.date() in REST_DAYS)


@pytest.mark.parametrize(
    ("by", "groups", "per", "group_of"),
    [
        ("HALF_HOUR_OF_DAY", 48, 1, lambda at: at.hour * 2 + at.minute // 30),
        ("WEEKDAY", 7, 48, lambda at: at.weekday()),
        ("DAY_KIND", 2, 48, day_kind),
    ],
)
async def test_a_profile_is_the_average_of_the_values_that_are_there(
    api: Api, world: World, by: str, groups: int, per: int, group_of: Callable[[datetime], int]
) -> None:
    facility = world.alice.facility
    start, end = tokyo(2040, 4, 28), tokyo(2040, 5, 13)
    slots = slots_of(start, end)
    there = np.ones(len(slots), np.bool_)
    there[100:130] = False
    wh = usage_of(facility.number, slots)
    await world.store(facility, slots[there], wh[there])

    given = {
        "id": world.alice.facility_id,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "by": by,
    }
    data = await api.data(PROFILE, world.alice.token, **given)

    values: list[list[int]] = [[] for _ in range(groups)]
    for index in np.flatnonzero(there).tolist():
        values[group_of(start + index * HALF_HOUR)].append(int(wh[index]))
    profile = data["facility"]["usageProfile"]
    assert (profile["by"], profile["direction"]) == (by, "IMPORT")
    assert (profile["from"], profile["to"]) == (start.isoformat(), end.isoformat())
    assert [point["group"] for point in profile["points"]] == list(range(groups))
    assert [point["halfHours"] for point in profile["points"]] == [len(group) for group in values]
    averages = [sum(group) / len(group) * per / 1000 for group in values]
    assert [point["averageKwh"] for point in profile["points"]] == pytest.approx(averages, 1e-12)


async def test_a_profile_of_nothing_has_null_averages(api: Api, world: World) -> None:
    given = {"id": world.alice.facility_id, "from": "2040-06-01T00:00:00+09:00", "by": "WEEKDAY"}
    data = await api.data(PROFILE, world.alice.token, **given, to="2040-06-02T00:00:00+09:00")

    points = data["facility"]["usageProfile"]["points"]
    assert points == [{"group": day, "averageKwh": None, "halfHours": 0} for day in range(7)]


@pytest.mark.parametrize(
    ("what", "start", "end"),
    [
        ("MONTH_BEFORE", tokyo(2040, 2, 15), tokyo(2040, 2, 29)),
        ("YEAR_BEFORE", tokyo(2039, 3, 15), tokyo(2039, 3, 31)),
    ],
)
async def test_usage_is_compared_with_the_same_span_earlier(
    api: Api, world: World, what: str, start: datetime, end: datetime
) -> None:
    await world.use(world.alice.facility, date(2039, 3, 1), 400)
    given = {"id": world.alice.facility_id, "what": what}
    span = {"from": tokyo(2040, 3, 15).isoformat(), "to": tokyo(2040, 3, 31).isoformat()}

    data = await api.data(COMPARED, world.alice.token, **given, **span)

    assert data["facility"]["usage"]["comparedWith"] == {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "resolution": "DAY",
        "totalKwh": sum(wh_of(world.alice.facility, start, end)) / 1000,
        "points": [
            {"startAt": point["startAt"], "kwh": point["kwh"]}
            for point in points_of(world.alice.facility, start, end, lambda at: at.date())
        ],
    }


async def test_a_comparison_out_of_the_portals_history_is_null(api: Api, world: World) -> None:
    given = {"id": world.alice.facility_id, "what": "YEAR_BEFORE"}
    span = {"from": tokyo(2039, 6, 1).isoformat(), "to": tokyo(2039, 6, 15).isoformat()}
    data = await api.data(COMPARED, world.alice.token, **given, **span)

    assert data["facility"]["usage"]["comparedWith"] is None


async def test_today_runs_against_yesterday_up_to_the_newest_half_hour(
    api: Api, world: World
) -> None:
    facility = world.alice.facility
    await world.store(
        facility,
        slots := slots_of(tokyo(2040, 6, 13), tokyo(2040, 6, 15, 11, 30)),
        usage_of(facility.number, slots),
    )
    await world.store(facility, slots, np.full(len(slots), 9, np.int32), direction=Direction.EXPORT)

    assert await today(api, world) == {
        "startAt": "2040-06-15T00:00:00+09:00",
        "asOf": "2040-06-15T11:30:00+09:00",
        "kwh": kwh_of(facility, tokyo(2040, 6, 15), tokyo(2040, 6, 15, 11, 30)),
        "kwhYesterdayByThisTime": kwh_of(facility, tokyo(2040, 6, 14), tokyo(2040, 6, 14, 11, 30)),
        "kwhYesterday": kwh_of(facility, tokyo(2040, 6, 14), tokyo(2040, 6, 15)),
    }


async def test_today_begins_at_tokyo_midnight_with_nothing(
    api: Api, world: World, clock: Clock
) -> None:
    await world.use(world.alice.facility, date(2040, 6, 14), 1)
    clock.now = tokyo(2040, 6, 15)
    world.alice = await world.person("denki-jtb", "alice@example.jp", facilities=0)
    facility = await world.place("denki-jtb", world.alice.member)
    world.alice.facilities.append(facility)
    await world.use(facility, date(2040, 6, 14), 1)

    assert await today(api, world) == {
        "startAt": "2040-06-15T00:00:00+09:00",
        "asOf": "2040-06-15T00:00:00+09:00",
        "kwh": 0.0,
        "kwhYesterdayByThisTime": 0.0,
        "kwhYesterday": kwh_of(facility, tokyo(2040, 6, 14), tokyo(2040, 6, 15)),
    }


async def test_the_latest_reading_is_of_the_newest_half_hour_not_the_last_to_come(
    api: Api, world: World, clock: Clock
) -> None:
    facility = world.alice.facility
    await world.reading(facility, tokyo(2040, 6, 15, 11), 700, quality=Quality.PROVISIONAL)
    received = clock.now
    clock.advance(seconds=1)
    await world.reading(facility, tokyo(2040, 6, 15, 10), 600)

    assert await latest(api, world) == {
        "facilityId": world.alice.facility_id,
        "startAt": "2040-06-15T11:00:00+09:00",
        "endAt": "2040-06-15T11:30:00+09:00",
        "direction": "IMPORT",
        "kwh": 0.7,
        "yen": None,
        "quality": "PROVISIONAL",
        "revision": 0,
        "receivedAt": received.astimezone(TOKYO).isoformat(),
    }
    assert await latest(api, world, direction="EXPORT") is None


async def test_the_latest_reading_has_the_value_of_its_correction(api: Api, world: World) -> None:
    await world.reading(world.alice.facility, tokyo(2040, 6, 15, 11), 700)
    await world.reading(world.alice.facility, tokyo(2040, 6, 15, 11), 710)

    found = await latest(api, world)

    assert found is not None
    assert (found["kwh"], found["revision"]) == (0.71, 1)


async def test_what_was_used_before_the_contract_began_stays_with_who_used_it(
    api: Api, world: World
) -> None:
    facility = await world.place("denki-jtb", world.alice.member, start_on=date(2040, 6, 15))
    world.alice.facilities.insert(0, facility)
    await world.use(facility, date(2040, 6, 13), 2)

    assert (await today(api, world))["kwhYesterday"] == 0.0
    assert await latest(api, world) is None


async def today(api: Api, world: World) -> dict[str, Any]:
    data = await api.data(TODAY, world.alice.token, id=world.alice.facility_id)
    found: dict[str, Any] = data["facility"]["today"]
    return found


async def latest(api: Api, world: World, **variables: str) -> dict[str, Any] | None:
    data = await api.data(LATEST, world.alice.token, id=world.alice.facility_id, **variables)
    found: dict[str, Any] | None = data["facility"]["latestReading"]
    return found


def kwh_of(facility: Facility, start: datetime, end: datetime) -> float:
    return sum(wh_of(facility, start, end)) / 1000
