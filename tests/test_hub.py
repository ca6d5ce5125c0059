"""The hub over a Redis that is well: who hears what, from when, and in what steps."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import uvloop
from redis.asyncio import Redis

from datasources import hub_channels, hub_links, redis_wire
from datasources.announcements import Announcer, channel_of, encode
from datasources.hub import ReadingHub
from domain.settings import Settings
from domain.stored import Announcement
from tests.api import eventually, fresh_name
from tests.hearing import Ear, announcement, hearing

MANY = range(1, 10_001)


@pytest.fixture
def deployment() -> str:
    return fresh_name()


@pytest.fixture
async def hub(settings: Settings, deployment: str) -> AsyncIterator[ReadingHub]:
    async with hearing(ReadingHub(settings.redis_url, deployment, 1.0)) as hub:
        yield hub


@pytest.fixture
async def announcer(settings: Settings, deployment: str) -> AsyncIterator[Announcer]:
    announcer = Announcer(settings.redis_url, deployment, 1.0)
    yield announcer
    await announcer.close()


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    async with Redis.from_url(settings.redis_url) as client:
        yield client


@pytest.fixture
def ear() -> Ear:
    return Ear()


async def channels_in(redis: Redis, deployment: str) -> set[bytes | str]:
    """Channels of a deployment that Redis knows to be subscribed."""
    return set(await redis.pubsub_channels(f"{deployment}:*"))


async def test_what_is_announced_right_after_joining_is_heard(
    hub: ReadingHub, announcer: Announcer
) -> None:
    ears = {facility: Ear() for facility in range(1, 51)}
    for facility, ear in ears.items():
        await hub.join([facility], ear)
        assert await announcer.publish([announcement(facility, 1)])

    await eventually(lambda: all(ear.log == [1] for ear in ears.values()))


async def test_an_announcement_is_heard_as_it_was_published(
    hub: ReadingHub, announcer: Announcer, ear: Ear
) -> None:
    told = [announcement(7, 1), Announcement(7, 2, 300, None), announcement(7, 301)]
    await hub.join([7], ear)

    assert await announcer.publish(told)

    await eventually(lambda: len(ear.heard) == 3)
    assert ear.heard == told


async def test_each_listener_hears_of_its_own_facilities_in_order(
    hub: ReadingHub, announcer: Announcer
) -> None:
    first, second, both = Ear(), Ear(), Ear()
    await hub.join([1], first)
    await hub.join([2], second)
    await hub.join([1, 2], both)

    assert await announcer.publish([announcement(place % 3, place) for place in range(1, 10)])

    await eventually(lambda: len(both.log) == 6)
    assert (first.log, second.log) == ([1, 4, 7], [2, 5, 8])
    assert [heard.last for heard in both.heard if heard.facility == 1] == [1, 4, 7]
    assert [heard.last for heard in both.heard if heard.facility == 2] == [2, 5, 8]


async def test_a_listener_that_joins_twice_hears_everything_once(
    hub: ReadingHub, announcer: Announcer, ear: Ear
) -> None:
    await hub.join([1, 1], ear)
    await hub.join([1], ear)
    assert await announcer.publish([announcement(1, 1), announcement(1, 2)])

    await eventually(lambda: ear.log == [1, 2])
    assert hub.channels == 1


async def test_a_channel_is_given_up_when_its_last_listener_leaves(
    hub: ReadingHub, announcer: Announcer, redis: Redis, deployment: str
) -> None:
    staying, leaving = Ear(), Ear()
    await hub.join([1, 2], leaving)
    await hub.join([1], staying)
    assert await channels_in(redis, deployment) == {
        channel_of(deployment, 1),
        channel_of(deployment, 2),
    }

    hub.leave([1, 2], leaving)
    await eventually(lambda: hub.channels == 1)
    assert await announcer.publish([announcement(1, 1)])
    await eventually(lambda: staying.log == [1])
    assert await channels_in(redis, deployment) == {channel_of(deployment, 1)}
    assert leaving.log == []

    hub.leave([1], staying)
    await eventually(lambda: hub.channels == 0)
    async with asyncio.timeout(20):
        while await channels_in(redis, deployment):
            pass


async def test_leaving_what_was_never_joined_does_nothing(hub: ReadingHub, ear: Ear) -> None:
    await hub.join([1], ear)
    hub.leave([1, 2], Ear())
    hub.leave([3], ear)

    assert hub.channels == 1


async def test_a_listener_that_leaves_and_joins_at_once_goes_on_hearing(
    hub: ReadingHub, announcer: Announcer, ear: Ear
) -> None:
    for place in range(1, 101):
        await hub.join([1], ear)
        assert await announcer.publish([announcement(1, place)])
        await eventually(lambda place=place: ear.log[-1:] == [place])
        hub.leave([1], ear)
        if place % 3 == 0:  # else the channel is wanted again before Redis was told otherwise
            await asyncio.sleep(0)

    assert ear.log == list(range(1, 101))


async def test_a_join_that_comes_while_redis_is_told_to_unsubscribe_waits_for_its_own_answer(
    hub: ReadingHub, redis: Redis, deployment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first SUBSCRIBE's answer must not count for the second, nor the first join wait for ever."""
    monkeypatch.setattr(hub_channels, "_CONFIRMATION_SECONDS", 60.0)
    for place in range(1, 51):
        first, second = Ear(), Ear()
        joining = asyncio.create_task(hub.join([1], first))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        hub.leave([1], first)
        await asyncio.sleep(0)

        await hub.join([1], second)
        await redis.publish(channel_of(deployment, 1), encode(announcement(1, place)))
        await eventually(lambda heard=second.log, place=place: heard == [place])
        hub.leave([1], second)
        async with asyncio.timeout(20):
            await joining
        await eventually(lambda: hub.channels == 0)


async def test_a_join_that_is_cancelled_has_joined_nothing(
    hub: ReadingHub, redis: Redis, deployment: str, ear: Ear
) -> None:
    joining = asyncio.create_task(hub.join([1, 2, 3], ear))
    await asyncio.sleep(0)
    assert hub.channels == 3
    joining.cancel()

    with pytest.raises(asyncio.CancelledError):
        await joining
    await eventually(lambda: hub.channels == 0)
    async with asyncio.timeout(20):
        while await channels_in(redis, deployment):
            pass


async def test_before_there_is_a_connection_joining_waits_for_nothing_and_says_so_later(
    settings: Settings, deployment: str, ear: Ear
) -> None:
    hub = ReadingHub(settings.redis_url, deployment, 1.0)
    await hub.join([1, 2], ear)
    assert (hub.connected, hub.channels, ear.log) == (False, 2, [])

    async with hearing(hub):
        await eventually(lambda: ear.misses == 2)
        late = Ear()
        await hub.join([1], late)
        assert late.log == []
    assert not hub.connected


async def test_leaving_before_there_is_a_connection_leaves_nothing_to_subscribe(
    settings: Settings, deployment: str, redis: Redis, ear: Ear
) -> None:
    hub = ReadingHub(settings.redis_url, deployment, 1.0)
    await hub.join([1, 2], ear)
    hub.leave([1], ear)

    async with hearing(hub):
        await eventually(lambda: ear.misses == 1)
        assert await channels_in(redis, deployment) == {channel_of(deployment, 2)}


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"[1]",
        b"null",
        b'{"version": 2}',
        b"[1, 1, 1]",
        b'["1", 1, 1, null]',
        b'[1, 1, "1", null]',
        b"[1, 1, 1, 5]",
        b"[1, 1, 1, [[1]]]",
        b"[1, 1, 1, [[0, 1, 1, 6, 1, null]]]",
        b"[1, 1, 1, [[7, 1, 1, 6, 1, 1]]]",
        b"[2, 1, 1, null]",
    ],
)
async def test_a_message_that_cannot_be_read_counts_as_lost_on_its_channel_only(
    hub: ReadingHub,
    redis: Redis,
    announcer: Announcer,
    deployment: str,
    message: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    meant, other = Ear(), Ear()
    await hub.join([1], meant)
    await hub.join([2], other)

    await redis.publish(channel_of(deployment, 1), message)
    await eventually(lambda: meant.log == ["missed"])
    assert await announcer.publish([announcement(1, 2), announcement(2, 2)])

    await eventually(lambda: (meant.log, other.log) == (["missed", 2], [2]))
    assert capsys.readouterr().out.count("announcement cannot be read") == 1


async def test_many_messages_that_cannot_be_read_are_warned_of_once(
    hub: ReadingHub,
    redis: Redis,
    deployment: str,
    ear: Ear,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await hub.join([1], ear)
    for _ in range(20):
        await redis.publish(channel_of(deployment, 1), b"?")

    await eventually(lambda: ear.misses == 20)
    assert capsys.readouterr().out.count("announcement cannot be read") == 1


async def test_a_listener_that_fails_keeps_no_other_from_hearing(
    hub: ReadingHub, announcer: Announcer, ear: Ear, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(Ear):
        def announced(self, announcement: Announcement) -> None:
            super().announced(announcement)
            raise RuntimeError("broken")

    broken = Broken()
    await hub.join([1], broken)
    await hub.join([1], ear)
    assert await announcer.publish([announcement(1, 1), announcement(1, 2)])

    await eventually(lambda: ear.log == [1, 2])
    assert broken.log == [1, 2]
    assert "RuntimeError: broken" in capsys.readouterr().out


async def test_a_listener_may_leave_and_join_while_it_is_told(
    hub: ReadingHub, announcer: Announcer
) -> None:
    class Once(Ear):
        def announced(self, announcement: Announcement) -> None:
            super().announced(announcement)
            hub.leave([1], self)

    ears = [Once() for _ in range(5)]
    for ear in ears:
        await hub.join([1], ear)
    assert await announcer.publish([announcement(1, 1), announcement(1, 2)])

    await eventually(lambda: hub.channels == 0)
    assert [ear.log for ear in ears] == [[1]] * 5


async def test_ten_thousand_channels_are_subscribed_without_more_than_a_window_unanswered(
    hub: ReadingHub, redis: Redis, deployment: str, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    unanswered: list[int] = []
    send = hub_links.Link._send

    def noted(link: hub_links.Link) -> None:
        send(link)
        unanswered.append(len(link._unanswered))

    monkeypatch.setattr(hub_links.Link, "_send", noted)

    await hub.join(MANY, ear)

    assert len(await channels_in(redis, deployment)) == len(MANY)
    assert len(unanswered) >= len(MANY) // hub_links._COMMANDS_PER_TICK
    most = hub_links._MOST_UNANSWERED + hub_links._COMMANDS_PER_TICK
    assert max(unanswered) <= most
    hub.leave(MANY, ear)
    await eventually(lambda: hub.channels == 0)
    assert ear.log == []


async def test_a_burst_is_handled_in_small_parts_with_the_loop_going_on_between(
    hub: ReadingHub, announcer: Announcer, ear: Ear
) -> None:
    await hub.join([1], ear)
    heard_by_tick: list[int] = []

    def tick() -> None:
        heard_by_tick.append(len(ear.log))
        if len(ear.log) < len(MANY):
            loop.call_soon(tick)

    loop = asyncio.get_running_loop()
    loop.call_soon(tick)
    assert await announcer.publish([announcement(1, place) for place in MANY])
    await eventually(lambda: len(ear.log) == len(MANY), 20)

    steps = [after - before for before, after in pairwise(heard_by_tick)]
    assert max(steps) <= hub_links._MESSAGES_PER_TICK
    assert ear.log == list(MANY)


async def test_listeners_that_take_long_have_fewer_messages_handled_at_once(
    hub: ReadingHub, announcer: Announcer
) -> None:
    class Slow(Ear):
        def announced(self, announcement: Announcement) -> None:
            super().announced(announcement)
            time.sleep(0.001)

    slow = Slow()
    await hub.join([1], slow)
    heard_by_tick: list[int] = []
    assert await announcer.publish([announcement(1, place) for place in range(1, 201)])
    async with asyncio.timeout(20):
        while len(slow.log) < 200:
            heard_by_tick.append(len(slow.log))
            await asyncio.sleep(0)

    steps = [after - before for before, after in pairwise(heard_by_tick)]
    assert max(steps) <= redis_wire._TICK_SECONDS / 0.001 + 1


async def test_a_quiet_connection_is_kept_by_asking_it_to_speak(
    settings: Settings,
    deployment: str,
    announcer: Announcer,
    ear: Ear,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_links, "_PING_SECONDS", 0.02)
    pings: list[int] = []
    watch = hub_links.Link._watch

    def noted(link: hub_links.Link) -> None:
        watch(link)
        pings.append(link._silent_pings)

    monkeypatch.setattr(hub_links.Link, "_watch", noted)
    async with hearing(ReadingHub(settings.redis_url, deployment, 1.0)) as hub:
        await eventually(
            lambda: len(pings) >= 5
        )  # with nothing subscribed PING is answered otherwise
        await hub.join([1], ear)
        pings.clear()
        await eventually(lambda: len(pings) >= 10)
        assert await announcer.publish([announcement(1, 1)])
        await eventually(lambda: ear.log == [1])
        assert hub.connected


def test_it_works_in_the_loop_of_the_server(settings: Settings, deployment: str) -> None:
    """Which is uvloop; its transports are not asyncio's."""

    async def work() -> list[object]:
        ear, announcer = Ear(), Announcer(settings.redis_url, deployment, 1.0)
        async with hearing(ReadingHub(settings.redis_url, deployment, 1.0)) as hub:
            await hub.join([1], ear)
            assert await announcer.publish([announcement(1, place) for place in MANY])
            await eventually(lambda: len(ear.log) == len(MANY), 20)
            await announcer.close()
        return list(ear.log)

    heard: list[object] = []
    # A loop runs in this thread already.
    thread = threading.Thread(target=lambda: heard.extend(uvloop.run(work())))
    thread.start()
    thread.join()
    assert heard == list(MANY)
