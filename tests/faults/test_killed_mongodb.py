"""MongoDB killed in the middle of a burst, and started again on the same data."""

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

_PAUSE_SECONDS = 0.02


async def test_every_acknowledged_reading_is_there_once_after_mongodb_was_killed(
    stage: Stage,
) -> None:
    person, hasty = await stage.person(facilities=3), await stage.person(facilities=1)
    patient = Sender(batches(person), stage.token, stage.servers)
    impatient = Sender(batches(hasty), stage.token, stage.servers, repeats=False)
    followers = [Follower(server.port, person) for server in stage.servers]
    follower_of_hasty = Follower(stage.servers[0].port, hasty)
    everyone = [*followers, follower_of_hasty]
    async with under_way(*(follower.run() for follower in everyone)):
        await all_live(everyone)
        async with sending(patient, _PAUSE_SECONDS), sending(impatient, _PAUSE_SECONDS):
            await more_batches(patient, 10)
            stage.databases.kill_mongodb()
            await more_batches(impatient, 2)
            stage.databases.start_mongodb()
            await stage.ready()
            await more_batches(patient, 10)
            before = await sent_before_news(impatient, follower_of_hasty)
        for follower in followers:
            await caught_up(patient.sent, follower)

    for follower in followers:
        assert_exactly_once(patient.sent, follower)
    assert missing(before, follower_of_hasty.heard)
