"""Yen of the usage series as a client asks for it: from the plan, by the half hour, never a guess."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from domain.facilities import ContractKind, Facility, ReadingPeriod
from domain.readings import Direction
from tests.api import Api
from tests.known_usage import slots_of, tokyo
from tests.usage_series import series
from tests.world import World

MAY, JUNE = date(2040, 5, 12), date(2040, 6, 12)
BORDERS = [(120_000, Decimal("29.80")), (300_000, Decimal("36.40")), (10**12, Decimal("40.49"))]
"Of the plan lighting-b, Wh up to which a price holds."
BESIDE = Decimal("4.85")
"Fuel adjustment and levy, as the examples go on."


async def on_plan(world: World, plan: str, **changes: Any) -> Facility:
    """Alice's facility on another plan, with one of buy-back beside it."""
    facility = world.alice.facility
    contract = replace(facility.contracts[0], plan=plan, **changes)
    fed_in = replace(contract, number="B1", kind=ContractKind.BUY_BACK, plan="buy-back")
    world.alice.facilities[0] = await world.change(facility, contracts=(contract, fed_in))
    return world.alice.facility


async def fed_in_period(world: World, facility: Facility, start_on: date, end_on: date) -> None:
    period = ReadingPeriod(
        facility.number, start_on, end_on, end_on, 0, 0, 0, ContractKind.BUY_BACK
    )
    placed = [(facility.portal, facility.owner, period)]
    assert not await world.sources.periods.put(placed, world.sources.clock())


def cost(wh: int) -> Decimal:
    """Exact sen of the first Wh of a reading period on lighting-b."""
    sen, begin = Decimal(0), 0
    for end, price in BORDERS:
        sen += max(0, min(wh, end) - begin) * (price + BESIDE) / 10
        begin = end
    return sen


def yen_of(wh: list[int]) -> list[float]:
    """What half hours from the start of a reading period on cost."""
    reached = np.cumsum([0, *wh]).tolist()
    return [(int(cost(after)) - int(cost(before))) / 100 for before, after in pairwise(reached)]


async def test_a_point_costs_what_it_adds_to_its_reading_period_at_any_resolution(
    api: Api, world: World
) -> None:
    facility = await on_plan(world, "lighting-b")
    await world.period(facility, MAY, JUNE)
    wh = (await world.use(facility, MAY, 40)).tolist()
    start, end = tokyo(2040, 5, 20, 9), tokyo(2040, 6, 14, 3)
    in_period, before = 31 * 48, 8 * 48 + 18
    expected = yen_of(wh[:in_period])[before:] + yen_of(wh[in_period:])[: 2 * 48 + 6]

    halves = await series(api, world, start, end)

    assert [point["yen"] for point in halves["points"]] == expected
    assert halves["totalYen"] == int(round(sum(expected) * 100) / 100)
    days = await series(api, world, start, end, resolution="DAY")
    bounds = [0, *range(30, len(expected), 48), len(expected)]
    assert [point["yen"] for point in days["points"]] == [
        round(sum(expected[first:end]), 2) for first, end in pairwise(bounds)
    ]
    periods = await series(api, world, tokyo(2040, 5, 12), end, resolution="READING_PERIOD")
    assert periods["points"][0]["yen"] == int(cost(sum(wh[:in_period]))) / 100
    assert days["totalYen"] == halves["totalYen"]


async def test_a_correction_early_in_the_period_moves_the_yen_of_later_days_that_stay_the_same(
    api: Api, world: World
) -> None:
    facility = await on_plan(world, "lighting-b")
    await world.period(facility, MAY, JUNE)
    wh = (await world.use(facility, MAY, 31)).tolist()
    day = tokyo(2040, 5, 18), tokyo(2040, 5, 19)
    place = 6 * 48
    for _ in range(2):
        known = await series(api, world, *day)
        assert [point["yen"] for point in known["points"]] == yen_of(wh)[place : place + 48]

    wh[0] += 290_000
    await world.reading(facility, tokyo(2040, 5, 12), wh[0])

    corrected = await series(api, world, *day)
    assert [point["yen"] for point in corrected["points"]] == yen_of(wh)[place : place + 48]
    assert [point["kwh"] for point in corrected["points"]] == [
        point["kwh"] for point in known["points"]
    ]
    assert corrected["totalYen"] > known["totalYen"]


async def test_what_is_not_known_is_null_and_the_rest_is_not(api: Api, world: World) -> None:
    facility = await on_plan(world, "従量電灯B（例）")
    await world.period(facility, MAY, JUNE)
    slots = slots_of(tokyo(2040, 5, 11), tokyo(2040, 5, 14))
    slots = np.delete(slots, range(60, 100))
    await world.store(facility, slots, np.full(len(slots), 1_000, np.int32))

    days = await series(api, world, tokyo(2040, 5, 11), tokyo(2040, 5, 14), resolution="DAY")
    assert [point["yen"] for point in days["points"]] == [None, 415.8, 1524.6]
    assert [point["missingHalfHours"] for point in days["points"]] == [0, 36, 4]
    halves = await series(api, world, tokyo(2040, 5, 12), tokyo(2040, 5, 13))
    assert [point["yen"] for point in halves["points"]] == [34.65] * 12 + [None] * 36
    assert days["totalYen"] == int(56 * 34.65)
    assert (await series(api, world, tokyo(2040, 5, 11), tokyo(2040, 5, 12)))["totalYen"] is None

    await on_plan(world, "EXAMPLE-1")
    assert (await series(api, world, *_span(days)))["totalYen"] is None


async def test_what_is_fed_in_is_paid_by_the_buy_back_contract_and_its_own_calendar(
    api: Api, world: World
) -> None:
    facility = await on_plan(world, "lighting-b")
    await world.period(facility, MAY, JUNE)
    slots = slots_of(tokyo(2040, 5, 20), tokyo(2040, 5, 21))
    out = Direction.EXPORT
    await world.store(facility, slots, np.full(len(slots), 700, np.int32), direction=out)
    span = tokyo(2040, 5, 20), tokyo(2040, 5, 21)
    assert (await series(api, world, *span, direction="EXPORT"))["totalYen"] is None

    await fed_in_period(world, facility, MAY, JUNE)

    found = await series(api, world, *span, direction="EXPORT")
    assert {point["yen"] for point in found["points"]} == {5.95}
    assert found["totalYen"] == int(48 * 5.95)


async def test_the_running_day_costs_what_its_points_do_and_its_period_is_forecast_as_a_bill(
    api: Api, world: World
) -> None:
    facility = await on_plan(world, "lighting-b")
    await world.period(facility, MAY, JUNE)
    slots = slots_of(tokyo(2040, 5, 1), tokyo(2040, 6, 15, 12))
    await world.store(facility, slots, np.full(len(slots), 100, np.int32))
    asked = "today { yen readingPeriod { kwhSoFar forecastKwh forecastYen } }"
    query = f"query ($id: ID!) {{ facility(id: $id) {{ {asked} }} }}"
    only = "today { readingPeriod { forecastYen } }"
    live = f"subscription ($id: ID!) {{ usageToday(facilityId: $id) {asked[6:]} }}"

    found = (await api.data(query, world.alice.token, id=world.alice.facility_id))["facility"]

    # 4 x 311.75, 120 kWh for 29.80, 24 for 36.40, and 144 times 0.85 and 4.00.
    bill = 1247 + 3576 + 873.60 + 122.40 + 576
    assert found["today"] == {
        "yen": 83.16,
        "readingPeriod": {"kwhSoFar": 16.8, "forecastKwh": 144, "forecastYen": bill},
    }
    data = await api.data(query.replace(asked, only), world.alice.token, id=world.alice.facility_id)
    assert data["facility"]["today"] == {"readingPeriod": {"forecastYen": bill}}
    day = await series(api, world, tokyo(2040, 6, 15), tokyo(2040, 6, 16), resolution="DAY")
    assert [point["yen"] for point in day["points"]] == [83.16]
    async with api.socket(world.alice.token) as socket:
        await socket.subscribe("1", live, id=world.alice.facility_id)
        assert await socket.event("usageToday") == found["today"]
        await world.reading(facility, tokyo(2040, 6, 15, 12), 200_000)
        while (event := await socket.event("usageToday")) == found["today"]:
            pass
    assert event["yen"] == (int(cost(216_800)) - int(cost(14_400))) / 100
    assert event["readingPeriod"]["forecastYen"] > bill + 200 * 36.40

    await on_plan(world, "EXAMPLE-1")
    found = (await api.data(query, world.alice.token, id=world.alice.facility_id))["facility"]
    assert found["today"]["yen"] is None
    assert found["today"]["readingPeriod"]["forecastYen"] is None


def _span(of: dict[str, Any]) -> tuple[str, str]:
    return of["from"], of["to"]
