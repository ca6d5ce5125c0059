"""What other plans would have cost, as a member asks for it."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from domain.facilities import Facility
from tests.api import Api, CommandLog
from tests.known_usage import slots_of, tokyo
from tests.world import World

SIMULATE = """
query ($id: ID!, $from: Date!, $to: Date!, $shift: Int! = 10) {
  simulatePlans(facilityId: $id, from: $from, to: $to, shiftPercent: $shift) {
    from to kwh missingHalfHours
    plans {
      key label { ja } example isPresent yen yearlyDifferenceYen fixedYen
      bands { key label { ja } kwh yen } shift { dearest { ja } kwh savedYen }
    }
    unpriced { key reason }
  }
}
"""
YEAR = {"from": "2039-06-12", "to": "2040-06-12"}


async def on_plan(world: World, plan: str, **changes: Any) -> Facility:
    facility = world.alice.facility
    contracts = (replace(facility.contracts[0], plan=plan, **changes),)
    world.alice.facilities[0] = await world.change(facility, contracts=contracts)
    return world.alice.facility


async def simulated(api: Api, world: World, **span: Any) -> dict[str, Any]:
    data = await api.data(SIMULATE, world.alice.token, id=world.alice.facility_id, **span)
    found: dict[str, Any] = data["simulatePlans"]
    return found


async def test_a_year_is_priced_on_every_plan_that_fits_the_cheapest_first(
    api: Api, world: World, commands: CommandLog
) -> None:
    facility = await on_plan(world, "lighting-b")
    await world.period(facility, date(2040, 4, 12), date(2040, 5, 12))
    slots = slots_of(tokyo(2039, 6, 12), tokyo(2040, 6, 12))
    gaps = range(48 * 100 + 20, 48 * 100 + 30)
    there = np.delete(slots, gaps)
    await world.store(facility, there, np.full(len(there), 200, np.int32))
    commands.names.clear()

    found = await simulated(api, world, **YEAR)

    assert len(commands.names) == 5, commands.names
    assert (found["from"], found["to"]) == ("2039-06-12", "2040-06-12")
    assert (found["missingHalfHours"], found["kwh"]) == (10, 3513.6)
    plans = found["plans"]
    # Of the portal's plans one is for kVA from 6 on, one for kW: not for 40 A.
    assert [plan["key"] for plan in plans] == ["one-price", "lighting-b"]
    assert [plan["isPresent"] for plan in plans] == [False, True]
    there, here = plans
    assert here["yearlyDifferenceYen"] == 0
    assert there["yearlyDifferenceYen"] == there["yen"] - here["yen"] < 0
    assert (here["label"], here["example"]) == ({"ja": "従量電灯B（例）"}, True)
    assert here["fixedYen"] == 12 * 4 * 311.75
    (band,) = here["bands"]
    assert (band["key"], band["kwh"]) == ("all", found["kwh"])
    assert abs(here["fixedYen"] + band["yen"] - here["yen"]) < 24
    assert here["shift"] is None
    assert found["unpriced"] == []


async def test_the_present_plan_is_compared_though_it_is_not_open_any_more(
    api: Api, world: World
) -> None:
    facility = await on_plan(world, "night-saver")
    await world.use(facility, date(2040, 5, 12), 31)
    span = {"from": "2040-05-12", "to": "2040-06-12"}

    found = await simulated(api, world, **span, shift=100)

    assert {plan["key"]: plan["isPresent"] for plan in found["plans"]} == {
        "night-saver": True,
        "lighting-b": False,
        "one-price": False,
    }
    (here,) = (plan for plan in found["plans"] if plan["isPresent"])
    by_day = next(band for band in here["bands"] if band["key"] == "day")
    assert here["shift"]["kwh"] == by_day["kwh"]
    assert here["shift"]["savedYen"] > 0
    for plan in found["plans"]:
        difference = plan["yen"] - here["yen"]
        assert plan["yearlyDifferenceYen"] == round(difference * 365 / 31)


async def test_a_span_is_cut_to_what_was_supplied_and_is_over(api: Api, world: World) -> None:
    facility = await on_plan(world, "one-price", start_on=date(2040, 6, 1))
    await world.use(facility, date(2040, 6, 1), 20)
    found = await simulated(api, world, **{"from": "2040-05-20", "to": "2040-07-20"})
    assert (found["from"], found["to"]) == ("2040-06-01", "2040-06-15")


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"from": "2040-06-02", "to": "2040-06-02"}, "BAD_INPUT", "from must be"),
    ({"from": "2040-06-03", "to": "2040-06-01"}, "BAD_INPUT", "from must be"),
    ({"from": "2040-07-01", "to": "2040-07-02"}, "BAD_INPUT", "no day"),
    ({"from": "2039-06-01", "to": "2040-06-02"}, "RANGE_TOO_LARGE", "366 days"),
    ({"from": "0001-01-01", "to": "0001-01-02"}, "RANGE_TOO_LARGE", "24 months"),
    ({"shift": 101}, "BAD_INPUT", "shiftPercent"),
    ({"shift": -1}, "BAD_INPUT", "shiftPercent"),
    ({}, "BAD_INPUT", "too few half hours"),
]


async def test_what_cannot_be_simulated_is_refused(api: Api, world: World) -> None:
    week = {"id": world.alice.facility_id, "from": "2040-06-01", "to": "2040-06-08"}
    await on_plan(world, "one-price")
    for given, code, message in WRONG:
        assert await refusal(api, world, **week | given) == (code, message), given
    await on_plan(world, "謎のプラン")
    assert await refusal(api, world, **week) == ("BAD_INPUT", "E1 is not known")


async def test_plans_are_compared_when_the_contracts_may_be_seen(api: Api, world: World) -> None:
    carol = world.carol
    asked = {"id": carol.facility_id, "from": "2040-06-01", "to": "2040-06-08"}
    assert await api.code(SIMULATE, carol.token, **asked) == "NOT_YET_AVAILABLE"
    await world.bill(carol.facility, date(2040, 5, 1))
    assert await api.code(SIMULATE, carol.token, **asked) == "BAD_INPUT"


async def refusal(api: Api, world: World, **variables: Any) -> tuple[str, str]:
    """The code, and how far the message has one of the words that are looked for."""
    (error,) = (await api.ask(SIMULATE, world.alice.token, **variables))["errors"]
    words = {word for _, _, word in WRONG} | {"E1 is not known"}
    return error["extensions"]["code"], next(word for word in words if word in error["message"])


async def test_a_facility_of_somebody_else_is_not_found(api: Api, world: World) -> None:
    span = {"from": "2040-06-01", "to": "2040-06-08"}
    other = world.bob.facility_id
    assert await api.code(SIMULATE, world.alice.token, id=other, **span) == "NOT_FOUND"
    assert await api.code(SIMULATE, None, id=other, **span) == "UNAUTHENTICATED"
