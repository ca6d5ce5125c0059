"""Usage as a client asks for it: series at every resolution, gaps, totals, profiles, comparison."""

from collections.abc import Hashable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from datasources.collections import migrate
from datasources.mongo import Mongo
from domain.readings import Direction, Quality
from domain.slots import slot_at
from domain.stored import day_key_range
from tests.api import Api, Clock, CommandLog
from tests.known_usage import Key, points_of, slots_of, tokyo, wh_of
from tests.usage_series import series
from tests.world import World, usage_of


def hour(at: datetime) -> Hashable:
    return at.date(), at.hour


def week(at: datetime) -> Hashable:
    return at.date() - timedelta(days=at.weekday())


RESOLUTIONS: dict[str, Key] = {
    "HALF_HOUR": lambda at: at,
    "HOUR": hour,
    "DAY": lambda at: at.date(),
    "WEEK": week,
    "MONTH": lambda at: (at.year, at.month),
    "YEAR": lambda at: at.year,
}


@pytest.mark.parametrize("resolution", RESOLUTIONS)
async def test_points_begin_at_the_bounds_of_the_tokyo_calendar_and_at_the_asked_start(
    api: Api, world: World, resolution: str
) -> None:
    await world.use(world.alice.facility, date(2039, 12, 1), 120)
    start, end = tokyo(2039, 12, 20, 10, 30), tokyo(2040, 3, 5, 7)

    usage = await series(api, world, start, end, resolution=resolution)

    expected = points_of(world.alice.facility, start, end, RESOLUTIONS[resolution])
    assert usage["points"] == expected
    wh = wh_of(world.alice.facility, start, end)
    assert usage["totalKwh"] == sum(wh) / 1000
    assert usage["totalYen"] is None
    assert (usage["from"], usage["to"]) == (start.isoformat(), end.isoformat())
    assert (usage["resolution"], usage["direction"]) == (resolution, "IMPORT")
    highest = max(expected, key=lambda point: point["kwh"])
    assert usage["peak"] == {"startAt": highest["startAt"], "kwh": highest["kwh"]}
    assert usage["coverage"] == {
        "expected": len(wh),
        "present": len(wh),
        "missing": [],
        "settledUntil": end.isoformat(),
    }


async def test_reading_periods_need_not_be_calendar_months(api: Api, world: World) -> None:
    facility = world.alice.facility
    await world.use(facility, date(2040, 4, 1), 61)
    await world.period(facility, date(2040, 4, 12), date(2040, 5, 13))
    await world.period(facility, date(2040, 5, 13), date(2040, 5, 29))
    bounds = [date(2040, 4, 1), date(2040, 4, 12), date(2040, 5, 13), date(2040, 5, 29)]

    usage = await series(
        api, world, tokyo(2040, 4, 1), tokyo(2040, 6, 1), resolution="READING_PERIOD"
    )

    assert usage["points"] == points_of(
        facility,
        tokyo(2040, 4, 1),
        tokyo(2040, 6, 1),
        lambda at: max(bound for bound in bounds if bound <= at.date()),
    )
    assert len(usage["points"]) == 4


async def test_drawn_and_fed_in_energy_are_two_series(api: Api, world: World) -> None:
    facility = world.alice.facility
    start, end = tokyo(2040, 6, 1), tokyo(2040, 6, 2)
    slots = slots_of(start, end)
    drawn = await world.use(facility, date(2040, 6, 1), 1)
    await world.store(facility, slots, drawn // 2, direction=Direction.EXPORT)

    imported = await series(api, world, start, end)
    exported = await series(api, world, start, end, direction="EXPORT")

    assert imported["totalKwh"] == int(drawn.sum()) / 1000
    assert exported["totalKwh"] == int((drawn // 2).sum()) / 1000
    assert exported["direction"] == "EXPORT"
    assert exported["columns"]["kwh"] == [wh / 1000 for wh in (drawn // 2).tolist()]


async def test_a_gap_is_missing_with_null_and_a_stored_zero_is_a_zero(
    api: Api, world: World
) -> None:
    facility = world.alice.facility
    start = tokyo(2040, 6, 1)
    slots = slots_of(start, tokyo(2040, 6, 4))
    wh = usage_of(facility.number, slots)
    wh[0] = 0
    there = np.ones(len(slots), np.bool_)
    there[3:6] = False  # 01:30 to 03:00
    there[48:96] = False  # all of 2 June
    await world.store(facility, slots[there], wh[there])

    halves = await series(api, world, start, tokyo(2040, 6, 4))
    hours = await series(api, world, start, tokyo(2040, 6, 4), resolution="HOUR")
    days = await series(api, world, start, tokyo(2040, 6, 4), resolution="DAY")

    kwh = [value / 1000 if here else None for value, here in zip(wh.tolist(), there, strict=True)]
    assert halves["columns"]["kwh"] == kwh
    assert kwh[0] == 0.0
    assert halves["columns"]["quality"] == ["SETTLED" if here else "MISSING" for here in there]
    one_to_two, two_to_three = hours["points"][1:3]
    assert (one_to_two["kwh"], one_to_two["quality"]) == (kwh[2], "SETTLED")
    assert one_to_two["missingHalfHours"] == 1
    assert (two_to_three["kwh"], two_to_three["quality"]) == (None, "MISSING")
    assert [(day["quality"], day["missingHalfHours"]) for day in days["points"]] == [
        ("SETTLED", 3),
        ("MISSING", 48),
        ("SETTLED", 0),
    ]
    assert days["totalKwh"] == int(wh[there].sum()) / 1000
    assert days["coverage"] == {
        "expected": 144,
        "present": 93,
        "missing": [
            {"from": "2040-06-01T01:30:00+09:00", "to": "2040-06-01T03:00:00+09:00"},
            {"from": "2040-06-02T00:00:00+09:00", "to": "2040-06-03T00:00:00+09:00"},
        ],
        "settledUntil": "2040-06-04T00:00:00+09:00",
    }


async def test_a_span_without_any_reading_is_all_missing_and_has_no_peak(
    api: Api, world: World
) -> None:
    usage = await series(api, world, tokyo(2040, 6, 1), tokyo(2040, 6, 2))

    assert usage["columns"]["kwh"] == [None] * 48
    assert usage["peak"] is None
    assert usage["totalKwh"] == 0.0
    assert usage["coverage"] == {
        "expected": 48,
        "present": 0,
        "missing": [{"from": "2040-06-01T00:00:00+09:00", "to": "2040-06-02T00:00:00+09:00"}],
        "settledUntil": None,
    }


async def test_settled_until_ends_where_the_first_provisional_half_hour_begins(
    api: Api, world: World
) -> None:
    facility = world.alice.facility
    await world.use(facility, date(2040, 6, 1), 1)
    await world.use(facility, date(2040, 6, 2), 1, quality=Quality.PROVISIONAL)
    await world.use(facility, date(2040, 6, 3), 1, quality=Quality.ESTIMATED)
    await world.use(facility, date(2040, 6, 4), 1)

    usage = await series(api, world, tokyo(2040, 6, 1), tokyo(2040, 6, 5), resolution="DAY")

    assert usage["columns"]["quality"] == ["SETTLED", "PROVISIONAL", "ESTIMATED", "SETTLED"]
    assert usage["coverage"]["settledUntil"] == "2040-06-02T00:00:00+09:00"


async def test_a_corrected_half_hour_has_its_new_value_and_revision(api: Api, world: World) -> None:
    await world.use(world.alice.facility, date(2040, 6, 1), 1)
    await world.reading(world.alice.facility, tokyo(2040, 6, 1, 5), 4321, revision=7)

    usage = await series(api, world, tokyo(2040, 6, 1, 5), tokyo(2040, 6, 1, 6))
    in_hours = await series(
        api, world, tokyo(2040, 6, 1, 5), tokyo(2040, 6, 1, 6), resolution="HOUR"
    )

    assert [(point["kwh"], point["revision"]) for point in usage["points"]] == [
        (4.321, 7),
        (wh_of(world.alice.facility, tokyo(2040, 6, 1, 5, 30), tokyo(2040, 6, 1, 6))[0] / 1000, 0),
    ]
    assert in_hours["points"][0]["revision"] == 7


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("2040-06-01T00:00:00Z", tokyo(2040, 6, 1, 9)),
        ("2040-06-01T00:15:00+05:45", tokyo(2040, 6, 1, 3, 30)),
        ("2040-06-01T00:00:00+05:45", tokyo(2040, 6, 1, 3, 30)),
        ("2040-05-31T23:44:59+05:45", tokyo(2040, 6, 1, 3)),
    ],
)
async def test_a_span_in_another_zone_begins_at_the_first_half_hour_that_is_wholly_in_it(
    api: Api, world: World, start: str, first: datetime
) -> None:
    await world.use(world.alice.facility, date(2040, 6, 1), 2)

    usage = await series(api, world, start, "2040-06-01T20:00:00Z")

    end = tokyo(2040, 6, 2, 5)
    assert (usage["from"], usage["to"]) == (first.isoformat(), end.isoformat())
    assert usage["points"] == points_of(world.alice.facility, first, end, lambda at: at)


async def test_a_span_from_before_the_contract_begins_with_it(api: Api, world: World) -> None:
    await world.use(world.alice.facility, date(2040, 6, 8), 4)
    place = await world.place("denki-jtb", world.alice.member, start_on=date(2040, 6, 10))
    await world.use(place, date(2040, 6, 8), 4)
    world.alice.facilities.insert(0, place)

    usage = await series(api, world, tokyo(2040, 6, 8), tokyo(2040, 6, 12), resolution="DAY")

    assert usage["from"] == "2040-06-10T00:00:00+09:00"
    assert usage["points"] == points_of(
        place, tokyo(2040, 6, 10), tokyo(2040, 6, 12), lambda at: at.date()
    )


async def test_a_half_hour_is_missing_from_ninety_minutes_after_its_end(
    api: Api, world: World, clock: Clock
) -> None:
    start, end = tokyo(2040, 6, 15, 10), tokyo(2040, 6, 15, 11)
    await world.store(world.alice.facility, slots_of(start, end), np.full(2, 300, np.int32))

    clock.now = tokyo(2040, 6, 15, 12, 59) + timedelta(seconds=59)
    before = await series(api, world, start, tokyo(2041, 6, 15))
    clock.advance(seconds=1)
    after = await series(api, world, start, tokyo(2041, 6, 15))

    assert before["columns"]["quality"] == ["SETTLED", "SETTLED"]
    assert before["to"] == "2040-06-15T11:00:00+09:00"
    assert after["columns"]["quality"] == ["SETTLED", "SETTLED", "MISSING"]
    assert after["to"] == "2040-06-15T11:30:00+09:00"
    assert after["coverage"]["missing"] == [
        {"from": "2040-06-15T11:00:00+09:00", "to": "2040-06-15T11:30:00+09:00"}
    ]


async def test_a_span_into_the_future_ends_with_the_newest_reading_though_it_came_early(
    api: Api, world: World
) -> None:
    await world.reading(world.alice.facility, tokyo(2040, 6, 15, 12), 500)

    usage = await series(api, world, tokyo(2040, 6, 15, 11), tokyo(2041, 1, 1))
    ahead = await series(api, world, tokyo(2040, 7, 1), tokyo(2040, 8, 1))

    assert usage["columns"]["kwh"] == [None, None, 0.5]
    assert usage["to"] == "2040-06-15T12:30:00+09:00"
    assert ahead["points"] == []
    assert ahead["from"] == ahead["to"] == "2040-07-01T00:00:00+09:00"


BROKEN: dict[str, Any] = {
    "a short column": {"$set": {"wh": b"\x01\x02"}},
    "no column": {"$unset": {"state": ""}},
    "a column that is none": {"$set": {"state": "SETTLED"}},
}


@pytest.mark.parametrize("damage", BROKEN)
async def test_a_corrupt_day_is_missing_and_logged_once_and_the_rest_stands(
    api: Api, world: World, mongo: Mongo, damage: str
) -> None:
    facility = world.alice.facility
    await world.use(facility, date(2040, 6, 1), 3)
    second = slot_at(tokyo(2040, 6, 2))
    key, _ = day_key_range(facility.number, Direction.IMPORT, second, second + 1)
    await mongo.database.command("collMod", "usageDays", validator={})
    try:
        await mongo["usageDays"].update_one({"_id": key}, BROKEN[damage])
    finally:
        await migrate(mongo)

    with capture_logs() as logs:
        for _ in range(2):
            usage = await series(api, world, tokyo(2040, 6, 1), tokyo(2040, 6, 4), resolution="DAY")

    assert usage["columns"]["quality"] == ["SETTLED", "MISSING", "SETTLED"]
    assert usage["coverage"]["present"] == 96
    assert usage["totalKwh"] == round(sum(kwh or 0 for kwh in usage["columns"]["kwh"]), 3)
    (logged,) = (log["day"] for log in logs if log["event"] == "usage day is corrupt")
    assert logged == key


async def test_usage_that_was_read_takes_three_reads_until_something_is_stored(
    api: Api, world: World, commands: CommandLog
) -> None:
    facility = world.alice.facility
    await world.use(facility, date(2040, 6, 1), 2)
    span = tokyo(2040, 6, 1), tokyo(2040, 6, 2)
    commands.names.clear()

    first = await series(api, world, *span)
    assert commands.names == ["find"] * 4  # session, facility, head, days
    commands.names.clear()
    assert await series(api, world, *span) == first
    assert commands.names == ["find"] * 3  # session, facility, head

    await world.reading(facility, tokyo(2040, 6, 1, 5), 4321)
    corrected = await series(api, world, *span)
    assert corrected["points"][10]["kwh"] == 4.321
    assert corrected["points"][10]["revision"] == 1
    changed = first["points"][:10] + corrected["points"][10:11] + first["points"][11:]
    assert corrected["points"] == changed


async def test_the_half_hours_of_two_years_add_up(api: Api, world: World) -> None:
    wh = await world.use(world.alice.facility, date(2038, 6, 16), 730)
    assert len(wh) == 35_040

    usage = await series(api, world, tokyo(2038, 6, 16), tokyo(2040, 6, 15))

    assert usage["columns"]["kwh"] == [value / 1000 for value in wh.tolist()]
    assert usage["totalKwh"] == int(wh.sum()) / 1000
    assert round(sum(usage["columns"]["kwh"]), 3) == usage["totalKwh"]
    assert usage["coverage"]["present"] == 35_040
