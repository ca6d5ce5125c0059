"""Redis killed, and frozen, in the middle of a burst."""

from tests.faults.bare import BareListener
from tests.faults.burst import Sender, batches
from tests.faults.follower import Follower
from tests.faults.records import faults, missing
from tests.faults.stage import (
    DATABASE,
    Stage,
    all_live,
    assert_exactly_once,
    caught_up,
    more_batches,
    sending,
    under_way,
)

_PAUSE_SECONDS = 0.02


async def test_nothing_is_lost_repeated_or_reordered_while_redis_is_killed_and_started_again(
    stage: Stage,
) -> None:
    person = await stage.person(facilities=3)
    sender = Sender(batches(person), stage.token, stage.servers)
    followers = [Follower(server.port, person) for server in stage.servers]
    bare = BareListener(stage.databases.addresses.redis_url, DATABASE)
    async with under_way(bare.run(), *(follower.run() for follower in followers)):
        await all_live(followers)
        await bare.connected(1)
        async with sending(sender, _PAUSE_SECONDS):
            for kills in (1, 2):
                await more_batches(sender, 5)
                stage.databases.kill_redis()
                await more_batches(sender, 10)
                stage.databases.start_redis()
                await bare.connected(1 + kills)
            await more_batches(sender, 5)
        for follower in followers:
            await caught_up(sender.sent, follower)

    for follower in followers:
        assert follower.connections == 1
        assert_exactly_once(sender.sent, follower)
    assert missing(sender.sent, bare.heard)


async def test_while_redis_is_frozen_heartbeats_bring_what_is_stored_and_afterwards_all_is_there(
    stage: Stage,
) -> None:
    person = await stage.person(facilities=3)
    sender = Sender(batches(person), stage.token, stage.servers)
    followers = [Follower(server.port, person) for server in stage.servers]
    often, rarely = followers
    async with under_way(*(follower.run() for follower in followers)):
        await all_live(followers)
        async with sending(sender, _PAUSE_SECONDS):
            await more_batches(sender, 5)
            with stage.databases.redis_frozen():
                await more_batches(sender, 2)
                frozen = list(sender.sent)
                await caught_up(frozen, often)
                assert missing(frozen, rarely.heard)
            await more_batches(sender, 20)
        for follower in followers:
            await caught_up(sender.sent, follower)

    for follower in followers:
        assert follower.connections == 1
        assert_exactly_once(sender.sent, follower)
    assert faults(sender.sent, frozen)
