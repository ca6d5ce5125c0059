"""API processes that are killed, and drained, in the middle of a burst."""

import asyncio
from collections import Counter

from tests.faults.burst import Sender, batches
from tests.faults.follower import Follower
from tests.faults.records import missing
from tests.faults.stage import (
    Stage,
    all_live,
    assert_exactly_once,
    caught_up,
    more_batches,
    sending,
    sent_before_news,
    under_way,
)
from tests.serving import Served

_WAYS = (Served.kill, Served.drain, Served.kill)
_PAUSE_SECONDS = 0.02  # leaves processor time to the one that starts again


async def test_who_comes_back_with_a_cursor_has_every_reading_once_after_the_api_has_ended(
    stage: Stage,
) -> None:
    person = await stage.person(facilities=3)
    sender = Sender(batches(person), stage.token, stage.servers)
    faithful = [Follower(server.port, person) for server in stage.servers]
    forgetful = [Follower(server.port, person, forgetful=True) for server in stage.servers]
    async with under_way(*(follower.run() for follower in (*faithful, *forgetful))):
        await all_live([*faithful, *forgetful])
        async with sending(sender, _PAUSE_SECONDS):
            for end in _WAYS:
                await more_batches(sender, 5)
                victim = sender.server
                await asyncio.to_thread(end, victim)
                await more_batches(sender, 5)
                victim.start()
                await asyncio.to_thread(victim.wait_until_ready)
            before = await sent_before_news(sender, *forgetful)
        for follower in faithful:
            await caught_up(sender.sent, follower)

    assert sum(follower.connections for follower in faithful) == 2 + len(_WAYS)
    closings = sum((follower.closings for follower in faithful), Counter[int]())
    assert closings == {1006: 2, 1012: 1}
    for follower in faithful:
        assert_exactly_once(sender.sent, follower)
    for follower in forgetful:
        assert missing(before, follower.heard)
