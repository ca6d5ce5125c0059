"""The benchmarks' harness, and a few rounds of each benchmark; never how long anything took."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.__main__ import main
from bench.api_process import serving
from bench.harness import (
    BenchError,
    Benchmark,
    Figure,
    _with_database,
    benchmarks,
    database_servers,
    measure,
    own_database,
)
from bench.ingest import Rounds, figures, rounds
from datasources.embedded import Addresses
from datasources.mongo import Mongo
from domain.settings import Settings

HALF_HOUR = timedelta(minutes=30)
NAMES = [
    "billing",
    "documents",
    "downloads",
    "fuzz",
    "growth",
    "ingest",
    "ingest_burst",
    "limits",
    "live",
    "login",
    "page",
    "series",
    "simulate",
    "slow_clients",
    "slow_requests",
]


@pytest.fixture
def databases(servers: Addresses) -> Settings:
    return Settings(mongodb_url=servers.mongodb_url, redis_url=servers.redis_url)


class Recorder:
    """Benchmarks that note the database that they were given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def benchmark(self, *names: str) -> Benchmark:
        async def run(settings: Settings) -> Iterable[Figure]:
            mongo = Mongo(settings.mongodb_url)
            self.given.append(mongo.name)
            await mongo["things"].insert_one({})
            await mongo.close()
            return [Figure(name, 1, "ms", "lower") for name in names]

        return run


async def databases_of(settings: Settings) -> Sequence[str]:
    mongo = Mongo(settings.mongodb_url)
    names: Sequence[str] = await mongo.database.client.list_database_names()
    await mongo.close()
    return names


def test_a_figure_is_one_line_of_json() -> None:
    line = Figure("ingest_to_socket_p50_ms", 12.3, "ms", "lower").line()
    assert line == (
        '{"figure": "ingest_to_socket_p50_ms", "value": 12.3, "unit": "ms", "better": "lower"}'
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12.34567, "12.35"), (0.00123456, "0.001235"), (98765.4, "98770.0"), (3, "3.0")],
)
def test_a_figure_has_four_significant_digits(value: float, shown: str) -> None:
    assert f'"value": {shown},' in Figure("some", value, "x", "higher").line()


def test_the_benchmarks_are_the_modules_that_run_by_name() -> None:
    assert list(benchmarks()) == NAMES


def test_an_unknown_name_measures_nothing_and_lists_the_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["ingest", "nope"]) == 2
    shown = capsys.readouterr()
    assert shown.err == f"no benchmark 'nope'; there are: {', '.join(NAMES)}\n"
    assert not shown.out


def test_the_command_ends_with_the_status_of_main() -> None:
    command = [sys.executable, "-m", "bench", "nope"]
    ended = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.count(b"\n") == 1


async def test_figures_come_in_the_order_of_benchmarks_and_in_theirs(
    databases: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder = Recorder()
    chosen = {"b": recorder.benchmark("b2", "b1"), "a": recorder.benchmark("a1")}
    await measure(chosen, databases)
    shown = capsys.readouterr()
    lines = [Figure(name, 1, "ms", "lower").line() for name in ("b2", "b1", "a1")]
    assert shown.out.splitlines() == lines
    assert shown.err.splitlines() == ["[1/2] b", "[2/2] a"]


async def test_each_benchmark_has_a_database_of_its_own_that_is_dropped(
    databases: Settings,
) -> None:
    recorder = Recorder()
    await measure({"a": recorder.benchmark(), "b": recorder.benchmark()}, databases)
    first, second = recorder.given
    assert first != second
    assert not {first, second} & set(await databases_of(databases))


async def test_a_database_is_dropped_after_a_failure_too(databases: Settings) -> None:
    recorder = Recorder()

    async def fail(settings: Settings) -> Iterable[Figure]:
        await recorder.benchmark()(settings)
        raise BenchError("no luck")

    with pytest.raises(BenchError, match="no luck"):
        await measure({"a": fail}, databases)
    assert recorder.given[0] not in await databases_of(databases)


def test_databases_of_the_environment_are_used_and_no_other_setting() -> None:
    environment = {
        "KENSHIN_MONGODB_URL": "mongodb://db.example/?replicaSet=rs0",
        "KENSHIN_REDIS_URL": "redis://redis.example",
        "KENSHIN_HEARTBEAT_SECONDS": "1",
    }
    with database_servers(environment) as settings:
        assert settings == Settings(
            mongodb_url="mongodb://db.example/?replicaSet=rs0",
            redis_url="redis://redis.example",
            cost_per_minute_member=1_000_000_000,
            cost_per_minute_address=1_000_000_000,
        )


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("mongodb://a:1", "mongodb://a:1/own"),
        ("mongodb://a:1,b:2/kenshin?replicaSet=rs0", "mongodb://a:1,b:2/own?replicaSet=rs0"),
        ("mongodb://u:p@a/kenshin", "mongodb://u:p@a/own?authSource=kenshin"),
        ("mongodb://u:p@a/?tls=true", "mongodb://u:p@a/own?tls=true&authSource=admin"),
        ("mongodb://u:p@a/?authSource=x", "mongodb://u:p@a/own?authSource=x"),
    ],
)
def test_a_url_keeps_all_but_its_database(url: str, changed: str) -> None:
    assert _with_database(url, "own") == changed


async def test_an_api_that_does_not_start_says_why(databases: Settings) -> None:
    broken = replace(databases, heartbeat_seconds=-1)
    with pytest.raises(BenchError, match="KENSHIN_HEARTBEAT_SECONDS must not be negative"):
        async with serving(broken):
            pass


async def test_every_posted_reading_reaches_the_subscription_in_order(databases: Settings) -> None:
    async with own_database(databases) as own:
        measured = await rounds(own, count=3, warm_up=2, seconds=60)
        assert urlsplit(own.mongodb_url).path.strip("/") in await databases_of(databases)
    assert len(measured.api) == len(measured.limit) == 3
    assert len(measured.posted) == 5
    assert measured.heard == measured.posted
    steps = {later - one for one, later in zip(measured.posted, measured.posted[1:], strict=False)}
    assert steps == {HALF_HOUR}


async def test_rounds_end_when_the_time_is_up_but_not_before_the_first_one(
    databases: Settings,
) -> None:
    async with own_database(databases) as own:
        measured = await rounds(own, count=3, warm_up=2, seconds=0)
    assert len(measured.api) == len(measured.limit) == 1
    assert measured.heard == measured.posted
    assert len(measured.posted) == 3


def test_figures_are_the_median_the_99th_percentile_and_the_ratio_of_medians() -> None:
    at = [datetime(2040, 6, 15, tzinfo=UTC)]
    measured = Rounds([float(ms) for ms in range(1, 102)], [10.0, 20.0, 90.0], at, at)
    assert figures(measured) == [
        Figure("ingest_to_socket_p50_ms", 51.0, "ms", "lower"),
        Figure("ingest_to_socket_p99_ms", 100.0, "ms", "lower"),
        Figure("ingest_to_socket_vs_limit", 2.55, "x", "lower"),
    ]
