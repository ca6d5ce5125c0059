"""A few rounds of the burst's benchmark; never how long anything took."""

import pytest

from bench.api_process import serving
from bench.burst import ApiWay, Meters, RawWay
from bench.harness import BenchError, Figure, own_database
from bench.ingest_burst import Rounds, figures, rounds
from datasources.embedded import Addresses
from domain.settings import Settings
from resolvers.sources import open_sources


@pytest.fixture
def databases(servers: Addresses) -> Settings:
    return Settings(mongodb_url=servers.mongodb_url, redis_url=servers.redis_url)


async def test_both_ways_go_on_where_the_other_one_stopped(databases: Settings) -> None:
    numbers = range(1, 6)
    async with own_database(databases) as own:
        measured = await rounds(own, facilities=5, count=2, seconds=60)
        sources = open_sources(own)
        heads = await sources.usage.heads(list(numbers))
        found = await sources.usage.stored_between(
            dict.fromkeys(numbers, 0), dict.fromkeys(numbers, 5)
        )
        await sources.close()
    assert len(measured.api) == len(measured.raw) == 2
    assert {head.order for head in heads.values()} == {5}
    meters = Meters([""] * 5, "")
    sent = [meters.columns(half) for half in range(5)]
    assert [(one.facility, one.order, one.slot, one.wh) for one in found] == [
        (number, half + 1, int(sent[half].slot[number - 1]), int(sent[half].wh[number - 1]))
        for number in numbers
        for half in range(5)
    ]


async def test_rounds_end_when_the_time_is_up_but_not_before_the_first_one(
    databases: Settings,
) -> None:
    async with own_database(databases) as own:
        measured = await rounds(own, facilities=2, count=4, seconds=0)
    assert len(measured.api) == len(measured.raw) == 1


async def test_readings_that_were_there_already_are_no_burst(databases: Settings) -> None:
    async with own_database(databases) as own:
        meters = await Meters.made(own, 3)
        async with (
            serving(own) as served,
            ApiWay.opened(served, meters) as api,
            RawWay.opened(own, meters) as raw,
        ):
            await api.take(0)
            await raw.take(1)
            with pytest.raises(BenchError, match=r'a burst was not stored: 200 .*"unchanged":3'):
                await api.take(1)


def test_the_figure_is_the_ratio_of_medians() -> None:
    measured = Rounds(api=[10.0, 4.0, 5.0], raw=[3.0, 4.0, 9.0])
    assert figures(measured) == [Figure("ingest_vs_raw_bulk_write", 0.8, "x", "higher")]
