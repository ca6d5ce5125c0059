"""The subscription of bills: which come out, when, to whom, and how one goes on after a break."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from bson import Int64
from pymongo.errors import AutoReconnect

from datasources.bills import BillStore, _came_out
from domain.bill_position import BillPosition, PlacedBill
from domain.bills import SEN, Bill, PaymentState
from domain.settings import Settings
from schema.nodes import node_id
from tests.api import NOW, Api, Clock, Socket, eventually
from tests.known_usage import tokyo
from tests.stream import error_of
from tests.test_query_count import CollectionLog
from tests.world import Person, World

BILLS = """
subscription ($ids: [ID!]!, $after: String) {
  billPublished(facilityIds: $ids, after: $after) {
    bill { id number facilityId amountYen lines { amountYen } issuedOn }
    cursor
  }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"
LISTED = """{ viewer {
  bills(first: 9) { totalCount nodes { number } }
  facilities(first: 1) { nodes { bills(first: 9) { totalCount nodes { number } } } }
} }"""
LOG_OUT = "mutation { logOut { userErrors { code } } }"
MARCH, APRIL, MAY = (date(2040, month, 1) for month in (3, 4, 5))
JUNE = date(2040, 6, 1)
"Its bills are issued on 16 June, the day after the tests'."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, heartbeat_seconds=0.1)


@pytest.fixture
def commands() -> CollectionLog:
    return CollectionLog()


@asynccontextmanager
async def published(
    api: Api, person: Person, after: str | None = None, ids: Sequence[str] = ()
) -> AsyncIterator[Socket]:
    """A subscription of the bills of somebody's facilities."""
    async with api.socket(person.token) as socket:
        await socket.subscribe("1", BILLS, ids=ids or person.facility_ids, after=after)
        yield socket


@asynccontextmanager
async def live(api: Api, person: Person, ids: Sequence[str] = ()) -> AsyncIterator[Socket]:
    """A subscription that has said that nothing is new."""
    async with published(api, person, ids=ids) as socket:
        assert (await socket.event("billPublished"))["bill"] is None
        yield socket


async def news(socket: Socket) -> dict[str, Any]:
    """Next event with a bill; heartbeats are passed over."""
    while (event := await socket.event("billPublished"))["bill"] is None:
        pass
    return event


async def numbers(socket: Socket, count: int) -> list[str]:
    return [(await news(socket))["bill"]["number"] for _ in range(count)]


async def present(api: Api, person: Person) -> str:
    """Cursor of who knows all that has come out."""
    async with published(api, person) as socket:
        cursor: str = (await socket.event("billPublished"))["cursor"]
    return cursor


def corrected(bill: Bill, yen: int) -> Bill:
    """The bill with a line that is so much dearer."""
    first, *others = bill.lines
    lines = (replace(first, amount_sen=first.amount_sen + yen * SEN), *others)
    return replace(bill, lines=lines, amount_yen=bill.amount_yen + yen)


class TestComingOut:
    async def test_a_bill_that_is_handed_in_is_told_of_whole(self, api: Api, world: World) -> None:
        async with live(api, world.alice) as socket:
            bill = await world.bill(world.alice.facility, MAY)
            event = await news(socket)

        assert event["bill"] == {
            "id": node_id("Bill", bill.id),
            "number": bill.number,
            "facilityId": world.alice.facility_id,
            "amountYen": 10693,
            "lines": [{"amountYen": line.amount_sen / SEN} for line in bill.lines],
            "issuedOn": "2040-05-16",
        }

    async def test_a_bill_of_the_future_is_neither_told_of_nor_seen_before_its_day_of_issue(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        clock.now = tokyo(2040, 6, 15, 23, 40)
        erin = await world.person("denki-jtb", "erin@example.jp")
        async with live(api, erin) as socket:
            coming = await world.bill(erin.facility, JUNE)
            issued = await world.bill(erin.facility, MAY)
            assert await numbers(socket, 1) == [issued.number]
            assert await listed(api, erin) == [issued.number]
            assert await api.code(NODE, erin.token, id=node_id("Bill", coming.id)) == (
                "NOT_YET_AVAILABLE"
            )
            clock.advance(minutes=20)
            assert await numbers(socket, 1) == [coming.number]
            assert await listed(api, erin) == [coming.number, issued.number]
            wanted = node_id("Bill", coming.id)
            assert (await api.data(NODE, erin.token, id=wanted))["node"] == {"id": wanted}

    async def test_the_same_bill_again_and_one_that_was_paid_are_not_told_of(
        self, api: Api, world: World
    ) -> None:
        store = api.sources.bills
        bill = await world.bill(world.alice.facility, APRIL)
        async with live(api, world.alice) as socket:
            await store.put([bill], NOW)
            payment = replace(bill.payment, state=PaymentState.PAID, paid_on=MAY)
            await store.put([replace(bill, payment=payment)], NOW)
            last = await world.bill(world.alice.facility, MAY)

            assert await numbers(socket, 1) == [last.number]

    async def test_a_corrected_bill_is_told_of_again(self, api: Api, world: World) -> None:
        bill = await world.bill(world.alice.facility, MAY)
        async with live(api, world.alice) as socket:
            await api.sources.bills.put([corrected(bill, 100)], NOW)
            event = await news(socket)

        assert (event["bill"]["number"], event["bill"]["amountYen"]) == (bill.number, 10793)

    async def test_bills_of_one_moment_come_in_the_order_of_their_issue(
        self, api: Api, world: World
    ) -> None:
        bills = [await world.bill(world.alice.facility, month) for month in (MAY, MARCH, APRIL)]
        async with live(api, world.alice) as socket:
            await api.sources.bills.put([corrected(bill, 1) for bill in bills], NOW)

            assert await numbers(socket, 3) == [bills[at].number for at in (1, 2, 0)]

    async def test_only_bills_of_these_facilities_and_of_the_member_are_told_of(
        self, api: Api, world: World
    ) -> None:
        dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
        one, two = dana.facilities
        async with live(api, dana, dana.facility_ids[:1]) as socket:
            await world.bill(two, MAY)
            await world.bill(world.bob.facility, MAY)
            await world.bill(replace(one, owner=world.bob.member), APRIL)
            last = await world.bill(one, MAY)

            assert await numbers(socket, 1) == [last.number]

    async def test_a_bill_from_before_the_portal_s_history_is_not_told_of(
        self, api: Api, world: World
    ) -> None:
        async with live(api, world.alice) as socket:
            await world.bill(world.alice.facility, date(2038, 5, 1))
            last = await world.bill(world.alice.facility, date(2038, 6, 1))

            assert await numbers(socket, 1) == [last.number]

    async def test_a_damaged_bill_does_not_hide_the_others(self, api: Api, world: World) -> None:
        cursor = await present(api, world.alice)
        changes: list[dict[str, Any]] = [
            {"amountYen": Int64(1)},
            {"availableOn": "2040-01-99"},
            {"lines": [{}]},
        ]
        for month, change in enumerate(changes, 1):
            bill = await world.bill(world.alice.facility, date(2040, month, 1))
            await api.sources.mongo["bills"].update_one({"_id": bill.id}, {"$set": change})
        last = await world.bill(world.alice.facility, MAY)

        async with published(api, world.alice, cursor) as socket:
            event = await socket.event("billPublished")

        assert event["bill"]["number"] == last.number


async def listed(api: Api, person: Person) -> list[str]:
    """Numbers of the member's bills, which are those of the first facility."""
    viewer = (await api.data(LISTED, person.token))["viewer"]
    assert viewer["facilities"]["nodes"][0]["bills"] == viewer["bills"]
    found = [bill["number"] for bill in viewer["bills"]["nodes"]]
    assert viewer["bills"]["totalCount"] == len(found)
    return found


class TestGoingOn:
    async def test_after_a_cursor_comes_what_came_out_since_and_then_the_present(
        self, api: Api, world: World
    ) -> None:
        await world.bill(world.alice.facility, date(2040, 1, 1))
        cursor = await present(api, world.alice)
        missed = [await world.bill(world.alice.facility, month) for month in (MAY, MARCH)]
        async with published(api, world.alice, cursor) as socket:
            events = [await socket.event("billPublished") for _ in range(3)]
            last = await world.bill(world.alice.facility, APRIL)
            assert await numbers(socket, 1) == [last.number]

        assert [event["bill"] and event["bill"]["number"] for event in events] == [
            missed[1].number,
            missed[0].number,
            None,
        ]

    async def test_a_day_of_issue_that_came_meanwhile_is_not_missed(
        self, api: Api, world: World, clock: Clock
    ) -> None:
        coming = await world.bill(world.alice.facility, JUNE)
        cursor = await present(api, world.alice)
        clock.now = tokyo(2040, 6, 17)
        opened = await api.sources.sessions.open(world.alice.member, "denki-jtb", clock.now)
        world.alice.token = opened.access_token

        async with published(api, world.alice, cursor) as socket:
            assert await numbers(socket, 1) == [coming.number]

    async def test_from_the_cursor_of_every_event_nothing_that_comes_later_is_missed(
        self, api: Api, world: World
    ) -> None:
        first = await present(api, world.alice)
        bills = [await world.bill(world.alice.facility, month) for month in (MARCH, APRIL, MAY)]
        expected = [bill.number for bill in bills]
        async with published(api, world.alice, first) as socket:
            cursors = [(await news(socket))["cursor"] for _ in bills]

        for place, cursor in enumerate(cursors):
            last = await world.bill(world.alice.facility, date(2039, place + 1, 1))
            async with published(api, world.alice, cursor) as socket:
                heard = await numbers(socket, 1)
                while last.number not in heard:
                    heard += await numbers(socket, 1)
                while (event := await socket.event("billPublished"))["bill"] is not None:
                    heard.append(event["bill"]["number"])
            assert set(expected[place + 1 :]) < set(heard)
        assert set(heard).isdisjoint(expected)

    @pytest.mark.parametrize("moment", ["before", "after"])
    async def test_a_bill_that_is_stored_during_a_look_is_not_lost(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch, moment: str
    ) -> None:
        between = BillStore.between

        async def interrupted(store: BillStore, *places: Any) -> list[PlacedBill]:
            monkeypatch.undo()
            if moment == "before":
                await world.bill(world.alice.facility, APRIL)
            found = await between(store, *places)
            if moment == "after":
                await world.bill(world.alice.facility, APRIL)
            return found

        async with live(api, world.alice) as socket:
            monkeypatch.setattr(BillStore, "between", interrupted)
            first = await world.bill(world.alice.facility, MAY)

            number = world.alice.facility.number
            assert await numbers(socket, 2) == [first.number, f"{number}-204004"]

    async def test_who_joins_during_a_look_misses_nothing(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        last_place = BillStore.last_place

        async def interrupted(store: BillStore) -> int:
            monkeypatch.undo()
            place = await last_place(store)
            joined.append(await stack.enter_async_context(published(api, world.bob)))
            await world.bill(world.bob.facility, APRIL)
            return place

        joined: list[Socket] = []
        async with AsyncExitStack() as stack, live(api, world.alice):
            monkeypatch.setattr(BillStore, "last_place", interrupted)
            await eventually(lambda: joined)
            number = world.bob.facility.number
            assert await numbers(joined[0], 1) == [f"{number}-204004"]

    async def test_a_look_that_fails_is_made_up_for(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failures: list[Exception] = []

        async def failing(*_: object) -> int:
            failures.append(AutoReconnect("gone"))
            raise failures[-1]

        async with live(api, world.alice) as socket:
            with monkeypatch.context() as patched:
                patched.setattr(BillStore, "last_place", failing)
                bill = await world.bill(world.alice.facility, MAY)
                await eventually(lambda: len(failures) >= 2)

            assert await numbers(socket, 1) == [bill.number]


class TestReads:
    async def test_all_subscribers_share_one_read_and_leave_nothing_behind(
        self, api: Api, world: World, commands: CollectionLog
    ) -> None:
        dana = await world.person("denki-jtb", "dana@example.jp", facilities=5)
        bills = [await world.bill(place, MAY) for place in dana.facilities]
        async with AsyncExitStack() as stack:
            sockets = [
                await stack.enter_async_context(live(api, dana, [facility]))
                for facility in dana.facility_ids
            ]
            assert api.sources.bill_watch.facilities == 5
            commands.names.clear()
            await api.sources.bills.put([corrected(bill, 1) for bill in bills], NOW)
            for socket, bill in zip(sockets, bills, strict=True):
                assert await numbers(socket, 1) == [bill.number]
            # One read of who stores them, and one for all subscribers.
            assert commands.names.count("find bills") == 2

        await eventually(lambda: api.sources.bill_watch.facilities == 0)
        await eventually(lambda: api.sources.live.streams == 0)

    async def test_both_ways_to_a_bill_that_came_out_have_an_index(
        self, api: Api, world: World
    ) -> None:
        place = world.alice.facility
        for month in range(1, 13):
            await world.bill(place, date(2039, month, 1))
        known = await api.sources.bills.last_place()
        bill = await world.bill(place, MAY)
        positions = BillPosition(known, MARCH), BillPosition(known + 1, JUNE)
        assert await api.sources.bills.between([place.number], *positions) == [
            PlacedBill(known + 1, bill)
        ]
        explain = {"find": "bills", "filter": _came_out([place.number], *positions)}
        explained = await api.sources.mongo.database.command({"explain": explain})
        plan = str(explained["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in plan
        assert set(re.findall(r"'indexName': '(\w+)'", plan)) == {"facility", "place"}
        assert explained["executionStats"]["totalDocsExamined"] <= 2


class TestRefusals:
    @pytest.mark.parametrize(
        ("after", "message"),
        [
            ("abc", "cursor 'abc' is unknown here"),
            (
                BillPosition(99, date(2040, 6, 15)).cursor,
                "after: this cursor is of bills that were never stored",
            ),
            (
                BillPosition(0, date(2040, 6, 17)).cursor,
                "after: this cursor is of bills that were never stored",
            ),
        ],
        ids=["malformed", "never stored", "of the future"],
    )
    async def test_a_cursor_that_is_none_is_refused(
        self, api: Api, world: World, after: str, message: str
    ) -> None:
        async with published(api, world.alice, after) as socket:
            assert await error_of(socket) == {"code": "BAD_INPUT", "message": message}
        await eventually(lambda: api.sources.bill_watch.facilities == 0)
        await eventually(lambda: api.sources.live.streams == 0)

    async def test_a_cursor_of_a_process_in_which_the_next_day_has_begun_is_taken(
        self, api: Api, world: World
    ) -> None:
        after = BillPosition(0, date(2040, 6, 16)).cursor
        async with published(api, world.alice, after) as socket:
            assert (await socket.event("billPublished"))["bill"] is None

    async def test_it_ends_before_the_next_event_when_a_facility_changes_hands(
        self, api: Api, world: World
    ) -> None:
        async with live(api, world.alice) as socket:
            await world.change(world.alice.facility, owner=world.bob.member)
            await world.bill(world.alice.facility, MAY)

            assert (await error_of(socket))["code"] == "FORBIDDEN"

    async def test_it_ends_when_its_member_logs_out(self, api: Api, world: World) -> None:
        async with live(api, world.alice) as socket:
            await api.data(LOG_OUT, world.alice.token)

            assert (await error_of(socket))["code"] == "UNAUTHENTICATED"

    @pytest.mark.parametrize(
        ("ids", "code"),
        [
            (lambda world: [world.bob.facility_id], "NOT_FOUND"),
            (lambda world: [world.alice.member_id], "BAD_INPUT"),
            (lambda world: [], "BAD_INPUT"),
            (lambda world: [node_id("Facility", at) for at in range(1, 102)], "RANGE_TOO_LARGE"),
        ],
        ids=["another's", "a member", "none", "too many"],
    )
    async def test_only_facilities_of_the_member_can_be_subscribed(
        self, api: Api, world: World, ids: Any, code: str
    ) -> None:
        async with api.socket(world.alice.token) as socket:
            await socket.subscribe("1", BILLS, ids=ids(world))

            assert await socket.error_code() == code
