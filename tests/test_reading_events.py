"""Events one after the other: the past, how things stand, and then what comes."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from domain.errors import Forbidden, NotFound, Unauthenticated
from domain.settings import Settings
from domain.stream_cursor import encode_positions
from resolvers import reading_events as events_module
from resolvers.live import StreamEvent, StreamState, reading_events
from resolvers.sources import Sources
from tests.api import Api, eventually
from tests.listening import context_of
from tests.stream import store
from tests.world import Person, World


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, heartbeat_seconds=60.0)


@pytest.fixture
def sources(api: Api) -> Sources:
    return api.sources


@asynccontextmanager
async def subscribed(
    sources: Sources, person: Person, after: str | None = None
) -> AsyncIterator[AsyncGenerator[StreamEvent, None]]:
    numbers = [place.number for place in person.facilities]
    async with aclosing(reading_events(context_of(sources, person), numbers, after)) as events:
        yield events


async def take(events: AsyncGenerator[StreamEvent, None], count: int) -> list[tuple[object, str]]:
    """Value and state of the next events."""
    taken = [await anext(events) for _ in range(count)]
    return [(event.reading and event.reading.wh, event.state) for event in taken]


async def test_first_comes_the_past_then_how_things_stand_then_what_comes(
    sources: Sources, world: World
) -> None:
    facility = world.alice.facility
    await store(world, facility, 1, 2)
    async with subscribed(sources, world.alice, encode_positions({facility.number: 0})) as events:
        past = await take(events, 3)
        await store(world, facility, 3, half=2)
        assert [*past, *await take(events, 1)] == [
            (1, StreamState.CATCHING_UP),
            (2, StreamState.CATCHING_UP),
            (None, StreamState.STALE),
            (3, StreamState.LIVE),
        ]
    assert (sources.live.streams, sources.authority.watched) == (0, 0)


async def test_who_takes_too_slowly_gets_the_rest_from_the_database(
    sources: Sources, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "_MOST_EVENTS", 2)
    facility = world.alice.facility
    async with subscribed(sources, world.alice) as events:
        assert await take(events, 1) == [(None, StreamState.STALE)]
        await store(world, facility, 1)
        assert await take(events, 1) == [(1, StreamState.LIVE)]
        await store(world, facility, 2, 3, 4, half=1)
        (stream,) = sources.live._unwatch
        await eventually(lambda: stream.positions == {facility.number: 4})

        assert await take(events, 4) == [
            (2, StreamState.CATCHING_UP),
            (3, StreamState.CATCHING_UP),
            (4, StreamState.CATCHING_UP),
            (None, StreamState.STALE),
        ]
        await store(world, facility, 5, half=4)
        assert await take(events, 1) == [(5, StreamState.LIVE)]


async def test_what_waits_is_not_taken_after_the_session_has_ended(
    sources: Sources, world: World
) -> None:
    async with subscribed(sources, world.alice) as events:
        await take(events, 1)
        await store(world, world.alice.facility, 1)
        (stream,) = sources.live._unwatch
        await eventually(lambda: stream.positions == {world.alice.facility.number: 1})
        await sources.sessions.end_all(world.alice.member)
        await sources.authority.settle()

        with pytest.raises(Unauthenticated, match="the session has ended: log in again"):
            await anext(events)
    assert (sources.live.streams, sources.authority.watched) == (0, 0)


async def test_a_facility_that_changes_hands_ends_it(sources: Sources, world: World) -> None:
    async with subscribed(sources, world.alice) as events:
        await take(events, 1)
        await world.change(world.alice.facility, owner=world.bob.member)
        await store(world, world.alice.facility, 1)

        with pytest.raises(Forbidden):
            await anext(events)


async def test_another_members_facility_is_refused(sources: Sources, world: World) -> None:
    foreign = replace(world.alice, facilities=world.bob.facilities)
    async with subscribed(sources, foreign) as events:
        with pytest.raises(NotFound):
            await anext(events)
    assert (sources.live.streams, sources.authority.watched) == (0, 0)
