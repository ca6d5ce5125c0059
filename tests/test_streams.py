"""Streams of readings: complete, in order, and only to who may see them, whatever happens."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
import structlog
from pymongo.errors import AutoReconnect

from datasources.announcements import Announcer
from datasources.endings import Ending, EndingStore
from datasources.facilities import FacilityStore
from datasources.mongo import Mongo
from datasources.stored_rows import StoredRows
from datasources.usage import UsageReader
from domain.errors import BadInput, Forbidden, NotFound
from domain.settings import Settings
from domain.stored import Announcement, Head
from domain.stream_cursor import decode_positions, encode_positions
from resolvers import inbox, patience, stream_events
from resolvers.live import StreamEvent, StreamState
from resolvers.sources import Sources, open_sources
from tests.api import Api, Clock, CommandLog, eventually
from tests.listening import Listener, context_of, listening, past, wh_of
from tests.stream import store
from tests.test_live_faults import lost_messages
from tests.world import World


@pytest.fixture
def beat() -> float:
    """Seconds between heartbeats: so many that none of them finds what an announcement should bring."""
    return 60.0


@pytest.fixture
def limit() -> int:
    """Readings that a subscriber may have missed."""
    return 20_000


@pytest.fixture
def settings(settings: Settings, beat: float, limit: int) -> Settings:
    return replace(settings, heartbeat_seconds=beat, catch_up_limit=limit)


@pytest.fixture
def sources(api: Api) -> Sources:
    """One process."""
    return api.sources


@pytest.fixture
async def elsewhere(
    settings: Settings, database: str, api: Api, clock: Clock
) -> AsyncIterator[Sources]:
    """Another process over the same databases."""
    mongo = Mongo(settings.mongodb_url, database=database)
    async with Api.serving(open_sources(settings, mongo, clock)) as other:
        yield other.sources


def announcements(monkeypatch: pytest.MonkeyPatch) -> list[Announcement]:
    """What is published from now on, which goes out as ever."""
    published: list[Announcement] = []
    publish = Announcer.publish

    async def noted(announcer: Announcer, given: Sequence[Announcement]) -> bool:
        published.extend(given)
        return await publish(announcer, given)

    monkeypatch.setattr(Announcer, "publish", noted)
    return published


async def test_readings_come_live_with_the_places_to_go_on_from(
    sources: Sources, world: World
) -> None:
    number = world.alice.facility.number
    async with listening(sources, world.alice) as listener:
        await store(world, world.alice.facility, 1, 2)
        await store(world, world.alice.facility, 3, half=2)

        assert await listener.until(3) == [1, 2, 3]

    assert [event.positions for event in listener.heard] == [{number: place} for place in (1, 2, 3)]
    assert [event.state for event in listener.heard] == [StreamState.LIVE] * 3
    assert decode_positions(listener.heard[1].cursor) == {number: 2}


async def test_what_is_announced_twice_comes_once(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = announcements(monkeypatch)
    async with listening(sources, world.alice) as listener:
        await store(world, world.alice.facility, 1, 2)
        await store(world, world.alice.facility, 3, half=2)
        await sources.announcer.publish(published * 3)
        await store(world, world.alice.facility, 4, half=3)

        assert await listener.until(4) == [1, 2, 3, 4]


async def test_announcements_that_overlap_bring_each_reading_once(
    sources: Sources, world: World
) -> None:
    number = world.alice.facility.number
    async with listening(sources, world.alice) as listener:
        await store(world, world.alice.facility, 1, 2)
        await listener.until(2)
        async with lost_messages():
            await store(world, world.alice.facility, 3, half=2)
        every = (await sources.usage.stored_between({number: 0}, {number: 3}))[:]
        await sources.announcer.publish([Announcement(number, 1, 3, every)])
        await store(world, world.alice.facility, 4, half=3)

        assert await listener.until(4) == [1, 2, 3, 4]


async def test_listeners_of_the_same_facilities_share_stream_events_and_cursor(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[Mapping[int, int]] = []

    def encode(positions: Mapping[int, int]) -> str:
        encoded.append(positions)
        return encode_positions(positions)

    monkeypatch.setattr(stream_events, "encode_positions", encode)
    async with (
        listening(sources, world.alice) as one,
        listening(sources, world.alice) as two,
        listening(sources, world.bob) as other,
    ):
        assert sources.live.streams == 2
        await store(world, world.alice.facility, 1)
        await asyncio.gather(one.until(1), two.until(1))

    assert one.heard[0] is two.heard[0]
    assert encoded == []
    assert one.heard[0].cursor == two.heard[0].cursor
    assert len(encoded) == 1
    assert other.heard == []


async def test_a_listener_that_fails_disturbs_no_other(sources: Sources, world: World) -> None:
    class Failing(Listener):
        def events(self, events: Sequence[StreamEvent]) -> None:
            super().events(events)
            raise ZeroDivisionError

    failing = Failing()
    numbers = [world.alice.facility.number]
    await sources.live.open(context_of(sources, world.alice), numbers, failing)
    async with listening(sources, world.alice) as listener:
        await store(world, world.alice.facility, 1)
        await store(world, world.alice.facility, 2, half=1)

        assert await listener.until(2) == [1, 2]

    assert failing.wh == [1]
    assert (await failing.error()).code == "INTERNAL"
    assert sources.live.streams == 0


async def test_a_facility_whose_past_is_being_read_holds_up_no_other(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, asked, gate = UsageReader.stored_between, asyncio.Event(), asyncio.Event()

    async def held(reader: UsageReader, *places: Any) -> StoredRows:
        asked.set()
        await gate.wait()
        return await read(reader, *places)

    dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
    quiet, busy = dana.facilities
    async with listening(sources, dana) as listener:
        monkeypatch.setattr(UsageReader, "stored_between", held)
        async with lost_messages():
            await store(world, quiet, 1)
        await store(world, quiet, 2, half=1)
        await asked.wait()
        await store(world, busy, 3)
        assert await listener.until(1) == [3]
        gate.set()

        assert await listener.until(3) == [3, 1, 2]


async def test_a_burst_leaves_the_loop_to_others_after_every_128_events(
    sources: Sources, world: World
) -> None:
    ticks = [0]
    loop = asyncio.get_running_loop()
    async with listening(sources, world.alice) as listener:

        def tick() -> None:
            ticks.append(len(listener.heard))
            ticking = loop.call_soon(tick)
            if len(listener.heard) == 1000:
                ticking.cancel()

        await store(world, world.alice.facility, *range(1, 1001))
        stream = listener.attachment.stream
        (number,) = stream.numbers
        await listener.until(1000)
        rows = (await sources.usage.stored_between({number: 0}, {number: 1000}))[:]
        stream.positions, listener.heard = {number: 0}, []
        for place, row in enumerate(rows, 1):
            stream.announced(Announcement(number, place, place, [row]))
        loop.call_soon(tick)
        assert await listener.until(1000) == list(range(1, 1001))

    steps = np.diff([*ticks, 1000])
    assert steps.max() == 128
    assert (steps > 0).sum() == 8


async def test_when_more_comes_than_is_kept_it_is_read_from_the_database(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    since, gate = EndingStore.since, asyncio.Event()
    missed: list[object] = []
    miss = inbox.Inbox.miss

    async def held(endings: EndingStore, place: int) -> list[Ending]:
        await gate.wait()
        return await since(endings, place)

    def noted(box: Any, item: Any) -> None:
        missed.append(item)
        miss(box, item)

    monkeypatch.setattr(inbox, "_MOST_READINGS", 4)
    monkeypatch.setattr(inbox.Inbox, "miss", noted)
    async with listening(sources, world.alice) as listener:
        monkeypatch.setattr(EndingStore, "since", held)
        for half in range(10):
            await store(world, world.alice.facility, half + 1, half=half)
        await eventually(lambda: len(missed) >= 2)
        assert listener.heard == []
        gate.set()

        assert await listener.until(10) == list(range(1, 11))


# Between the past and the present.


async def test_whoever_comes_while_readings_never_cease_has_each_of_them_once(
    sources: Sources, world: World
) -> None:
    facility, count = world.alice.facility, 40
    written = asyncio.Event()

    async def write() -> None:
        for half in range(count):
            await store(world, facility, half + 1, half=half)
        written.set()

    async def subscribe() -> list[int]:
        async with listening(sources, world.alice) as listener:
            heard: list[StreamEvent] = []
            async for events in listener.attachment.past({facility.number: 0}):
                heard += events
                await asyncio.sleep(0)
            listener.heard = heard
            return await listener.until(count, 30)

    writing = asyncio.create_task(write())
    subscribers: list[asyncio.Task[list[int]]] = []
    while not written.is_set() and len(subscribers) < 20:
        subscribers.append(asyncio.create_task(subscribe()))
        await eventually(lambda: sources.live.streams)
        await asyncio.sleep(0.01)
    await writing

    assert len(subscribers) > 3
    for heard in await asyncio.gather(*subscribers):
        assert heard == list(range(1, count + 1))
    assert sources.live.streams == 0


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_what_is_stored_while_a_stream_begins_is_not_lost(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    read = UsageReader.heads

    async def heads(reader: UsageReader, numbers: Sequence[int]) -> dict[int, Head]:
        monkeypatch.undo()
        if moment == "before":
            await store(world, world.alice.facility, 1)
        found = await read(reader, numbers)
        if moment == "after":
            await store(world, world.alice.facility, 1)
        return found

    monkeypatch.setattr(UsageReader, "heads", heads)
    async with listening(sources, world.alice) as listener:
        if moment == "before":
            assert listener.attachment.positions == {world.alice.facility.number: 1}
        else:
            assert await listener.until(1) == [1]


async def test_without_its_past_a_subscriber_would_have_missed_something(
    sources: Sources, world: World
) -> None:
    """So the test above can fail."""
    await store(world, world.alice.facility, 1)
    async with listening(sources, world.alice) as listener:
        await store(world, world.alice.facility, 2, half=1)

        assert await listener.until(1) == [2]


async def test_a_listener_that_was_away_for_a_while_misses_nothing(
    sources: Sources, world: World
) -> None:
    facility = world.alice.facility
    async with listening(sources, world.alice) as listener:
        await store(world, facility, 1)
        await listener.until(1)
        away = listener.heard[-1].positions
        await store(world, facility, 2, 3, half=1)
        await listener.until(3)

        assert wh_of(await past(listener.attachment, away)) == [2, 3]
        assert await past(listener.attachment, listener.attachment.positions) == []


async def test_the_past_comes_in_batches_and_is_read_in_parts(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=2)
    one, two = dana.facilities
    read, parts = UsageReader.stored_between, []

    async def noted(
        reader: UsageReader, after: Mapping[int, int], until: Mapping[int, int]
    ) -> StoredRows:
        found = await read(reader, after, until)
        parts.append(len(found))
        return found

    await store(world, one, *([1] * 3000))
    await store(world, two, *([2] * 500))
    monkeypatch.setattr(UsageReader, "stored_between", noted)
    async with listening(sources, dana) as listener:
        batches = [
            events async for events in listener.attachment.past({one.number: 0, two.number: 0})
        ]

    events = [event for batch in batches for event in batch]
    assert wh_of(events) == [1] * 3000 + [2] * 500
    assert [event.reading.order for event in events if event.reading] == [
        *range(1, 3001),
        *range(1, 501),
    ]
    assert {event.state for event in events} == {StreamState.CATCHING_UP}
    assert max(map(len, batches)) <= 200
    assert max(parts) <= 2000
    assert events[-1].positions == {one.number: 3000, two.number: 500}


async def test_a_cursor_may_be_newer_than_what_was_announced_here(
    sources: Sources, world: World
) -> None:
    facility = world.alice.facility
    async with listening(sources, world.alice) as early:
        async with lost_messages():
            await store(world, facility, 1, 2)
        assert early.attachment.positions == {facility.number: 0}
        cursor = encode_positions({facility.number: 2})
        positions = await early.attachment.positions_of(cursor)

        assert await past(early.attachment, positions) == []
        assert early.attachment.positions == {facility.number: 2}
        assert early.wh == [1, 2]
        with pytest.raises(BadInput, match="never stored"):
            await early.attachment.positions_of(encode_positions({facility.number: 3}))


async def test_whoever_comes_without_a_cursor_hears_of_nothing_that_was_before(
    sources: Sources, world: World
) -> None:
    async with listening(sources, world.alice) as early:
        async with lost_messages():
            await store(world, world.alice.facility, 1)
        async with listening(sources, world.alice) as listener:
            assert await past(listener.attachment, None) == []
            await store(world, world.alice.facility, 2, half=1)

            assert await listener.until(1) == [2]
    assert early.wh == [1, 2]


# More than is sent.


@pytest.mark.parametrize("limit", [10])
async def test_a_subscriber_that_missed_too_much_is_told_so_and_goes_on_from_the_present(
    sources: Sources, world: World
) -> None:
    number = world.alice.facility.number
    await store(world, world.alice.facility, *range(1, 12))
    async with listening(sources, world.alice) as listener:
        within = await past(listener.attachment, {number: 1})
        (event,) = await past(listener.attachment, {number: 0})
        await store(world, world.alice.facility, 12, half=11)

        assert await listener.until(1) == [12]

    assert wh_of(within) == list(range(2, 12))
    assert not any(event.reset for event in within)
    assert (event.reading, event.reset) == (None, True)
    assert event.positions == {number: 11}


@pytest.mark.parametrize("limit", [10])
async def test_a_stream_that_missed_too_much_is_told_so_and_goes_on_from_the_present(
    sources: Sources, world: World
) -> None:
    number = world.alice.facility.number
    async with listening(sources, world.alice) as listener:
        async with lost_messages():
            await store(world, world.alice.facility, *range(1, 11))
        await store(world, world.alice.facility, 11, half=10)
        await eventually(lambda: listener.heard)
        await store(world, world.alice.facility, 12, half=11)

        assert await listener.until(1) == [12]

    assert [(event.reset, event.positions) for event in listener.heard] == [
        (True, {number: 11}),
        (False, {number: 12}),
    ]
    assert sources.live.visits.resets == 1


# Who may see what.


async def test_a_facility_that_changed_hands_elsewhere_ends_its_streams_before_the_next_event(
    sources: Sources, elsewhere: Sources, world: World
) -> None:
    async with listening(sources, world.alice) as listener:
        moved = replace(world.alice.facility, owner=world.bob.member)
        await elsewhere.facilities.put(moved)
        await store(world, world.alice.facility, 1)

        error = await listener.error()

        assert isinstance(error, Forbidden)
        assert str(error) == "a facility of this subscription may no longer be seen"
        with pytest.raises(Forbidden):
            await past(listener.attachment, {moved.number: 0})
        with pytest.raises(NotFound):
            async with listening(sources, world.alice):
                pass
    assert listener.heard == []
    assert sources.live.streams == 0


async def test_a_session_that_was_ended_elsewhere_is_told_of_before_the_next_event(
    sources: Sources, elsewhere: Sources, world: World
) -> None:
    class Noting(Listener):
        def events(self, events: Sequence[StreamEvent]) -> None:
            order.extend(event.reading.wh for event in events if event.reading)
            super().events(events)

    order: list[int | str] = []
    opened = await elsewhere.sessions.open(world.alice.member, "denki-jtb", sources.clock())
    sources.authority.watch_session(opened.session, lambda: order.append("ended"))
    listener = Noting()
    numbers = [world.alice.facility.number]
    attachment = await sources.live.open(context_of(sources, world.alice), numbers, listener)
    await store(world, world.alice.facility, 1)
    await listener.until(1)

    await elsewhere.sessions.end(opened.session.id)
    await store(world, world.alice.facility, 2, half=1)
    await listener.until(2)
    attachment.detach()

    assert order == [1, "ended", 2]


@pytest.mark.parametrize("beat", [0.3])
async def test_a_facility_that_was_moved_by_hand_is_found_by_the_heartbeat(
    sources: Sources, world: World
) -> None:
    async with listening(sources, world.alice) as listener:
        await sources.mongo["facilities"].update_one(
            {"_id": world.alice.facility.number}, {"$set": {"member": world.bob.member}}
        )

        assert isinstance(await listener.error(), Forbidden)


async def test_between_heartbeats_nobody_knows_what_was_moved_by_hand(
    sources: Sources, world: World
) -> None:
    """So it is the ending that ends a stream in the test before the last."""
    async with listening(sources, world.alice) as listener:
        await sources.mongo["facilities"].update_one(
            {"_id": world.alice.facility.number}, {"$set": {"member": world.bob.member}}
        )
        await store(world, world.alice.facility, 1)

        assert await listener.until(1) == [1]


async def test_nothing_is_handed_on_while_it_is_looked_up_whose_a_facility_is(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_numbers, asked, gate = FacilityStore.by_numbers, asyncio.Event(), asyncio.Event()

    async def held(facilities: FacilityStore, numbers: Sequence[int]) -> Any:
        asked.set()
        await gate.wait()
        return await by_numbers(facilities, numbers)

    facility = world.alice.facility
    async with listening(sources, world.alice) as listener:
        await store(world, facility, 1)
        await listener.until(1)
        monkeypatch.setattr(FacilityStore, "by_numbers", held)
        contract = replace(facility.contracts[0], end_on=date(2040, 6, 2))
        await world.change(facility, contracts=(contract,))
        await store(world, facility, 2, half=1)
        await asked.wait()
        await store(world, facility, 3, half=2)
        catching_up = asyncio.create_task(past(listener.attachment, {facility.number: 0}))
        await sources.authority.settle()
        assert (await asyncio.wait([catching_up], timeout=0.2))[0] == set()
        assert listener.wh == [1]
        gate.set()

        assert await listener.until(3) == [1, 2, 3]
        assert wh_of(await catching_up)[0] == 1


async def test_a_facility_that_changes_hands_while_it_is_looked_up_whose_it_is_ends_the_stream(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_numbers = FacilityStore.by_numbers

    async def overtaken(facilities: FacilityStore, numbers: Sequence[int]) -> Any:
        monkeypatch.undo()
        found = await by_numbers(facilities, numbers)
        await world.change(world.alice.facility, owner=world.bob.member)
        await sources.authority.settle()
        return found

    async with listening(sources, world.alice) as listener:
        streams = [listener.attachment.stream]
        monkeypatch.setattr(FacilityStore, "by_numbers", overtaken)
        await sources.live.visits.visit(streams, streams)

        assert listener.beats == []
        assert isinstance(await listener.error(), Forbidden)


async def test_what_is_used_out_of_a_changed_contract_is_not_sent(
    sources: Sources, world: World
) -> None:
    facility = world.alice.facility
    contract = replace(facility.contracts[0], end_on=date(2040, 6, 2))
    async with listening(sources, world.alice) as listener:
        await store(world, facility, 1, 2, half=47)
        assert await listener.until(2) == [1, 2]
        await world.change(facility, contracts=(contract,))
        await store(world, facility, 3, 4, half=47)
        await store(world, facility, 5, half=46)

        assert await listener.until(4) == [1, 2, 3, 5]


async def test_a_row_that_cannot_be_read_ends_only_its_own_streams(
    sources: Sources, world: World
) -> None:
    await store(world, world.alice.facility, 1)
    async with (
        listening(sources, world.alice) as alice,
        listening(sources, world.bob) as bob,
        listening(sources, world.carol) as carol,
    ):
        streams = [each.attachment.stream for each in (alice, bob, carol)]
        await sources.mongo["facilities"].update_one(
            {"_id": world.bob.facility.number}, {"$set": {"contracts": [{"kind": "WIND"}]}}
        )
        await sources.live.visits.visit(streams, streams)

        assert (await bob.error()).code == "INTERNAL"
        assert alice.beats
        assert carol.beats
        assert alice.errors == carol.errors == []


# When something is away.


async def test_while_mongodb_does_not_answer_nothing_comes_and_afterwards_everything(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def away(*_: object) -> Any:
        asked.append("asked")
        raise AutoReconnect

    monkeypatch.setattr("resolvers.stream_rounds.RETRY_SECONDS", 0.01)
    monkeypatch.setattr(patience, "RETRY_SECONDS", 0.01)
    facility = world.alice.facility
    with structlog.testing.capture_logs() as logs:
        async with listening(sources, world.alice) as listener:
            await store(world, facility, 1)
            await listener.until(1)
            with monkeypatch.context() as patched:
                patched.setattr(EndingStore, "since", away)
                catching_up = asyncio.create_task(past(listener.attachment, {facility.number: 0}))
                await store(world, facility, 2, half=1)
                await eventually(lambda: len(asked) > 5)
                assert listener.wh == [1]
                assert not catching_up.done()
            assert await listener.until(2) == [1, 2]
            assert wh_of(await catching_up)[0] == 1
            await store(world, facility, 3, half=2)
            assert await listener.until(3) == [1, 2, 3]

    said = [log["event"] for log in logs if "live readings" in log["event"]]
    assert said == ["live readings wait for MongoDB", "live readings go on"]


async def test_what_another_process_stores_is_heard_here_and_there(
    sources: Sources, elsewhere: Sources, world: World
) -> None:
    away = World(elsewhere)
    async with listening(sources, world.alice) as here, listening(elsewhere, world.alice) as there:
        await store(world, world.alice.facility, 1)
        await store(away, world.alice.facility, 2, half=1)

        assert await here.until(2) == [1, 2]
        assert await there.until(2) == [1, 2]


# Heartbeats.


@pytest.mark.parametrize("beat", [0.3])
async def test_every_stream_beats_and_all_of_its_listeners_hear_it(
    sources: Sources, world: World
) -> None:
    await world.use(world.alice.facility, date(2040, 6, 15), 1)
    async with (
        listening(sources, world.alice) as one,
        listening(sources, world.alice) as two,
        listening(sources, world.bob) as bob,
    ):
        await eventually(lambda: len(one.beats) >= 3 and len(bob.beats) >= 3)

    assert set(one.beats) == {StreamState.LIVE}
    assert one.beats == two.beats
    assert set(bob.beats) == {StreamState.STALE}


async def test_many_streams_are_visited_with_few_reads(
    sources: Sources, world: World, commands: CommandLog
) -> None:
    people = [await world.person("denki-jtb", f"{index}@example.jp") for index in range(20)]
    async with AsyncExitStack() as stack:
        listeners = [
            await stack.enter_async_context(listening(sources, person)) for person in people
        ]
        streams = [listener.attachment.stream for listener in listeners]
        async with lost_messages():
            for person in people:
                await store(world, person.facility, 1)
        commands.names.clear()
        await sources.live.visits.visit(streams, streams[:5])

    assert commands.names == ["find"] * 4  # facilities, heads, what was missed, endings
    assert [listener.wh for listener in listeners] == [[1]] * 20
    assert [len(listener.beats) for listener in listeners] == [1] * 5 + [0] * 15


# Coming and going.


async def test_whoever_comes_and_goes_however_leaves_nothing_behind(
    sources: Sources, world: World
) -> None:
    chance = random.Random(4)
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=3)
    before = len(asyncio.all_tasks())
    opened = 0

    async def visit(index: int) -> None:
        nonlocal opened
        person = chance.choice([world.alice, world.bob, dana])
        places = chance.sample(person.facilities, chance.randint(1, len(person.facilities)))
        async with listening(sources, person, *places) as listener:
            opened += 1
            if chance.random() < 0.5:
                await past(listener.attachment, {place.number: 0 for place in places})
            await asyncio.sleep(chance.random() / 100)

    await store(world, world.alice.facility, *range(1, 50))
    for start in range(0, 2000, 100):
        visits = [asyncio.create_task(visit(start + index)) for index in range(100)]
        await store(world, chance.choice(dana.facilities), start + 1, half=start // 100)
        for task in chance.sample(visits, 30):
            task.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

    assert opened > 1000
    live = sources.live
    assert live.streams == 0
    assert (live._streams, live._unwatch, live._beginnings) == ({}, {}, {})
    assert len(live._rounds._turns) == 0
    assert sources.authority.watched == 0
    await eventually(lambda: sources.hub.channels == 0)
    await eventually(lambda: len(asyncio.all_tasks()) <= before)


async def test_who_gives_up_while_a_stream_begins_takes_it_from_nobody(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    join, joining, gate = sources.hub.join, asyncio.Event(), asyncio.Event()

    async def held(*arguments: Any) -> None:
        await join(*arguments)
        joining.set()
        await gate.wait()

    monkeypatch.setattr(sources.hub, "join", held)

    async def listen() -> list[int]:
        async with listening(sources, world.alice) as listener:
            return await listener.until(1)

    first, second = asyncio.create_task(listen()), asyncio.create_task(listen())
    await joining.wait()
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    gate.set()
    await eventually(lambda: any(stream._listeners for stream in sources.live._unwatch))
    await store(world, world.alice.facility, 1)

    assert await second == [1]
    assert sources.live.streams == 0


async def test_a_stream_that_cannot_begin_leaves_nothing_behind_and_can_be_tried_again(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Any:
        raise AutoReconnect

    with monkeypatch.context() as patched:
        patched.setattr(UsageReader, "heads", away)
        results = await asyncio.gather(
            *(listening(sources, world.alice).__aenter__() for _ in range(3)),
            return_exceptions=True,
        )
    assert [type(result) for result in results] == [AutoReconnect] * 3
    assert sources.live.streams == 0
    await eventually(lambda: sources.hub.channels == 0)

    async with listening(sources, world.alice) as listener:
        await store(world, world.alice.facility, 1)
        assert await listener.until(1) == [1]


async def test_after_its_end_a_listener_hears_nothing(sources: Sources, world: World) -> None:
    async with listening(sources, world.alice) as one, listening(sources, world.alice) as two:
        one.attachment.detach()
        one.attachment.detach()
        await store(world, world.alice.facility, 1)

        assert await two.until(1) == [1]
    assert one.heard == []
