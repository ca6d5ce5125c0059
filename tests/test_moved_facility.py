"""A place whose next occupant is another member: each sees what is theirs (US-1, BI-1, FA-3)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.facilities import Facility
from tests.api import Api
from tests.world import World

PAPERS = """query ($id: ID!) { facility(id: $id) {
  bills(first: 10) { totalCount edges { cursor } nodes { periodEndOn amountYen } }
  readingPeriods(first: 10) { totalCount nodes { endOn usageKwh } }
  usage(
    from: "2040-04-01T00:00:00+09:00", to: "2040-06-15T00:00:00+09:00", resolution: READING_PERIOD
  ) {
    from
    points { startAt }
  }
} }"""


@pytest.fixture
async def place(world: World) -> Facility:
    """Alice's facility with papers up to May, then Bob's from 20 May on, with papers of June."""
    before = world.alice.facility
    await world.period(before, date(2040, 4, 12), date(2040, 5, 12))
    await world.bill(before, date(2040, 5, 1))
    await world.use(before, date(2040, 4, 1), 75)
    contract = replace(before.contracts[0], number="E-next", start_on=date(2040, 5, 20))
    after = await world.change(before, owner=world.bob.member, contracts=(contract,))
    await world.period(after, date(2040, 5, 20), date(2040, 6, 12))
    return after


async def test_the_next_occupant_sees_nothing_of_the_one_before(
    api: Api, world: World, place: Facility
) -> None:
    data = await api.data(PAPERS, world.bob.token, id=world.alice.facility_id)
    assert data["facility"]["bills"] == {"totalCount": 0, "edges": [], "nodes": []}
    assert data["facility"]["readingPeriods"] == {
        "totalCount": 1,
        "nodes": [{"endOn": "2040-06-12", "usageKwh": 250.0}],
    }
    assert data["facility"]["usage"] == {
        "from": "2040-05-20T00:00:00+09:00",
        "points": [
            {"startAt": "2040-05-20T00:00:00+09:00"},
            {"startAt": "2040-06-12T00:00:00+09:00"},
        ],
    }


async def test_the_occupant_before_keeps_the_bills_and_loses_the_facility(
    api: Api, world: World, place: Facility
) -> None:
    query = """{ viewer {
      facilities(first: 1) { totalCount } bills(first: 10) { nodes { periodEndOn } }
    } }"""
    viewer: dict[str, Any] = (await api.data(query, world.alice.token))["viewer"]
    assert viewer["facilities"] == {"totalCount": 0}
    assert viewer["bills"] == {"nodes": [{"periodEndOn": "2040-05-12"}]}
    assert await api.code(PAPERS, world.alice.token, id=world.alice.facility_id) == "NOT_FOUND"
