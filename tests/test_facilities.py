"""Facilities by GraphQL: pages, single objects by id, and what they show."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.facilities import Address, Contract, ContractKind, PaymentMethod
from domain.paging import opaque, row_cursor
from schema.nodes import node_id
from tests.api import Api
from tests.world import Person, World

PAGE = """
query ($first: Int, $after: String, $last: Int, $before: String) {
  viewer {
    facilities(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { name }
      edges { cursor node { name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
FACILITY = "query ($id: ID!) { facility(id: $id) { id name } }"


WRONG_PAGES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "BAD_INPUT", "give either first or last, 1 to 100"),
    ({"first": 1, "last": 1}, "BAD_INPUT", "give either first or last, 1 to 100"),
    ({"first": 0}, "BAD_INPUT", "first must be 1 to 100, found 0"),
    ({"last": -1}, "BAD_INPUT", "last must be 1 to 100, found -1"),
    ({"first": 101}, "RANGE_TOO_LARGE", "first must be 1 to 100, found 101"),
    ({"last": 101}, "RANGE_TOO_LARGE", "last must be 1 to 100, found 101"),
    ({"first": 1, "before": "x"}, "BAD_INPUT", "before does not go with first"),
    ({"last": 1, "after": "x"}, "BAD_INPUT", "after does not go with last"),
]


@pytest.fixture
async def dave(world: World) -> Person:
    """A member with seven facilities, which are named 1 to 7."""
    dave = await world.person("denki-jtb", "dave@example.jp", facilities=7)
    dave.facilities = [
        await world.change(facility, name=str(count))
        for count, facility in enumerate(dave.facilities, 1)
    ]
    return dave


async def page_of(api: Api, person: Person, **arguments: Any) -> dict[str, Any]:
    page: dict[str, Any] = (await api.data(PAGE, person.token, **arguments))["viewer"]["facilities"]
    edges, ends = page["edges"], page["pageInfo"]
    assert page["nodes"] == [edge["node"] for edge in edges]
    assert ends["startCursor"] == (edges[0]["cursor"] if edges else None)
    assert ends["endCursor"] == (edges[-1]["cursor"] if edges else None)
    return page


def names(page: dict[str, Any]) -> str:
    return "".join(node["name"] for node in page["nodes"])


def more(page: dict[str, Any]) -> tuple[bool, bool]:
    """Whether there are pages before and after."""
    return page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]


class TestPages:
    async def test_forward_pages_come_in_order_and_end(self, api: Api, dave: Person) -> None:
        one = await page_of(api, dave, first=3)
        two = await page_of(api, dave, first=3, after=one["pageInfo"]["endCursor"])
        three = await page_of(api, dave, first=3, after=two["pageInfo"]["endCursor"])
        beyond = await page_of(api, dave, first=3, after=three["pageInfo"]["endCursor"])
        pages = [one, two, three, beyond]
        assert [names(page) for page in pages] == ["123", "456", "7", ""]
        assert [more(page)[1] for page in pages] == [True, True, False, False]
        assert [more(page)[0] for page in pages] == [False, True, True, True]
        assert [page["totalCount"] for page in pages] == [7, 7, 7, 7]

    async def test_backward_pages_keep_the_order_and_end(self, api: Api, dave: Person) -> None:
        one = await page_of(api, dave, last=3)
        two = await page_of(api, dave, last=3, before=one["pageInfo"]["startCursor"])
        three = await page_of(api, dave, last=3, before=two["pageInfo"]["startCursor"])
        pages = [one, two, three]
        assert [names(page) for page in pages] == ["567", "234", "1"]
        assert [more(page) for page in pages] == [(True, False), (True, True), (False, True)]

    async def test_a_page_of_exactly_all_has_no_next(self, api: Api, dave: Person) -> None:
        page = await page_of(api, dave, first=7)
        assert (names(page), more(page)) == ("1234567", (False, False))
        page = await page_of(api, dave, last=100)
        assert (names(page), more(page)) == ("1234567", (False, False))

    async def test_every_cursor_parts_what_is_before_it_from_what_is_after(
        self, api: Api, dave: Person
    ) -> None:
        for edge in (await page_of(api, dave, first=7))["edges"]:
            before, _, after = "1234567".partition(edge["node"]["name"])
            assert names(await page_of(api, dave, last=7, before=edge["cursor"])) == before
            assert names(await page_of(api, dave, first=7, after=edge["cursor"])) == after

    async def test_a_cursor_stays_good_when_its_facility_went_to_another_member(
        self, api: Api, world: World, dave: Person
    ) -> None:
        one = await page_of(api, dave, first=3)
        await world.change(dave.facilities[2], owner=world.bob.member)
        two = await page_of(api, dave, first=3, after=one["pageInfo"]["endCursor"])
        assert (names(two), two["totalCount"]) == ("456", 6)

    async def test_a_wrong_page_is_refused_with_the_limit(self, api: Api, world: World) -> None:
        for arguments, code, message in WRONG_PAGES:
            refusal = await api.error(PAGE, world.alice.token, **arguments)
            assert refusal == (code, message), arguments

    async def test_a_cursor_that_no_page_gave_is_refused(self, api: Api, world: World) -> None:
        for cursor in ("", "x", "あ", row_cursor("Bill", "2040"), world.alice.facility_id):
            refusal = await api.error(PAGE, world.alice.token, first=1, after=cursor)
            assert refusal == ("BAD_INPUT", f"cursor {cursor[:40]!r} is unknown here")
        for key in ("", "x", "-1", "0", "１", "9" * 19, "9" * 5000):
            forged = row_cursor("Facility", key)
            refusal = await api.error(PAGE, world.alice.token, last=1, before=forged)
            assert refusal == ("BAD_INPUT", "the cursor is unknown here"), key


MALFORMED = ["", "x", "あ", opaque("Facility"), "RmFjaWxpdHk6MQ=="]
NO_FACILITY = [
    node_id("Facility", key) for key in ("", "0", "-1", "1.0", "１", "9" * 19, "9" * 5000)
]


class TestById:
    async def test_the_id_of_a_facility_finds_it_in_every_way(self, api: Api, world: World) -> None:
        alice, wanted = world.alice, world.alice.facility_id
        seen = {"__typename": "Facility", "id": wanted}
        assert await api.data(NODE, alice.token, id=wanted) == {"node": seen}
        assert await api.data(NODES, alice.token, ids=[wanted]) == {"nodes": [seen]}
        assert await api.data(FACILITY, alice.token, id=wanted) == {
            "facility": {"id": wanted, "name": alice.facility.name}
        }

    async def test_nodes_keep_the_asked_order_and_repeat_what_is_asked_twice(
        self, api: Api, dave: Person
    ) -> None:
        asked = [*dave.facility_ids[::-1], dave.member_id, dave.facility_id]
        data = await api.data(NODES, dave.token, ids=asked)
        assert [node["id"] for node in data["nodes"]] == asked

    async def test_one_wrong_id_among_nodes_is_null_and_its_error_says_where(
        self, api: Api, world: World
    ) -> None:
        mine = world.alice.facility_id
        answer = await api.ask(
            NODES, world.alice.token, ids=[mine, world.bob.facility_id, "x", mine]
        )
        seen = {"__typename": "Facility", "id": mine}
        assert answer["data"] == {"nodes": [seen, None, None, seen]}
        errors = [(error["path"], error["extensions"]["code"]) for error in answer["errors"]]
        assert errors == [(["nodes", 1], "NOT_FOUND"), (["nodes", 2], "BAD_INPUT")]

    async def test_a_hundred_ids_are_answered_and_more_are_refused_with_the_limit(
        self, api: Api, world: World
    ) -> None:
        ids = [world.alice.facility_id] * 101
        assert len((await api.data(NODES, world.alice.token, ids=ids[1:]))["nodes"]) == 100
        refusal = await api.error(NODES, world.alice.token, ids=ids)
        assert refusal == ("RANGE_TOO_LARGE", "ids must be at most 100, found 101")

    async def test_a_malformed_id_is_bad_input(self, api: Api, world: World) -> None:
        token = world.alice.token
        for text in MALFORMED:
            refusal = ("BAD_INPUT", f"id {text!r} is malformed")
            assert await api.error(NODE, token, id=text) == refusal
            assert await api.error(FACILITY, token, id=text) == refusal

    async def test_an_id_with_an_impossible_number_is_bad_input(
        self, api: Api, world: World
    ) -> None:
        token = world.alice.token
        for text in NO_FACILITY:
            refusal = ("BAD_INPUT", f"id {text[:40]!r} is not a facility's")
            assert await api.error(NODE, token, id=text) == refusal
            assert await api.error(FACILITY, token, id=text) == refusal

    async def test_the_id_of_a_member_is_no_facility_s(self, api: Api, world: World) -> None:
        wrong = world.alice.member_id
        refusal = ("BAD_INPUT", f"id {wrong[:40]!r} is not a facility's")
        assert await api.error(FACILITY, world.alice.token, id=wrong) == refusal

    async def test_what_does_not_exist_is_not_found(self, api: Api, world: World) -> None:
        for kind, key in [("Facility", "999999"), ("Bill", "x"), ("Robot", "1"), ("Query", "1")]:
            refusal = await api.error(NODE, world.alice.token, id=node_id(kind, key))
            assert refusal == ("NOT_FOUND", "no such object, or not yours")


PLANT = Address("554-0024", "大阪府", "大阪市此花区", "島屋 4-2-13", "Ｂ棟")


class TestContent:
    async def test_contracts_come_as_they_were_stored(self, api: Api, world: World) -> None:
        facility = world.alice.facility
        (draws,) = facility.contracts
        feeds_in = Contract(
            number="B-9",
            kind=ContractKind.BUY_BACK,
            plan="太陽光買取",
            capacity=Decimal("5.5"),
            capacity_unit="kW",
            start_on=date(2038, 4, 1),
            end_on=date(2048, 4, 1),
            payment_method=PaymentMethod.DIRECT_DEBIT,
        )
        bare = replace(draws, capacity=None, capacity_unit=None)
        await world.change(facility, contracts=(bare, feeds_in))
        query = """
        query ($id: ID!) { facility(id: $id) { contracts {
          number kind plan capacity capacityUnit startOn endOn paymentMethod
        } } }
        """
        seen = (await api.data(query, world.alice.token, id=world.alice.facility_id))["facility"]
        assert seen["contracts"] == [
            {
                "number": draws.number,
                "kind": "ELECTRICITY",
                "plan": "従量電灯",
                "capacity": None,
                "capacityUnit": None,
                "startOn": "2037-01-01",
                "endOn": None,
                "paymentMethod": "DIRECT_DEBIT",
            },
            {
                "number": "B-9",
                "kind": "BUY_BACK",
                "plan": "太陽光買取",
                "capacity": 5.5,
                "capacityUnit": "kW",
                "startOn": "2038-04-01",
                "endOn": "2048-04-01",
                "paymentMethod": "DIRECT_DEBIT",
            },
        ]

    async def test_numbers_address_and_area_are_as_stored(self, api: Api, world: World) -> None:
        facility = await world.change(
            world.alice.facility, address=PLANT, supply_point=f"06{7:020d}"
        )
        query = """
        query ($id: ID!) { facility(id: $id) {
          supplyPointNumber customerNumber area
          address { postalCode prefecture city line1 line2 }
        } }
        """
        wanted = node_id("Facility", facility.number)
        assert await api.data(query, world.alice.token, id=wanted) == {
            "facility": {
                "supplyPointNumber": "0600000000000000000007",
                "customerNumber": facility.customer_number,
                "area": "関西",
                "address": {
                    "postalCode": "554-0024",
                    "prefecture": "大阪府",
                    "city": "大阪市此花区",
                    "line1": "島屋 4-2-13",
                    "line2": "Ｂ棟",
                },
            }
        }

    async def test_the_area_of_an_unknown_prefix_is_null(self, api: Api, world: World) -> None:
        facility = await world.change(world.alice.facility, supply_point="9" * 22)
        wanted = node_id("Facility", facility.number)
        query = "query ($id: ID!) { facility(id: $id) { area } }"
        data = await api.data(query, world.alice.token, id=wanted)
        assert data == {"facility": {"area": None}}
