"""A few rounds of the log-in's benchmark; never how long anything took."""

import pytest

from bench.harness import BenchError, Figure, own_database
from bench.login import Pairs, figures, late_ticks, pairs
from datasources.embedded import Addresses
from domain.settings import Settings


@pytest.fixture
def databases(servers: Addresses) -> Settings:
    return Settings(
        mongodb_url=servers.mongodb_url, redis_url=servers.redis_url, wrong_log_ins_per_address=0
    )


async def test_unknown_and_known_ids_take_turns_and_none_is_locked(databases: Settings) -> None:
    async with own_database(databases) as own:
        measured = await pairs(own, count=10, warm_up=2)

    assert len(measured.unknown) == len(measured.known) == 10


async def test_an_address_that_may_not_try_so_often_measures_nothing(databases: Settings) -> None:
    limited = Settings(
        mongodb_url=databases.mongodb_url,
        redis_url=databases.redis_url,
        wrong_log_ins_per_address=1,
    )
    async with own_database(limited) as own:
        with pytest.raises(BenchError, match="TOO_MANY_ATTEMPTS"):
            await pairs(own, count=2, warm_up=0)


async def test_ticks_go_on_while_members_log_in(databases: Settings) -> None:
    async with own_database(databases) as own:
        assert len(await late_ticks(own, log_ins=16)) > 0


def test_figures_are_the_slower_median_against_the_quicker_and_the_99th_percentile() -> None:
    late = [float(ms) for ms in range(1, 102)]
    wanted = [
        Figure("login_unknown_vs_wrong_ratio", 1.25, "x", "lower"),
        Figure("login_blocks_event_loop_ms", 100.0, "ms", "lower"),
    ]
    assert figures(Pairs([10.0, 40.0, 90.0], [50.0]), late) == wanted
    assert figures(Pairs([50.0], [10.0, 40.0, 90.0]), late) == wanted
