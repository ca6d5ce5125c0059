"""Bills by GraphQL: of a facility and of a member, newest first, within the portal's 24 months."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from domain.bills import SEN, Bill
from domain.paging import row_cursor
from schema.nodes import node_id
from tests.api import Api, Clock
from tests.world import World

MEMBER = """
query ($first: Int, $after: String, $last: Int, $before: String, $from: Date, $to: Date) {
  viewer {
    bills(first: $first, after: $after, last: $last, before: $before, from: $from, to: $to) {
      ...Shown
    }
  }
}
"""
FACILITY = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  facility(id: $id) {
    bills(first: $first, after: $after, last: $last, before: $before) { ...Shown }
  }
}
"""
SHOWN = """
fragment Shown on BillConnection {
  totalCount
  nodes { number amountYen lines { amountSen } }
  edges { cursor node { id number } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}
"""
NODE = """
query ($id: ID!) { node(id: $id) { id ... on Bill {
  number facilityId periodStartOn periodEndOn usageKwh amountYen issuedOn dueOn
  paymentState paidOn lines { kind label quantity unit unitPriceYen amountYen }
} } }
"""


@dataclass
class Billed:
    """Alice has two facilities; bills by month, four of the first and two of the second."""

    world: World
    first: dict[int, Bill]
    second: dict[int, Bill]

    def numbers(self, *months: int) -> list[str]:
        """Numbers of the bills of these months of the first facility."""
        return [self.first[month].number for month in months]


@pytest.fixture
async def billed(world: World) -> Billed:
    alice = world.alice
    alice.facilities.append(await world.place("denki-jtb", alice.member))
    one, two = alice.facilities
    first = {month: await world.bill(one, date(2040, month, 1)) for month in (3, 1, 5, 4)}
    second = {month: await world.bill(two, date(2040, month, 1)) for month in (2, 5)}
    await world.bill(world.bob.facility, date(2040, 5, 1))
    return Billed(world, first, second)


def checked(page: dict[str, Any]) -> dict[str, Any]:
    """A page whose bills all add up."""
    for bill in page["nodes"]:
        assert sum(line["amountSen"] for line in bill["lines"]) == bill["amountYen"] * SEN > 0
    return page


async def of_member(api: Api, world: World, **arguments: Any) -> dict[str, Any]:
    data = await api.data(MEMBER + SHOWN, world.alice.token, **arguments)
    return checked(data["viewer"]["bills"])


async def of_facility(api: Api, world: World, **arguments: Any) -> dict[str, Any]:
    asked = {"id": world.alice.facility_id} | arguments
    data = await api.data(FACILITY + SHOWN, world.alice.token, **asked)
    return checked(data["facility"]["bills"])


def numbers(page: dict[str, Any]) -> list[str]:
    return [bill["number"] for bill in page["nodes"]]


def more(page: dict[str, Any]) -> tuple[bool, bool]:
    """Whether there are pages before and after."""
    return page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]


class TestFacilityBills:
    async def test_they_come_newest_first_and_only_the_facility_s(
        self, api: Api, billed: Billed
    ) -> None:
        page = await of_facility(api, billed.world, first=10)
        assert numbers(page) == billed.numbers(5, 4, 3, 1)
        assert page["totalCount"] == 4

    async def test_forward_pages_go_back_in_time(self, api: Api, billed: Billed) -> None:
        one = await of_facility(api, billed.world, first=3)
        two = await of_facility(api, billed.world, first=3, after=one["pageInfo"]["endCursor"])
        assert [numbers(page) for page in (one, two)] == [
            billed.numbers(5, 4, 3),
            billed.numbers(1),
        ]
        assert [more(page) for page in (one, two)] == [(False, True), (True, False)]

    async def test_backward_pages_begin_at_the_oldest_and_keep_the_order(
        self, api: Api, billed: Billed
    ) -> None:
        one = await of_facility(api, billed.world, last=3)
        two = await of_facility(api, billed.world, last=3, before=one["pageInfo"]["startCursor"])
        assert [numbers(page) for page in (one, two)] == [
            billed.numbers(4, 3, 1),
            billed.numbers(5),
        ]
        assert [more(page) for page in (one, two)] == [(True, False), (False, True)]

    async def test_a_facility_without_bills_has_an_empty_page(self, api: Api, world: World) -> None:
        page = await of_facility(api, world, first=1)
        assert page == {
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


class TestMemberBills:
    async def test_they_are_those_of_all_facilities_newest_first(
        self, api: Api, billed: Billed
    ) -> None:
        page = await of_member(api, billed.world, first=10)
        # Of one day of issue those of the later facility come first.
        assert numbers(page) == [
            billed.second[5].number,
            *billed.numbers(5, 4, 3),
            billed.second[2].number,
            *billed.numbers(1),
        ]
        assert page["totalCount"] == 6

    async def test_a_page_may_end_between_two_bills_of_one_day(
        self, api: Api, billed: Billed
    ) -> None:
        one = await of_member(api, billed.world, first=1)
        two = await of_member(api, billed.world, first=1, after=one["pageInfo"]["endCursor"])
        assert numbers(one) == [billed.second[5].number]
        assert numbers(two) == billed.numbers(5)

    async def test_from_is_in_and_to_is_out_by_the_day_of_issue(
        self, api: Api, billed: Billed
    ) -> None:
        spans = {
            ("2040-03-16", "2040-04-16"): billed.numbers(3),
            ("2040-03-17", "2040-04-17"): billed.numbers(4),
            ("2040-03-16", "2040-04-17"): billed.numbers(4, 3),
            ("2040-05-17", "2040-06-01"): [],
        }
        pages = {
            (start, end): await of_member(api, billed.world, first=9, **{"from": start, "to": end})
            for start, end in spans
        }
        assert {span: numbers(page) for span, page in pages.items()} == spans
        assert {span: page["totalCount"] for span, page in pages.items()} == {
            span: len(found) for span, found in spans.items()
        }

    async def test_from_and_to_may_be_given_alone(self, api: Api, billed: Billed) -> None:
        late = await of_member(api, billed.world, first=9, **{"from": "2040-05-01"})
        early = await of_member(api, billed.world, first=9, to="2040-02-01")
        assert numbers(late) == [billed.second[5].number, *billed.numbers(5)]
        assert numbers(early) == billed.numbers(1)

    async def test_an_empty_or_turned_span_is_refused(self, api: Api, world: World) -> None:
        for start, end in (("2040-05-01", "2040-05-01"), ("2040-05-02", "2040-05-01")):
            asked = {"first": 1, "from": start, "to": end}
            assert await api.error(MEMBER + SHOWN, world.alice.token, **asked) == (
                "BAD_INPUT",
                f"from must be before to, found {start} and {end}",
            )

    async def test_a_wrong_page_is_refused_with_the_limit(self, api: Api, world: World) -> None:
        cursor = row_cursor("Facility", "1")
        wrong: list[tuple[dict[str, Any], tuple[str, str]]] = [
            ({}, ("BAD_INPUT", "give either first or last, 1 to 100")),
            ({"last": 0}, ("BAD_INPUT", "last must be 1 to 100, found 0")),
            ({"first": 101}, ("RANGE_TOO_LARGE", "first must be 1 to 100, found 101")),
            ({"first": 1, "after": cursor}, ("BAD_INPUT", f"cursor {cursor!r} is unknown here")),
        ]
        for page, refusal in wrong:
            assert await api.error(MEMBER + SHOWN, world.alice.token, **page) == refusal
            of_one = {"id": world.alice.facility_id} | page
            assert await api.error(FACILITY + SHOWN, world.alice.token, **of_one) == refusal


class TestHistory:
    async def test_a_bill_is_seen_for_24_months_after_its_issue(
        self, api: Api, clock: Clock
    ) -> None:
        clock.advance(days=1)  # 16 June 2040, 24 months after the issue to the day
        world = await World.made(api.sources)
        bill = await world.bill(world.alice.facility, date(2038, 6, 1))
        wanted = node_id("Bill", bill.id)
        assert numbers(await of_member(api, world, first=1)) == [bill.number]
        assert numbers(await of_facility(api, world, first=1)) == [bill.number]
        assert (await api.data(NODE, world.alice.token, id=wanted))["node"]["id"] == wanted

    async def test_a_day_later_it_is_gone_from_lists_counts_and_by_id(
        self, api: Api, clock: Clock
    ) -> None:
        clock.advance(days=1, hours=12)  # 00:10 of 17 June in Tokyo, still the 16th in UTC
        world = await World.made(api.sources)
        bill = await world.bill(world.alice.facility, date(2038, 6, 1))
        for page in (
            await of_member(api, world, first=1),
            await of_facility(api, world, first=1),
            await of_member(api, world, first=1, **{"from": "2038-01-01"}),
        ):
            assert (numbers(page), page["totalCount"], more(page)) == ([], 0, (False, False))
        code = await api.code(NODE, world.alice.token, id=node_id("Bill", bill.id))
        assert code == "NOT_FOUND"


class TestOneBill:
    async def test_the_id_of_a_bill_finds_all_of_it(self, api: Api, billed: Billed) -> None:
        bill = billed.first[5]
        (edge,) = (await of_facility(api, billed.world, first=1))["edges"]
        seen = (await api.data(NODE, billed.world.alice.token, id=edge["node"]["id"]))["node"]
        lines = seen.pop("lines")
        assert seen == {
            "id": node_id("Bill", bill.id),
            "number": bill.number,
            "facilityId": billed.world.alice.facility_id,
            "periodStartOn": "2040-04-12",
            "periodEndOn": "2040-05-12",
            "usageKwh": 250.0,
            "amountYen": 10693,
            "issuedOn": "2040-05-16",
            "dueOn": "2040-06-11",
            "paymentState": "UNPAID",
            "paidOn": None,
        }
        assert [tuple(line.values()) for line in lines] == [
            ("BASIC_CHARGE", "基本料金", 4.0, "10A", 310.0, 1240),
            ("ENERGY_CHARGE", "電力量料金（第1段階）", 120.0, "kWh", 29.5, 3540),
            ("ENERGY_CHARGE", "電力量料金（第2段階）", 130.0, "kWh", 36.2, 4706),
            ("FUEL_ADJUSTMENT", "燃料費調整額", 250.0, "kWh", 0.85, 212.5),
            ("RENEWABLE_LEVY", "再生可能エネルギー発電促進賦課金", 250.0, "kWh", 3.98, 995),
            ("ROUNDING", "端数切捨", None, None, None, -0.5),
        ]
        assert sum(line["amountYen"] for line in lines) == seen["amountYen"]
