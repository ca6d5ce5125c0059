"""Whatever happens in whatever order, a subscriber who keeps its cursor misses nothing.

Hypothesis makes up the stories: readings stored, announcements lost, late, garbled or repeated,
Redis hanging up, the subscriber away, slow, or back with a cursor of long ago.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.asyncio import Redis

from datasources.announcements import Announcer, channel_of
from domain.settings import Settings
from domain.slots import slot_at
from resolvers.intake import announce_forgotten
from tests.api import Api, Clock, eventually
from tests.faults.follower import Follower
from tests.faults.records import Name, Reading, faults, first_of_each, missing
from tests.known_usage import HALF_HOUR
from tests.meters import START
from tests.stream import READINGS
from tests.world import Person, World

FOUND = (AssertionError, FlakyFailure)
"A story that fails is told again, and may end well when it hangs on how long something takes."
EVENT = "{ facilityId startAt endAt direction kwh quality revision receivedAt }"
WIDE = READINGS.replace(
    "cursor", " ".join(f"r{at}: reading {EVENT}" for at in range(4)) + " cursor"
)
"Events so large that four hundred of them fill a socket."
_STEP_SECONDS = 20
_MANY = 400
_Answer = TypeVar("_Answer")


@pytest.fixture
def beat() -> float:
    """Seconds between heartbeats."""
    return 0.3


@pytest.fixture
def settings(settings: Settings, beat: float) -> Settings:
    return replace(settings, heartbeat_seconds=beat)


@dataclass
class Scene:
    """What the stories play on; they are told in a thread, beside the loop that serves."""

    loop: asyncio.AbstractEventLoop
    api: Api
    world: World
    clock: Clock
    redis: Redis
    forgetful: bool = False
    patience_seconds: float = 10.0
    members: int = 0
    found: list[str] = field(default_factory=list)
    "What was wrong in the end, in all the stories so far."

    def do(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(_STEP_SECONDS)

    async def person(self) -> Person:
        self.members += 1
        return await self.world.person("denki-jtb", f"m{self.members}@example.jp", facilities=2)

    async def tell(self, story: "type[Story]", most: int = 15) -> None:
        """Let Hypothesis make up stories until one of them fails, or there were so many."""
        story.scene = self
        settings = hypothesis_settings(
            max_examples=most,
            stateful_step_count=12,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        await asyncio.to_thread(run_state_machine_as_test, story, settings=settings)


@pytest.fixture
async def scene(api: Api, world: World, clock: Clock, settings: Settings) -> AsyncIterator[Scene]:
    async with Redis.from_url(settings.redis_url) as redis:
        yield Scene(asyncio.get_running_loop(), api, world, clock, redis)


class Story(RuleBasedStateMachine):
    scene: ClassVar[Scene]

    def __init__(self) -> None:
        super().__init__()
        self.stored: list[Reading] = []
        self.revisions: list[dict[int, int]] = [{}, {}]
        "Newest revision by half hour, of each facility."
        self.fell_back = False
        self.following: asyncio.Task[None] | None = None

    @initialize()
    def subscribe(self) -> None:
        self.person = self.scene.do(self.scene.person())
        self.follower, self.companion = self.scene.do(self._new_followers())
        self.companioning = self.scene.do(self._follow(self.companion))
        self.come_back()
        self.scene.do(eventually(lambda: self.follower.live and self.companion.live))

    async def _new_followers(self) -> tuple[Follower, Follower]:
        """One who goes and comes, and one who is always there, to whom the same events go."""
        port, person = self.scene.api.port, self.person
        return (
            Follower(port, person, forgetful=self.scene.forgetful, query=WIDE),
            Follower(port, person, query=WIDE),
        )

    @rule(place=st.integers(0, 1), count=st.integers(1, 4))
    def store(self, place: int, count: int) -> None:
        self.scene.do(self._store(place, self._next_halves(place, count)))

    @rule(place=st.integers(0, 1))
    def store_more_than_a_socket_holds(self, place: int) -> None:
        self.scene.do(self._store(place, self._next_halves(place, _MANY)))

    @rule(place=st.integers(0, 1), half=st.integers(0, 2 * _MANY))
    def correct(self, place: int, half: int) -> None:
        """Store a half hour anew; one of those that are there, if there are any."""
        known = len(self.revisions[place])
        self.scene.do(self._store(place, [half % max(1, known)]))

    @rule(place=st.integers(0, 1), count=st.integers(1, 4))
    def store_and_lose_the_announcement(self, place: int, count: int) -> None:
        work = self._store(place, self._next_halves(place, count))
        self.scene.do(publishing(lambda: True, work))

    @rule(place=st.integers(0, 1), count=st.integers(1, 4))
    def store_after_an_announcement_was_lost(self, place: int, count: int) -> None:
        """What is announced begins further on than where the subscriber stands."""
        self.store_and_lose_the_announcement(place, count)
        self.store(place, count)

    @rule(place=st.integers(0, 1), count=st.integers(1, 4))
    def store_without_announcing(self, place: int, count: int) -> None:
        work = self._store(place, self._next_halves(place, count))
        self.scene.do(publishing(lambda: False, work))

    @rule()
    def announce_what_was_forgotten(self) -> None:
        self.scene.clock.advance(seconds=6)
        self.scene.do(announce_forgotten(self.scene.api.sources))

    @rule(place=st.integers(0, 1), message=st.sampled_from([b"{", b"[1]", b"[1, 2, 3, [[1]]]"]))
    def garble_an_announcement(self, place: int, message: bytes) -> None:
        number = self.person.facilities[place].number
        channel = channel_of(self.scene.api.sources.mongo.name, number)
        self.scene.do(as_coroutine(self.scene.redis.publish(channel, message)))

    @rule()
    def let_redis_hang_up(self) -> None:
        kill = self.scene.redis.client_kill_filter(_type="pubsub")
        self.scene.do(as_coroutine(kill))

    @precondition(lambda self: self.following is not None)
    @rule()
    def go_away(self) -> None:
        self.scene.do(self._go_away())

    @precondition(lambda self: self.following is None)
    @rule()
    def come_back(self) -> None:
        self.following = self.scene.do(self._follow(self.follower))

    @precondition(lambda self: self.following is None)
    @rule(place=st.integers(0, 1), count=st.integers(1, 4))
    def come_back_to_much_while_more_is_stored(self, place: int, count: int) -> None:
        self.store_more_than_a_socket_holds(place)
        self.come_back()
        for _ in range(4):
            self.store(place, count)

    @precondition(lambda self: self.following is not None)
    @rule(place=st.integers(0, 1), count=st.integers(1, 4))
    def fall_behind_and_read_again(self, place: int, count: int) -> None:
        self.stop_reading()
        self.store_more_than_a_socket_holds(place)
        self.store(place, count)
        self.read_again()
        self.store(place, count)

    @precondition(lambda self: self.following is None)
    @rule(place=st.integers(0, 2 * _MANY))
    def come_back_with_an_old_cursor(self, place: int) -> None:
        del self.follower.cursors[1 + place % len(self.follower.cursors) :]
        self.fell_back = True
        self.come_back()

    @rule()
    def stop_reading(self) -> None:
        self.scene.loop.call_soon_threadsafe(self.follower.reads.clear)

    @rule()
    def read_again(self) -> None:
        self.scene.loop.call_soon_threadsafe(self.follower.reads.set)

    @invariant()
    def what_was_heard_came_once_and_in_order(self) -> None:
        found = [fault for fault in self._faults() if not fault.startswith("missing")]
        assert found == []

    def teardown(self) -> None:
        """Everything comes in the end."""
        try:
            self.read_again()
            if self.following is None:
                self.come_back()
            with suppress(TimeoutError):
                self.scene.do(self._caught_up())
            found = self._faults()
            self.scene.found += found
            assert found == []
            assert not self.follower.closings
            assert not self.companion.closings
        finally:
            self.scene.do(self._go_away())
            self.scene.do(ended(self.companioning))

    def _faults(self) -> list[str]:
        heard = list(self.follower.heard)
        return [
            *faults(self.stored, first_of_each(heard) if self.fell_back else heard),
            *faults(self.stored, list(self.companion.heard)),
        ]

    async def _caught_up(self) -> None:
        await eventually(
            lambda: (
                not missing(self.stored, self.follower.heard)
                and not missing(self.stored, self.companion.heard)
            ),
            self.scene.patience_seconds,
        )

    def _next_halves(self, place: int, count: int) -> list[int]:
        first = len(self.revisions[place])
        return list(range(first, first + count))

    async def _store(self, place: int, halves: list[int]) -> None:
        """Store the next revision of half hours."""
        facility = self.person.facilities[place]
        wh = np.arange(len(self.stored) + 1, len(self.stored) + 1 + len(halves), dtype=np.int32)
        for half, energy in zip(halves, wh.tolist(), strict=True):
            revision = self.revisions[place].get(half, -1) + 1
            self.revisions[place][half] = revision
            start_at = (START + half * HALF_HOUR).isoformat()
            name = Name(self.person.facility_ids[place], "IMPORT", start_at, revision)
            self.stored.append(Reading(name, energy / 1000))
        slots = slot_at(START) + np.array(halves, np.int64)
        await self.scene.world.store(facility, slots, wh)

    async def _follow(self, follower: Follower) -> asyncio.Task[None]:
        return asyncio.create_task(follower.run())

    async def _go_away(self) -> None:
        if self.following is not None:
            await ended(self.following)
            self.following = None


async def ended(following: asyncio.Task[None]) -> None:
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following


async def as_coroutine(work: Awaitable[_Answer]) -> _Answer:
    return await work


async def publishing(arrives: Callable[[], bool], work: Coroutine[Any, Any, None]) -> None:
    """Work whose announcements go nowhere; the answer says whether who announces them knows."""

    async def publish(*_: object) -> bool:
        return arrives()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Announcer, "publish", publish)
        await work


async def test_a_subscriber_has_everything_once_and_in_order_whatever_happens(scene: Scene) -> None:
    await scene.tell(Story)


async def test_stories_find_a_subscriber_who_forgets_its_cursor(scene: Scene) -> None:
    forgetful = replace(scene, forgetful=True, patience_seconds=0.5)

    with pytest.raises(FOUND):
        await forgetful.tell(Story, most=100)
    assert all(fault.startswith("missing") for fault in forgetful.found)
    assert forgetful.found


@pytest.mark.parametrize("beat", [600.0])
async def test_stories_find_a_server_that_never_looks_for_what_it_missed(scene: Scene) -> None:
    impatient = replace(scene, patience_seconds=0.5)

    with pytest.raises(FOUND):
        await impatient.tell(Story, most=100)
    assert all(fault.startswith("missing") for fault in impatient.found)
    assert impatient.found
