"""The hub when Redis dies, freezes, refuses or talks nonsense: nothing is missed without word of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import pytest

from datasources import hub as hub_module
from datasources import hub_channels, hub_links
from datasources.announcements import Announcer, channel_of, encode
from datasources.hub import ReadingHub
from domain.stored import Announcement
from tests.api import eventually, fresh_name
from tests.faults.cutter import Cut, Cutter
from tests.hearing import Ear, announcement, hearing
from tests.redis_server import RedisServer

LAST: Final = 400


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
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def hub(server: RedisServer, deployment: str) -> AsyncIterator[ReadingHub]:
    async with hearing(ReadingHub(server.url, deployment, 1.0)) as hub:
        yield hub


@pytest.fixture
async def announcer(server: RedisServer, deployment: str) -> AsyncIterator[Announcer]:
    announcer = Announcer(server.url, deployment, 1.0)
    yield announcer
    await announcer.close()


@pytest.fixture
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub tries again without a pause."""
    monkeypatch.setattr(hub_module, "_LAST_RETRY_SECONDS", 0.001)


def gaps_without_word(log: Sequence[int | str]) -> list[tuple[int, int]]:
    """Places that were not heard one after the other though `missed` did not come in between."""
    gaps, last, warned = [], 0, False
    for entry in log:
        if isinstance(entry, str):
            warned = True
        else:
            if entry != last + 1 and not warned:
                gaps.append((last, entry))
            last, warned = entry, False
    return gaps


async def announced_one_by_one(announcer: Announcer, ear: Ear, misses: int = 0) -> int:
    """Announce LAST places, and more until so many misses were told, whether or not Redis takes them.

    The last one, which it gives, is announced until it is heard.
    """
    async with asyncio.timeout(20):
        place = 0
        while place < LAST or ear.misses < misses:
            place += 1
            await announcer.publish([announcement(1, place)])
        while place not in ear.log:
            await announcer.publish([announcement(1, place)])
            await asyncio.sleep(0.01)
    return place


async def cut_again_and_again(server: RedisServer, ear: Ear) -> None:
    """Cut the hub's connection each time it has heard something over it."""
    heard = 0
    while True:
        await eventually(lambda heard=heard: len(ear.heard) > heard)
        heard = len(ear.heard)
        await asyncio.to_thread(server.cut_subscribers)


@pytest.mark.usefixtures("prompt")
async def test_whenever_the_connection_is_cut_a_gap_comes_with_word_of_it(
    server: RedisServer, hub: ReadingHub, announcer: Announcer, ear: Ear
) -> None:
    await hub.join([1], ear)
    cutting = asyncio.create_task(cut_again_and_again(server, ear))
    last = await announced_one_by_one(announcer, ear, misses=4)
    cutting.cancel()

    assert gaps_without_word(ear.log) == []
    assert len(set(ear.places)) < last
    assert ear.misses > 3


@pytest.mark.usefixtures("prompt")
async def test_a_gap_without_word_of_it_would_be_seen(
    server: RedisServer,
    hub: ReadingHub,
    announcer: Announcer,
    ear: Ear,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the test above finds when the hub keeps quiet about its new connection."""
    monkeypatch.setattr(hub_channels.Channel, "missed", lambda channel: None)
    await hub.join([1], ear)
    cutting = asyncio.create_task(cut_again_and_again(server, ear))
    await announced_one_by_one(announcer, ear)
    cutting.cancel()

    assert gaps_without_word(ear.log) != []


async def test_a_redis_that_is_killed_and_started_again_is_heard_again(
    server: RedisServer, hub: ReadingHub, announcer: Announcer
) -> None:
    ears = {facility: Ear() for facility in range(1, 101)}
    for facility, ear in ears.items():
        await hub.join([facility], ear)
    server.kill()
    try:
        await eventually(lambda: not hub.connected)
        late, gone = Ear(), Ear()
        await hub.join([1, 200], late)
        await hub.join([2, 300], gone)
        hub.leave([2, 300], gone)
        assert late.log == gone.log == []
        assert hub.channels == 101
        assert not await announcer.publish([announcement(1, 1)])
        assert not await announcer.ping()
    finally:
        server.start()

    await eventually(lambda: all(ear.log == ["missed"] for ear in ears.values()))
    await eventually(lambda: late.misses == 2)
    assert await announcer.publish([announcement(facility, 2) for facility in ears])
    await eventually(lambda: all(ear.log == ["missed", 2] for ear in ears.values()))
    assert await announcer.ping()
    assert gone.log == []


async def test_a_frozen_redis_is_noticed_and_heard_again_when_it_goes_on(
    server: RedisServer,
    deployment: str,
    announcer: Announcer,
    ear: Ear,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_links, "_PING_SECONDS", 0.05)
    monkeypatch.setattr(hub_channels, "_CONFIRMATION_SECONDS", 0.05)
    async with hearing(ReadingHub(server.url, deployment, 0.2)) as hub:
        await hub.join([1], ear)
        with server.frozen():
            late = Ear()
            await hub.join([2], late)  # Redis does not confirm it
            await eventually(lambda: not hub.connected)
            assert ear.log == late.log == []

        await eventually(lambda: ear.log == late.log == ["missed"])
        assert await announcer.publish([announcement(1, 1), announcement(2, 1)])
        await eventually(lambda: ear.log == late.log == ["missed", 1])


async def test_a_frozen_redis_is_noticed_only_because_it_is_asked_to_speak(
    server: RedisServer, deployment: str, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above would see without the watchdog."""
    monkeypatch.setattr(hub_links.Link, "_watch", lambda link: None)
    monkeypatch.setattr(hub_links, "_PING_SECONDS", 0.05)
    async with hearing(ReadingHub(server.url, deployment, 0.2)) as hub:
        await hub.join([1], ear)
        with server.frozen(), pytest.raises(TimeoutError):
            await eventually(lambda: not hub.connected, 1)


async def test_a_redis_that_wants_a_password_is_named_in_the_log_until_it_lets_the_hub_in(
    server: RedisServer, deployment: str, ear: Ear, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = ReadingHub(server.url, deployment, 1.0)
    server.ask("CONFIG", "SET", "requirepass", "secret")
    try:
        async with hearing(hub, connected=False):
            await hub.join([1], ear)
            await eventually(lambda: hub._problem and "NOAUTH" in hub._problem)
            assert "NOAUTH Authentication required" in capsys.readouterr().out
            server.ask("CONFIG", "SET", "requirepass", "")

            await eventually(lambda: ear.log == ["missed"])
    finally:
        server.ask("CONFIG", "SET", "requirepass", "")


async def test_a_user_who_may_not_hear_the_channels_is_named_in_the_log_until_they_may(
    server: RedisServer, deployment: str, ear: Ear, capsys: pytest.CaptureFixture[str]
) -> None:
    server.ask("ACL", "SETUSER", "hub", "on", ">word", "+@all", "resetchannels")
    url = server.url.replace("redis://", "redis://hub:word@")
    announcer = Announcer(url, deployment, 1.0)
    async with hearing(ReadingHub(url, deployment, 1.0)) as hub:
        await hub.join([1], ear)
        await eventually(lambda: not hub.connected)
        assert not await announcer.publish([announcement(1, 1)])
        out = capsys.readouterr().out
        assert out.count("NOPERM") == 2
        assert "word" not in out
        server.ask("ACL", "SETUSER", "hub", "allchannels")

        await eventually(lambda: hub.connected and ear.misses > 0)
        assert await announcer.publish([announcement(1, 2)])
        await eventually(lambda: ear.log[-1:] == [2])
    await announcer.close()


async def test_a_hub_that_redis_cuts_off_because_it_was_too_slow_says_what_it_missed(
    server: RedisServer, hub: ReadingHub, announcer: Announcer, ear: Ear
) -> None:
    server.ask("CONFIG", "SET", "client-output-buffer-limit", "pubsub 64kb 0 0")
    await hub.join([1], ear)
    readings = list(announcement(1, 1).readings or ()) * 3500
    name, large = channel_of(hub._deployment, 1), encode(Announcement(1, 1, 1, readings))

    for _ in range(300):  # while the loop stands still, 30 MB: more than fit between the two
        server.client.publish(name, large)

    await eventually(lambda: "missed" in ear.log)
    assert len(ear.places) < 300
    assert await announcer.publish([announcement(1, 2)])
    await eventually(lambda: ear.log[-1:] == [2])


class Scripted:
    """Something on a port that answers each connection with its own bytes, and then hangs up."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.taken = 0
        self._answers = answers

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = self._answers[min(self.taken, len(self._answers) - 1)]
        self.taken += 1
        await reader.read(1)
        writer.write(answer)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "LOADING Redis is loading"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "MASTERDOWN"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol: Protocol error"),
        (b"*0\r\n", "the cluster has no slots yet"),
        (b"*1\r\n:5\r\n", "CLUSTER SLOTS has another form"),
        (b"*1\r\n*3\r\n:0\r\n:5\r\n*2\r\n:1\r\n:7000\r\n", "CLUSTER SLOTS has another form"),
        (b"", "Redis closed the connection"),
    ],
)
@pytest.mark.usefixtures("prompt")
async def test_whatever_answers_on_the_port_is_asked_again_for_ever(
    deployment: str, answer: bytes, said: str, ear: Ear, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted = Scripted([answer])
    async with scripted.serving() as url:
        hub = ReadingHub(url, deployment, 1.0)
        async with hearing(hub, connected=False):
            await hub.join([1], ear)
            await eventually(lambda: scripted.taken > 20)
            assert not hub.connected
            assert capsys.readouterr().out.count(said) == 1
            announcer = Announcer(url, deployment, 1.0)
            assert not await announcer.publish([announcement(1, 1)])
            assert not await announcer.ping()
            await announcer.close()


@pytest.mark.usefixtures("prompt")
async def test_a_connection_cut_at_any_byte_loses_nothing_without_word(
    server: RedisServer, deployment: str, announcer: Announcer, ear: Ear
) -> None:
    name, message = channel_of(deployment, 1), encode(announcement(1, 1000))
    enough = 2 * (len(name) + 30) + len(message) + 20  # a confirmation, a message, some of the next
    # The hub asks over one connection who takes what, and then subscribes over another.
    plan = (cut for size in range(enough) for cut in (Cut(), Cut(from_server=size)))
    cutter = Cutter(server.port, plan)
    url = f"redis://127.0.0.1:{cutter.port}"
    async with cutter.in_place(), hearing(ReadingHub(url, deployment, 1.0), connected=False) as hub:
        await hub.join([1], ear)
        place = 0
        async with asyncio.timeout(30):
            while cutter.cuts < 2 * enough:
                place += 1
                assert await announcer.publish([announcement(1, place)])
                await asyncio.sleep(0.001)
        await eventually(lambda: hub.connected)
        misses = ear.misses
        assert await announcer.publish([announcement(1, place + 1)])
        await eventually(lambda: ear.log[-1:] == [place + 1] or ear.misses > misses)

    assert gaps_without_word(ear.log) == []
    assert ear.places == sorted(set(ear.places))
    assert ear.misses >= enough // 2
    assert len(ear.places) > 10
