"""Reading periods of a facility by GraphQL: newest first, in pages."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from datasources.mongo import Mongo
from datasources.reading_periods import ReadingPeriodStore
from domain.facilities import ContractKind, Facility, ReadingPeriod
from domain.paging import row_cursor
from domain.settings import Settings
from schema.nodes import node_id
from tests.api import Api
from tests.world import World

PERIODS = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  facility(id: $id) {
    readingPeriods(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { endOn }
      edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""
ENDS = [f"2040-0{month}-12" for month in (5, 4, 3, 2, 1)]


def period(
    of: Facility, start: int, end: int, kind: ContractKind = ContractKind.ELECTRICITY
) -> ReadingPeriod:
    """From a day of January 2040 to a day of February."""
    bounds = date(2040, 1, start), date(2040, 2, end)
    return ReadingPeriod(of.number, *bounds, bounds[1], 1_000_000, 1_250_500, 250_500, kind)


async def put(api: Api, of: Facility, one: ReadingPeriod) -> None:
    assert not await api.sources.periods.put([(of.portal, of.owner, one)], api.sources.clock())


@pytest.fixture
async def metered(world: World) -> World:
    """Alice's facility was read on the 12th of January to May, Bob's in June."""
    for month in (3, 1, 5, 2, 4):
        start_on = date(2039, 12, 12) if month == 1 else date(2040, month - 1, 12)
        await world.period(world.alice.facility, start_on, date(2040, month, 12))
    await world.period(world.bob.facility, date(2040, 5, 12), date(2040, 6, 12))
    return world


async def page_of(api: Api, world: World, **arguments: Any) -> dict[str, Any]:
    data = await api.data(PERIODS, world.alice.token, id=world.alice.facility_id, **arguments)
    page: dict[str, Any] = data["facility"]["readingPeriods"]
    cursors, ends = [edge["cursor"] for edge in page["edges"]], page["pageInfo"]
    assert [ends["startCursor"], ends["endCursor"]] == [cursors[0], cursors[-1]]
    assert page["totalCount"] == 5
    return page


def ends_on(page: dict[str, Any]) -> list[str]:
    return [node["endOn"] for node in page["nodes"]]


def more(page: dict[str, Any]) -> tuple[bool, bool]:
    """Whether there are pages before and after."""
    return page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]


async def test_forward_pages_go_from_the_newest_to_the_oldest(api: Api, metered: World) -> None:
    one = await page_of(api, metered, first=2)
    two = await page_of(api, metered, first=2, after=one["pageInfo"]["endCursor"])
    three = await page_of(api, metered, first=2, after=two["pageInfo"]["endCursor"])
    pages = [one, two, three]
    assert [ends_on(page) for page in pages] == [ENDS[:2], ENDS[2:4], ENDS[4:]]
    assert [more(page) for page in pages] == [(False, True), (True, True), (True, False)]


async def test_backward_pages_begin_at_the_oldest_and_keep_the_order(
    api: Api, metered: World
) -> None:
    one = await page_of(api, metered, last=3)
    two = await page_of(api, metered, last=3, before=one["pageInfo"]["startCursor"])
    assert [ends_on(page) for page in (one, two)] == [ENDS[2:], ENDS[:2]]
    assert [more(page) for page in (one, two)] == [(True, False), (False, True)]


async def test_a_period_has_the_register_at_both_ends_in_kwh(api: Api, metered: World) -> None:
    query = """
    query ($id: ID!) { facility(id: $id) { readingPeriods(first: 1) { nodes {
      startOn endOn readOn previousRegisterKwh presentRegisterKwh usageKwh
    } } } }
    """
    data = await api.data(query, metered.alice.token, id=metered.alice.facility_id)
    assert data["facility"]["readingPeriods"]["nodes"] == [
        {
            "startOn": "2040-04-12",
            "endOn": "2040-05-12",
            "readOn": "2040-05-12",
            "previousRegisterKwh": 1000.0,
            "presentRegisterKwh": 1250.0,
            "usageKwh": 250.0,
        }
    ]


async def test_each_kind_has_a_calendar_of_its_own_in_its_unit(api: Api, world: World) -> None:
    carol = world.carol
    place = await world.change(
        carol.facility, contracts=(replace(carol.facility.contracts[0], invoice_group="本社"),)
    )
    for kind in ContractKind:
        await put(api, place, period(place, 12, 12, kind))
    query = """
    query ($id: ID!, $kind: ContractKind!) { facility(id: $id) {
      readingPeriods(first: 5, kind: $kind) { totalCount nodes {
        kind unit presentRegister usage usageKwh billAvailableOn
    } } } }
    """
    found = {
        kind: (await api.data(query, carol.token, id=carol.facility_id, kind=kind.value))[
            "facility"
        ]["readingPeriods"]
        for kind in ContractKind
    }
    shown = {"unit": "kWh", "presentRegister": 1250.5, "usage": 250.5, "usageKwh": 250.5}
    own_day, last_day = {"billAvailableOn": "2040-02-20"}, {"billAvailableOn": "2040-03-09"}
    gas = {"unit": "m³", "usageKwh": None}
    expected = {
        ContractKind.ELECTRICITY: shown | last_day,
        ContractKind.GAS: shown | gas | own_day,
        ContractKind.BUY_BACK: shown | own_day,
    }
    assert found == {
        kind: {"totalCount": 1, "nodes": [{"kind": kind.value} | fields]}
        for kind, fields in expected.items()
    }


async def test_of_overlapping_periods_that_are_stored_at_once_one_is_kept(
    api: Api, world: World, settings: Settings
) -> None:
    place = world.alice.facility
    other = Mongo(settings.mongodb_url, database=api.sources.mongo.name)
    stores = api.sources.periods, ReadingPeriodStore(other)
    first, second = period(place, 12, 12), period(place, 20, 20)
    refused = await asyncio.gather(
        *(
            store.put([(place.portal, place.owner, each)], api.sources.clock())
            for store, each in zip(stores, (first, second), strict=True)
        )
    )
    await other.close()

    assert [each for each in refused if each] in ([{0: first}], [{0: second}])
    data = await api.data(PERIODS, world.alice.token, id=world.alice.facility_id, first=5)
    assert data["facility"]["readingPeriods"]["totalCount"] == 1


async def test_gas_that_was_nobodys_is_given_from_the_beginning_of_its_contract(
    api: Api, world: World
) -> None:
    place = await world.place("denki-jtb", "")
    gas = replace(
        place.contracts[0], kind=ContractKind.GAS, start_on=date(2040, 1, 12), number="G1"
    )
    place = await world.change(place, contracts=(gas,))
    before = replace(
        period(place, 12, 12, ContractKind.GAS),
        start_on=date(2039, 12, 12),
        end_on=date(2040, 1, 12),
    )
    await put(api, place, before)
    await put(api, place, period(place, 12, 12, ContractKind.GAS))

    await api.sources.facilities.give("denki-jtb", place.customer_number, world.alice.member)

    query = """query ($id: ID!) {
      facility(id: $id) { readingPeriods(first: 5, kind: GAS) { nodes { startOn } } }
    }"""
    data = await api.data(query, world.alice.token, id=node_id("Facility", place.number))
    assert data["facility"]["readingPeriods"]["nodes"] == [{"startOn": "2040-01-12"}]


async def test_a_facility_that_was_never_read_has_an_empty_page(api: Api, world: World) -> None:
    data = await api.data(PERIODS, world.alice.token, id=world.alice.facility_id, first=1)
    assert data["facility"]["readingPeriods"] == {
        "totalCount": 0,
        "nodes": [],
        "edges": [],
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        },
    }


async def test_a_wrong_page_is_refused_with_the_limit(api: Api, world: World) -> None:
    cursor = row_cursor("Facility", "1")
    wrong: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({}, ("BAD_INPUT", "give either first or last, 1 to 100")),
        ({"first": 0}, ("BAD_INPUT", "first must be 1 to 100, found 0")),
        ({"last": 101}, ("RANGE_TOO_LARGE", "last must be 1 to 100, found 101")),
        ({"first": 1, "after": cursor}, ("BAD_INPUT", f"cursor {cursor!r} is unknown here")),
    ]
    for arguments, refusal in wrong:
        asked = {"id": world.alice.facility_id} | arguments
        assert await api.error(PERIODS, world.alice.token, **asked) == refusal
