"""The benchmark of live readings: its servers say the same, and how it counts; never how fast."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from psutil import cpu_count
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Close, Frame, Opcode
from websockets.typing import Subprotocol

from bench.contenders import OURS
from bench.cores import Cores
from bench.harness import BenchError, Figure, own_database
from bench.live import BURST, FANOUT, PEERS, Results, figures, table
from bench.live_arena import Arena, Measured, Pace
from bench.live_contenders import (
    GRAPHQL_WS,
    MERCURIUS,
    UNCHECKED,
    message_pack,
    peer,
)
from bench.live_crowd import Burst, Crowd, Opened
from bench.live_homes import LiveHomes
from bench.live_load import _compare
from bench.live_sockets import Arrival, Sockets, SocketsError, Step
from bench.websocket_frames import close_frame, frames, text_frame
from datasources.embedded import Addresses
from domain.settings import Settings

PROTOCOL = Subprotocol("graphql-transport-ws")
SOCKETS = 5
ANYWHERE = Cores(None, None)
BRISK = Pace(sockets=SOCKETS, warm_up=1, rounds=2, quiet_seconds=0.05)


@pytest.fixture(scope="module")
async def settings(servers: Addresses) -> AsyncIterator[Settings]:
    given = Settings(mongodb_url=servers.mongodb_url, redis_url=servers.redis_url)
    async with own_database(given) as own:
        yield own


@pytest.fixture(scope="module")
async def homes(settings: Settings) -> AsyncIterator[LiveHomes]:
    async with LiveHomes.made(settings, SOCKETS) as made:
        yield made


def seen(*last_ms: float, cpu_us: float = 100, kib: float = 30) -> Measured:
    opened = Opened(sockets=10, cpu_seconds=cpu_us / 1e5, resident_bytes=round(kib * 10240))
    bursts = [
        Burst(
            deliveries=10,
            p50_ms=ms / 2,
            p99_ms=ms - 1,
            last_ms=ms,
            cpu_seconds=ms / 2000,
            load_cpu_seconds=ms / 4000,
            redis_cpu_seconds=ms / 8000,
        )
        for ms in last_ms
    ]
    return Measured(opened, bursts)


@pytest.mark.parametrize("contest", [BURST, FANOUT])
async def test_every_contender_tells_all_sockets_the_same(
    settings: Settings, homes: LiveHomes, contest: str
) -> None:
    reported = SOCKETS if contest == BURST else 1
    arena = Arena(contest, reported, settings, homes, ANYWHERE, BRISK)
    names = [OURS, *PEERS[contest]]
    measured = await arena.hold(names)
    assert list(measured) == names
    for one in measured.values():
        assert [burst.deliveries for burst in one.bursts] == [SOCKETS, SOCKETS]
    lags = measured[OURS].lags_ms
    assert [lag > 0 for lag in lags] == ([True, True] if contest == BURST else [])


async def test_heartbeats_of_idle_sockets_take_a_share_of_a_core(
    settings: Settings, homes: LiveHomes
) -> None:
    often = replace(settings, heartbeat_seconds=0.1)
    arena = Arena(BURST, SOCKETS, often, homes, ANYWHERE, BRISK)
    assert 0 <= await arena.idle_share() <= (cpu_count() or 1)


async def test_other_data_than_what_was_published_is_refused(
    settings: Settings, homes: LiveHomes
) -> None:
    live = peer(UNCHECKED, settings)
    announcements = await homes.report(SOCKETS)
    late = replace(live, messages=lambda wanted: live.messages([*wanted[1:], wanted[0]]))
    odd = replace(
        live,
        messages=lambda wanted: (
            (channel, text.replace(b'"kwh":0.', b'"kwh":9.'))
            for channel, text in live.messages(wanted)
        ),
    )
    async with Crowd.gathered(late, settings.redis_url, ANYWHERE) as crowd:
        await crowd.open(homes.homes, quiet_seconds=0.05)
        assert (await crowd.burst(announcements)).deliveries == SOCKETS
        crowd.live = odd
        with pytest.raises(BenchError, match=r"sent another event:\ndata.readings.reading.kwh: 0"):
            await crowd.burst(announcements)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (MERCURIUS, "(answered .*error|closed a socket)"),  # and whichever of the two is first
        (GRAPHQL_WS, "closed a socket with 4403"),
    ],
)
async def test_peers_refuse_a_token_of_nobody_as_ours_does(
    settings: Settings, homes: LiveHomes, name: str, said: str
) -> None:
    stranger = replace(homes.homes[0], token="none")
    async with Crowd.gathered(peer(name, settings), settings.redis_url, ANYWHERE) as crowd:
        with pytest.raises(BenchError, match=f"{name} {said}"):
            await crowd.open([stranger], quiet_seconds=0.05)


async def test_readings_are_announced_in_consecutive_places(homes: LiveHomes) -> None:
    first, second = [await homes.report(SOCKETS) for _ in range(2)]
    assert [one.facility for one in first] == [home.facility for home in homes.homes]
    assert [one.first for one in second] == [one.last + 1 for one in first]
    assert [one.facility for one in await homes.report(1)] == [homes.homes[0].facility]


@asynccontextmanager
async def newsroom(*texts: str) -> AsyncIterator[tuple[int, Callable[[], None]]]:
    """A server's port, and what makes it send these texts to those who asked for news."""
    published = asyncio.Event()

    async def talk(connection: ServerConnection) -> None:
        assert await connection.recv() == "hello"
        await connection.send("welcome")
        assert await connection.recv() == "news?"
        await connection.send("no news yet")
        await published.wait()
        for text in texts:
            await (connection.send(text) if text else connection.close(1012))
        await connection.wait_closed()

    loop = asyncio.get_running_loop()

    def publish() -> None:
        loop.call_soon_threadsafe(published.set)

    async with serve(
        talk, "127.0.0.1", 0, compression=None, subprotocols=[PROTOCOL], close_timeout=0.1
    ) as server:
        (listener,) = server.sockets
        yield listener.getsockname()[1], publish
        published.set()


STEPS = [Step(b"hello", b"welcome"), Step(b"news?", b"")]


async def test_each_socket_hears_its_own_and_the_rest_is_passed_over() -> None:
    sockets = Sockets()
    async with newsroom("ping", "news: 1") as (port, publish):
        await asyncio.to_thread(sockets.open, port, "/", [STEPS] * 3, 5)
        heard = await asyncio.to_thread(sockets.burst, publish, b"news:", 5)
        assert sorted((one.place, one.text) for one in heard.arrivals) == [
            (place, b"news: 1") for place in range(3)
        ]
        await asyncio.to_thread(sockets.close)
    assert sockets.count == 0


async def test_a_burst_that_never_comes_ends_with_the_time() -> None:
    sockets = Sockets()
    async with newsroom() as (port, _):
        await asyncio.to_thread(sockets.open, port, "/", [STEPS], 5)
        heard = await asyncio.to_thread(sockets.burst, lambda: None, b"news:", 0.01)
        assert heard.arrivals == []
        await asyncio.to_thread(sockets.close)


async def test_an_answer_without_its_mark_is_told() -> None:
    sockets = Sockets()
    async with newsroom() as (port, _):
        entries = [[Step(b"hello", b"good day")]]
        with pytest.raises(SocketsError, match="answered welcome"):
            await asyncio.to_thread(sockets.open, port, "/", entries, 5)
        await asyncio.to_thread(sockets.close)


async def test_a_socket_that_the_server_closes_is_told() -> None:
    sockets = Sockets()
    async with newsroom("") as (port, publish):
        await asyncio.to_thread(sockets.open, port, "/", [STEPS], 5)
        with pytest.raises(SocketsError, match=r"cut a socket|closed a socket with 1012"):
            await asyncio.to_thread(sockets.burst, publish, b"news:", 5)
        await asyncio.to_thread(sockets.close)


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([0], "reached 1 of 2 sockets with 1 events"),
        ([0, 0], "reached 1 of 2 sockets with 2 events"),
        ([0, 1], r"another event:\ndata.kwh: 2 is 1"),
    ],
)
def test_what_arrived_must_be_one_event_for_each_socket(places: Sequence[int], said: str) -> None:
    text = b'{"type":"next","id":"1","payload":{"data":{"kwh":1}}}'
    arrivals = [Arrival(0.1, place, text) for place in places]
    with pytest.raises(SocketsError, match=said):
        _compare(arrivals, 2, [{"kwh": 1}, {"kwh": 2}])
    _compare([Arrival(0.1, place, text) for place in (1, 0)], 2, [{"kwh": 1}])


def test_frames_are_found_wherever_their_bytes_are_cut() -> None:
    sent = [Frame(Opcode.TEXT, b"x" * size) for size in (0, 125, 126, 65_536)]
    sent.append(Frame(Opcode.CLOSE, Close(1000, "").serialize()))
    data = b"".join(frame.serialize(mask=False) for frame in sent)
    for cut in (1, 3, 128, 131, 132, 400, len(data) - 1):
        found, rest = frames(data[:cut])
        more, rest = frames(rest + data[cut:])
        assert [*found, *more] == [(frame.opcode, frame.data) for frame in sent]
        assert rest == b""


def test_frames_to_a_server_are_masked() -> None:
    assert text_frame(b"hi") == b"\x81\x82\0\0\0\0hi"
    assert text_frame(b"x" * 300) == b"\x81\xfe\x01\x2c\0\0\0\0" + b"x" * 300
    assert close_frame() == b"\x88\x82\0\0\0\0\x03\xe8"


def test_mercurius_is_told_in_message_pack() -> None:
    packed = message_pack({"id": "a", "msg": {"kwh": 1.5}})
    assert packed == b"\x82\xd9\x02id\xd9\x01a\xd9\x03msg\x81\xd9\x03kwh\xcb\x3f\xf8" + bytes(6)


def test_what_is_measured_is_the_median_of_rounds() -> None:
    measured = seen(20, 40, 10)
    assert measured.per_second == 500
    assert (measured.p50_ms, measured.p99_ms) == (10, 19)
    assert measured.cpu_us == pytest.approx(35e3 / 30)
    assert measured.redis_us == pytest.approx(8750 / 30)
    assert measured.load_share == pytest.approx(0.25)
    assert (measured.opened.cpu_us, measured.opened.kib) == (100, 30)


def test_the_figures_are_those_of_ours_against_each_peer() -> None:
    ours = replace(seen(10, 20, 30, cpu_us=120, kib=27), lags_ms=[9.0, 8.0, 17.0])
    peers = {contest: dict.fromkeys(names, seen(40, 60, 80)) for contest, names in PEERS.items()}
    peers[BURST][UNCHECKED] = seen(cpu_us=60)
    contests = {contest: {OURS: ours} | measured for contest, measured in peers.items()}
    assert figures(Results(contests, idle_share=0.06)) == [
        Figure("burst_1to1_vs_mercurius", 3, "x", "higher"),
        Figure("burst_1to1_vs_graphql_ws", 3, "x", "higher"),
        Figure("burst_1to1_vs_strawberry", 3, "x", "higher"),
        Figure("fanout_1toN_vs_mercurius", 3, "x", "higher"),
        Figure("fanout_1toN_vs_websockets_broadcast", 3, "x", "higher"),
        Figure("kib_per_idle_socket", 27, "KiB", "lower"),
        Figure("connect_cpu_vs_graphql_ws", 1.2, "x", "lower"),
        Figure("connect_cpu_vs_graphql_ws_unchecked", 2, "x", "lower"),
        Figure("burst_10k_max_loop_lag_ms", 9, "ms", "lower"),
        Figure("burst_10k_p99_ms", 19, "ms", "lower"),
        Figure("idle_10k_cpu_percent", 6, "%", "lower"),
    ]


def test_who_was_not_measured_has_no_figure() -> None:
    assert figures(Results({BURST: {GRAPHQL_WS: seen(10)}, FANOUT: {}}, None)) == []


def test_the_table_has_a_line_for_each_contender() -> None:
    ours = replace(seen(10, 20), lags_ms=[9.0, 17.0])
    head, *lines = table(BURST, {OURS: ours, UNCHECKED: seen(cpu_us=80)}).splitlines()
    assert head.split()[0] == BURST
    assert [" ".join(line.split()) for line in lines] == [
        ("kenshin 750 [500, 1000] 750.0 187.5 7.5 14.0 25% 100 30.0 loop busy for 17.0 ms at most"),
        "graphql_ws_unchecked 80 30.0",
    ]
