"""Subscribers who share: an event is executed once for them, and each gets what they asked for."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from domain.settings import Settings
from resolvers.live import StreamEvent
from resolvers.live_today import today_events
from resolvers.today import TodayEvent, WantedOfDay
from schema import live as schema_live
from schema import service, subscriptions
from schema.counts import Counts
from schema.execution.subscriptions import Subscription
from schema.live import ReadingEvent, reading_event
from tests.api import Api, Clock, eventually
from tests.known_usage import tokyo
from tests.stream import READINGS, kwh_of, live, store, subscribed
from tests.world import World

TODAY = "subscription ($id: ID!) { usageToday(facilityId: $id) { kwh } }"


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """Those of the API."""
    counts = Counts()
    monkeypatch.setattr(service, "Counts", lambda: counts)
    return counts


@pytest.fixture
def settings(settings: Settings, counts: Counts) -> Settings:
    return replace(settings, heartbeat_seconds=60.0)


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[StreamEvent]:
    """Events of readings that were executed."""
    events: list[StreamEvent] = []

    def noting(event: StreamEvent) -> ReadingEvent:
        if event.reading is not None:
            events.append(event)
        return reading_event(event)

    monkeypatch.setattr(subscriptions, "reading_event", noting)
    return events


async def test_an_event_is_executed_once_for_all_who_share_it(
    api: Api, world: World, executed: list[StreamEvent], counts: Counts
) -> None:
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(live(api, world.alice)) for _ in range(5)]
        await sockets[0].subscribe("another id", READINGS, ids=world.alice.facility_ids)
        assert (await sockets[0].event())["reading"] is None
        assert (counts.sockets, counts.operations, counts.groups) == (5, 6, 1)

        await store(world, world.alice.facility, 1)

        heard = [await socket.receive() for socket in (*sockets, sockets[0])]
        assert {message["id"] for message in heard} == {"1", "another id"}
        assert len({repr(message["payload"]) for message in heard}) == 1
        assert len(executed) == 1
    await eventually(lambda: (counts.sockets, counts.operations, counts.groups) == (0, 0, 0))
    assert api.sources.live.streams == 0


@pytest.mark.parametrize("other", ["selection", "member", "facilities"])
async def test_who_may_see_or_wants_something_else_is_in_another_group(
    api: Api, world: World, counts: Counts, other: str
) -> None:
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
    person, query, ids = dana, READINGS, dana.facility_ids
    if other == "selection":
        query = READINGS.replace("direction", "")
    elif other == "member":
        person, ids = world.bob, world.bob.facility_ids
    else:
        ids = ids[:1]

    async with live(api, dana), api.socket(person.token) as socket:
        await socket.subscribe("1", query, ids=ids)
        await socket.event()

        assert counts.groups == 2


async def test_the_order_of_facilities_and_the_cursor_make_no_other_group(
    api: Api, world: World, counts: Counts
) -> None:
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
    async with live(api, dana) as socket:
        await store(world, dana.facility, 1)
        cursor = (await socket.reading())["cursor"]
        async with subscribed(api, dana, cursor, dana.facility_ids[::-1]) as other:
            await other.event()

            assert counts.groups == 1


SELECTIONS = {
    "plain": "{ readings(facilityIds: $ids) { state reading { kwh } } }",
    "alias": "{ r: readings(facilityIds: $ids) { s: state again: state reading { k: kwh } } }",
    "fragments": """{ readings(facilityIds: $ids) { ...of } }
        fragment of on ReadingEvent { __typename ...state reading { ... { kwh } } }
        fragment state on ReadingEvent { state reset }""",
    "conditions": """{ readings(facilityIds: $ids) {
        state @skip(if: $no) reading @include(if: $yes) { kwh @include(if: $no) quality } } }""",
}
WANTED: dict[str, Any] = {
    "plain": {"readings": {"state": "LIVE", "reading": {"kwh": 0.25}}},
    "alias": {"r": {"s": "LIVE", "again": "LIVE", "reading": {"k": 0.25}}},
    "fragments": {
        "readings": {
            "__typename": "ReadingEvent",
            "state": "LIVE",
            "reset": False,
            "reading": {"kwh": 0.25},
        }
    },
    "conditions": {"readings": {"state": "LIVE", "reading": {"quality": "SETTLED"}}},
}


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("selection", SELECTIONS)
async def test_a_selection_is_answered_as_it_was_written(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, selection: str, compiled: bool
) -> None:
    if not compiled:
        monkeypatch.setattr(Subscription, "_writer", lambda *_: None)
    declared = "$ids: [ID!]!"
    given: dict[str, Any] = {"ids": world.alice.facility_ids}
    if selection == "conditions":
        declared += ", $yes: Boolean!, $no: Boolean = false"
        given["yes"] = True
    async with api.socket(world.alice.token) as socket:
        await socket.subscribe("1", f"subscription ({declared}) {SELECTIONS[selection]}", **given)
        await socket.receive()
        await store(world, world.alice.facility, 250)

        payload = (await socket.receive())["payload"]

    assert payload == {"data": WANTED[selection]}
    assert repr(payload) == repr({"data": WANTED[selection]})  # in the same order


async def test_subscriptions_that_differ_in_a_condition_get_their_own(
    api: Api, world: World
) -> None:
    query = """subscription ($ids: [ID!]!, $wanted: Boolean!) {
        readings(facilityIds: $ids) { state reading @include(if: $wanted) { kwh } } }"""
    async with api.socket(world.alice.token) as socket:
        for operation, wanted in (("1", True), ("2", False)):
            given = {"ids": world.alice.facility_ids, "wanted": wanted}
            await socket.subscribe(operation, query, **given)
            await socket.receive()
        await store(world, world.alice.facility, 250)

        heard = {message["id"]: message for message in [await socket.receive() for _ in "12"]}

    assert heard["1"]["payload"]["data"]["readings"] == {"state": "LIVE", "reading": {"kwh": 0.25}}
    assert heard["2"]["payload"]["data"]["readings"] == {"state": "LIVE"}


async def test_what_is_wrong_with_an_event_is_said_by_the_stock_executor(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong:
        cursor = "c"
        state = None
        last_received_at = None
        reset = False
        reading = None

    async with live(api, world.alice) as socket:
        monkeypatch.setattr(subscriptions, "reading_event", lambda _event: Wrong())
        await store(world, world.alice.facility, 1)
        payload = (await socket.receive())["payload"]

        assert payload["data"] is None
        (error,) = payload["errors"]
        assert error["path"] == ["readings", "state"]
        assert error["extensions"]["code"] == "INTERNAL"
        monkeypatch.undo()
        await store(world, world.alice.facility, 2, half=1)
        assert await kwh_of(socket, 1) == [0.002]


async def test_a_selection_that_breaks_the_executor_ends_its_group_and_no_other(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_event: StreamEvent) -> ReadingEvent:
        raise ZeroDivisionError

    async with live(api, world.alice) as socket, live(api, world.bob) as other:
        with monkeypatch.context() as patched:
            patched.setattr(subscriptions, "reading_event", fails)
            await store(world, world.alice.facility, 1)
            message = await socket.receive()
        assert message["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert await socket.receive() == {"id": "1", "type": "complete"}
        await store(world, world.bob.facility, 2)

        assert await kwh_of(other, 1) == [0.002]


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Facilities whose running day is followed, once for everybody who does so."""
    numbers: list[int] = []

    def noting(context: Any, number: int, wanted: WantedOfDay) -> AsyncGenerator[TodayEvent, None]:
        numbers.append(number)
        return today_events(context, number, wanted)

    monkeypatch.setattr(schema_live, "today_events", noting)
    return numbers


async def test_a_day_is_followed_once_for_a_session_and_who_comes_late_is_told_at_once(
    api: Api, world: World, followed: list[int], counts: Counts
) -> None:
    alice = world.alice
    async with api.socket(alice.token) as socket, api.socket(alice.token) as late:
        await socket.subscribe("1", TODAY, id=alice.facility_id)
        assert await socket.event("usageToday") == {"kwh": 0.0}
        await world.reading(alice.facility, tokyo(2040, 6, 15), 500)
        assert await socket.event("usageToday") == {"kwh": 0.5}

        await late.subscribe("late", TODAY, id=alice.facility_id)
        assert await late.event("usageToday") == {"kwh": 0.5}
        await world.reading(alice.facility, tokyo(2040, 6, 15, 1), 250)
        for each in (socket, late):
            assert await each.event("usageToday") == {"kwh": 0.75}

        assert followed == [alice.facility.number]
        await socket.send(type="complete", id="1")
        await world.reading(alice.facility, tokyo(2040, 6, 15, 2), 250)
        assert await late.event("usageToday") == {"kwh": 1.0}
    await eventually(lambda: (counts.groups, api.sources.live.streams) == (0, 0))


async def test_another_session_follows_the_day_by_itself(
    api: Api, world: World, followed: list[int], clock: Clock
) -> None:
    alice = world.alice
    other = await api.sources.sessions.open(alice.member, "denki-jtb", clock.now)
    for token in (alice.token, other.access_token):
        async with api.socket(token) as socket:
            await socket.subscribe("1", TODAY, id=alice.facility_id)
            await socket.event("usageToday")

    assert followed == [alice.facility.number] * 2


async def test_a_day_of_somebody_else_is_refused_to_all_who_asked(api: Api, world: World) -> None:
    async with api.socket(world.alice.token) as socket:
        for operation in "12":
            await socket.subscribe(operation, TODAY, id=world.bob.facility_id)

        for _ in "12":
            assert await socket.error_code() == "NOT_FOUND"
