"""Announcements on their way out: their form, bursts of them, and a Redis that does not take them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources import announcements as module
from datasources.announcements import Announcer, channel_of, decode, encode
from datasources.hub import ReadingHub
from domain.readings import MAX_WH, Direction, Quality
from domain.stored import Announcement, StoredReading
from tests.api import eventually, fresh_name
from tests.hearing import Ear, announcement, hearing
from tests.redis_server import RedisServer

MANY = 20_000

numbers = st.integers(0, 2**53)
readings = st.builds(
    StoredReading,
    facility=st.just(7),
    direction=st.sampled_from(Direction),
    slot=st.integers(0, 2**31 - 1),
    wh=st.integers(0, MAX_WH),
    quality=st.sampled_from(Quality),
    revision=st.integers(0, 2**29 - 1),
    order=numbers,
    received_ms=numbers,
)
announcements = st.builds(
    Announcement,
    facility=st.just(7),
    first=numbers,
    last=numbers,
    readings=st.none() | st.lists(readings, max_size=3),
)


def cut_or_altered(message: bytes) -> st.SearchStrategy[bytes]:
    places = st.integers(0, len(message) - 1)
    cut = places.map(lambda place: message[:place])
    altered = st.builds(
        lambda place, byte: message[:place] + byte + message[place + 1 :],
        places,
        st.binary(min_size=1, max_size=1),
    )
    return cut | altered


@given(announcements)
def test_an_announcement_is_read_as_it_was_written(told: Announcement) -> None:
    assert decode(encode(told)) == told


@given(st.binary() | announcements.map(encode).flatmap(cut_or_altered))
def test_what_is_no_announcement_is_refused_with_a_value_error(message: bytes) -> None:
    try:
        decoded = decode(message)
    except ValueError:
        return
    assert decode(encode(decoded)) == decoded


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def deployment() -> str:
    return fresh_name()


@pytest.fixture
async def announcer(server: RedisServer, deployment: str) -> AsyncIterator[Announcer]:
    announcer = Announcer(server.url, deployment, 0.5)
    yield announcer
    await announcer.close()


@pytest.fixture
async def ear(server: RedisServer, deployment: str) -> AsyncIterator[Ear]:
    """Hears facility 1."""
    ear = Ear()
    async with hearing(ReadingHub(server.url, deployment, 1.0)) as hub:
        await hub.join([1], ear)
        yield ear


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Places of the announcements that were written down to be sent."""
    encoded: list[int] = []

    def noted(told: Announcement) -> bytes:
        encoded.append(told.last)
        return encode(told)

    monkeypatch.setattr(module, "encode", noted)
    return encoded


async def test_a_burst_arrives_whole_and_in_order(announcer: Announcer, ear: Ear) -> None:
    assert await announcer.publish([announcement(1, place) for place in range(1, MANY + 1)])

    await eventually(lambda: len(ear.log) == MANY, 20)
    assert ear.log == list(range(1, MANY + 1))


async def test_nothing_to_publish_is_published(announcer: Announcer) -> None:
    assert await announcer.publish([])


async def test_bursts_at_the_same_time_are_each_answered(announcer: Announcer, ear: Ear) -> None:
    bursts = [
        [announcement(1, place) for place in range(first, first + 2000)]
        for first in (1, 10_001, 20_001)
    ]

    assert await asyncio.gather(*map(announcer.publish, bursts)) == [True] * 3

    await eventually(lambda: len(ear.log) == 6000)
    for burst in bursts:
        wanted = [told.last for told in burst]
        assert [place for place in ear.places if wanted[0] <= place <= wanted[-1]] == wanted


async def test_the_loop_goes_on_while_a_burst_is_written_down(
    announcer: Announcer, encoded: list[int]
) -> None:
    by_tick: list[int] = []
    publishing = asyncio.create_task(
        announcer.publish([announcement(1, place) for place in range(MANY)])
    )
    while not publishing.done():
        by_tick.append(len(encoded))
        await asyncio.sleep(0)

    assert await publishing
    steps = [after - before for before, after in pairwise(by_tick)]
    assert max(steps) * 2 <= module._WEIGHT_OF_PART + 2  # each weighs itself and its reading
    assert len(encoded) == MANY


async def test_a_redis_that_does_not_answer_is_sent_little_and_not_waited_for_long(
    server: RedisServer, announcer: Announcer, encoded: list[int], ear: Ear
) -> None:
    assert await announcer.publish([announcement(1, 1)])
    with server.frozen():
        burst = [announcement(1, place) for place in range(2, MANY)]
        async with asyncio.timeout(20):
            published = await asyncio.gather(*map(announcer.publish, (burst, burst)))
        assert not any(published)
        assert len(encoded) <= 2 * (module._MOST_UNDER_WAY + 1) * module._WEIGHT_OF_PART
        assert not await announcer.ping()

    assert await announcer.ping()
    assert await announcer.publish([announcement(1, MANY)])
    await eventually(lambda: ear.log[-1:] == [MANY])


async def test_a_redis_that_is_gone_is_found_again(
    server: RedisServer, announcer: Announcer
) -> None:
    assert await announcer.publish([announcement(1, 1)])
    server.kill()
    try:
        assert not await announcer.publish([announcement(1, 2)])
        assert not await announcer.ping()
    finally:
        server.start()

    assert await announcer.publish([announcement(1, 3)])
    assert await announcer.ping()


async def test_a_redis_that_dies_in_the_middle_of_a_burst_is_told_of(
    server: RedisServer, announcer: Announcer, encoded: list[int]
) -> None:
    publishing = asyncio.create_task(
        announcer.publish([announcement(1, place) for place in range(MANY)])
    )
    await eventually(lambda: len(encoded) > MANY // 10)
    server.kill()
    try:
        assert not await publishing
    finally:
        server.start()


async def test_giving_up_one_call_harms_no_other(
    server: RedisServer, announcer: Announcer, ear: Ear, encoded: list[int]
) -> None:
    assert await announcer.publish([announcement(2, 0)])
    with server.frozen():
        given_up = asyncio.create_task(
            announcer.publish([announcement(2, place) for place in range(MANY, 2 * MANY)])
        )
        kept = asyncio.create_task(
            announcer.publish([announcement(1, place) for place in range(1, 3001)])
        )
        await eventually(lambda: {1, MANY} <= set(encoded))
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)

    assert await kept
    await eventually(lambda: ear.log == list(range(1, 3001)))
    assert await announcer.publish([announcement(1, 3001)])
    await eventually(lambda: ear.log[-1:] == [3001])
    assert given_up.cancelled()


async def test_what_redis_refuses_is_logged_and_not_published(
    server: RedisServer, deployment: str, ear: Ear, capsys: pytest.CaptureFixture[str]
) -> None:
    server.ask("ACL", "SETUSER", "teller", "on", ">word", "+@all", "resetchannels")
    announcer = Announcer(server.url.replace("//", "//teller:word@"), deployment, 1.0)

    assert not await announcer.publish([announcement(1, 1)])
    assert "NOPERM" in capsys.readouterr().out
    server.ask("ACL", "SETUSER", "teller", f"&{channel_of(deployment, 1).decode()}")
    assert not await announcer.publish([announcement(1, 2), announcement(2, 2)])
    await eventually(lambda: ear.log == [2])
    assert await announcer.publish([announcement(1, 3)])
    await announcer.close()
