"""Connections that are cut at any byte: a subscriber's, and the API's own to Redis."""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.bare import BareListener
from tests.faults.burst import Sender, batches
from tests.faults.cutter import Cut, Cutter
from tests.faults.follower import Follower
from tests.faults.records import missing
from tests.faults.stage import (
    DATABASE,
    QUICK,
    RARELY,
    Stage,
    all_live,
    assert_exactly_once,
    caught_up,
    sending,
    sent_before_news,
    under_way,
    until,
)
from tests.serving import Served

_PAUSE_SECONDS = 0.02


def cuts_of_a_socket() -> Iterator[Cut]:
    """Within the answer to the handshake, the acknowledgement and events; within what is asked.

    The first connection lasts long enough to begin.
    """
    cuts = [
        *(Cut(from_server=size, reset=size % 2 == 0) for size in range(1, 2400, 29)),
        *(Cut(2400, from_client=size, reset=size % 2 == 0) for size in range(1, 900, 29)),
    ]
    random.Random(0).shuffle(cuts)
    return iter([Cut(2400), *cuts])


async def test_a_socket_that_is_cut_at_any_byte_loses_repeats_and_reorders_nothing(
    stage: Stage,
) -> None:
    person = await stage.person(facilities=2)
    sender = Sender(batches(person), stage.token, stage.servers)
    port = stage.servers[0].port
    planned = len(list(cuts_of_a_socket()))
    async with (
        Cutter(port, cuts_of_a_socket()).in_place() as cutter,
        Cutter(port, cuts_of_a_socket()).in_place() as control,
    ):
        follower = Follower(cutter.port, person)
        forgetful = Follower(control.port, person, forgetful=True)
        async with under_way(follower.run(), forgetful.run()):
            await all_live([follower, forgetful])
            async with sending(sender, _PAUSE_SECONDS):
                await until(lambda: cutter.cuts == control.cuts == planned)
                before = await sent_before_news(sender, forgetful)
            await caught_up(sender.sent, follower)

    assert_exactly_once(sender.sent, follower)
    assert missing(before, forgetful.heard)


async def test_a_connection_to_redis_that_is_cut_at_any_byte_loses_nothing(
    stage: Stage, tmp_path: Path
) -> None:
    redis_port = urlsplit(stage.databases.addresses.redis_url).port
    assert redis_port is not None
    person = await stage.person(facilities=2)
    sender = Sender(batches(person), stage.token, stage.servers)
    async with (
        Cutter(redis_port, cuts_of_redis()).in_place() as cutter,
        Cutter(redis_port, cuts_of_redis()).in_place() as control,
        served_behind(stage, cutter, tmp_path) as server,
    ):
        follower = Follower(server.port, person)
        bare = BareListener(f"redis://127.0.0.1:{control.port}/0", DATABASE)
        async with under_way(follower.run(), bare.run()):
            await all_live([follower])
            async with sending(sender, _PAUSE_SECONDS):
                planned = len(list(cuts_of_redis()))
                await until(lambda: cutter.cuts == control.cuts == planned)
            await caught_up(sender.sent, follower)

    assert_exactly_once(sender.sent, follower)
    assert missing(sender.sent, bare.heard)
    assert server.tracebacks() == []


def cuts_of_redis() -> Iterator[Cut]:
    """Within what Redis answers at first, and within announcements."""
    sizes = [1, 71, 500, *range(1000, 1600, 149)]
    return (Cut(from_server=size, reset=size % 2 == 0) for size in sizes)


@asynccontextmanager
async def served_behind(stage: Stage, cutter: Cutter, folder: Path) -> AsyncIterator[Served]:
    """An API that reaches Redis only so, for announcements alone, and whose heartbeats find nothing."""
    settings = {
        **QUICK,
        **RARELY,
        "KENSHIN_REDIS_URL": f"redis://127.0.0.1:{cutter.port}/0",
        "KENSHIN_COST_PER_MINUTE_MEMBER": "0",  # points have a connection of their own
    }
    server = Served(stage.command_line, folder / "cut.log", **settings)
    try:
        yield server
    finally:
        server.kill()
