"""The benchmark of series: that all its servers answer the same, and how it counts; never how fast."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bench import growth
from bench import node as bench_node
from bench.answers import differences
from bench.contenders import OURS, Contender, peer_in_memory, serving
from bench.contest import Contest, Measured, Pace, hold, started
from bench.cores import Cores
from bench.half_hours import HalfHours
from bench.harness import BenchError, Figure, own_database
from bench.homes import Homes
from bench.load import Load, Sample
from bench.peak_memory import peak_rss_mb
from bench.questions import Request
from bench.series import CONTESTS, PEAK, QUESTIONS, contests, ratios, table
from datasources.embedded import Addresses
from domain.readings import Quality
from domain.settings import Settings
from web.build import Node

DAYS = (6, 5, 5)
ASKED_DAYS = 5
ANYWHERE = Cores(None, None)
BRISK = Pace(rounds=2, warm_up_seconds=0, round_seconds=0.02)
FIGURES = [
    "series_day_vs_mercurius_jit",
    "series_day_vs_yoga",
    "series_day_vs_ariadne",
    "series_month_vs_mercurius_jit",
    "series_month_vs_yoga",
    "series_month_vs_ariadne",
    "series_24m_vs_strawberry",
    "series_24m_vs_mercurius_jit",
    "series_24m_vs_yoga",
    "series_24m_vs_ariadne",
    "series_24m_cached_vs_prebuilt_bytes",
    "columns_24m_vs_prebuilt_bytes",
    "e2e_day_vs_mercurius_jit",
    "e2e_day_vs_yoga",
    "e2e_day_vs_ariadne",
    "e2e_month_vs_mercurius_jit",
    "e2e_month_vs_yoga",
    "e2e_month_vs_ariadne",
    "e2e_24m_vs_mercurius_jit",
    "e2e_24m_vs_yoga",
    "e2e_24m_vs_ariadne",
    "e2e_60_facilities_month_vs_mercurius_jit",
    "peak_rss_24m_mb",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A few days of three facilities in a database, and the first one in a file."""

    settings: Settings
    home: Path
    homes: Homes

    def contests(self) -> dict[str, Contest]:
        requests = {
            name: Request.of(replace(question, days=ASKED_DAYS), self.homes)
            for name, question in QUESTIONS.items()
        }
        return {contest.name: contest for contest in contests(self.settings, self.home, requests)}


@pytest.fixture(scope="module")
async def place(
    servers: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Place]:
    settings = Settings(mongodb_url=servers.mongodb_url, redis_url=servers.redis_url)
    async with own_database(settings) as own:
        homes = await Homes.made(own, DAYS)
        home = tmp_path_factory.mktemp("series") / "home.json"
        homes.write(home)
        yield Place(own, home, homes)


def measured(name: str, *cpu_ms: float) -> Measured:
    samples = [Sample(requests=10, cpu_seconds=ms / 100, seconds=2) for ms in cpu_ms]
    return Measured(Contender(name, [], {}), samples)


@pytest.mark.parametrize(
    ("name", "layouts"),
    [
        ("series_24m", ["", "", "", ""]),
        ("e2e_24m", ["days", "months", "days"]),
        ("e2e_60_facilities_month", ["months"]),
    ],
)
async def test_every_peer_answers_as_ours_does(
    place: Place, name: str, layouts: Sequence[str]
) -> None:
    contest = place.contests()[name]
    peers = [
        [variant for variant in variants if variant.layout == layout]
        for variants, layout in zip(contest.peers, layouts, strict=True)
    ]
    async with started(replace(contest, peers=peers), ANYWHERE) as servers:
        names = [server.contender.name for (server,) in servers]
    assert names == [OURS, *CONTESTS[name].peers]


def test_a_peer_over_mongodb_may_have_either_layout(place: Place) -> None:
    for variants in place.contests()["e2e_24m"].peers:
        assert [variant.layout for variant in variants] == ["days", "months"]


async def test_another_answer_than_ours_is_refused_with_the_difference(
    place: Place, tmp_path: Path
) -> None:
    facility, usage = place.homes.facilities[0]
    changed = [(facility, replace(usage, wh=usage.wh + 1))]
    replace(place.homes, facilities=changed).write(tmp_path / "changed.json")
    contest = place.contests()["series_24m"]
    contest = replace(contest, peers=[[peer_in_memory("mercurius_jit", tmp_path / "changed.json")]])
    with pytest.raises(BenchError, match=r"(?s)mercurius_jit does not .*points\[\d+\].kwh: 0\.\d"):
        async with started(contest, ANYWHERE):
            pass


async def test_a_contest_measures_ours_and_the_limit_in_every_round(place: Place) -> None:
    contest = place.contests()["columns_24m"]
    async with Load.started() as load:
        found = await hold(contest, load, ANYWHERE, BRISK)
    assert [one.contender.name for one in found] == [OURS, "prebuilt_bytes"]
    assert [len(one.samples) for one in found] == [2, 2]
    assert all(sample.requests >= 1 and sample.seconds > 0 for sample in found[1].samples)


async def test_answers_with_errors_end_a_round(place: Place) -> None:
    contest = place.contests()["e2e_24m"]
    calls = [*contest.request.calls, replace(contest.request.calls[0], token="none")]
    async with serving(contest.ours) as server, Load.started() as load:
        await server.running.ready(server.accepts)
        await load.sample(server, contest.request, 9)
        with pytest.raises(BenchError, match="kenshin answered 6 of 8 requests"):
            await load.sample(server, Request(calls, connections=1), 8)


async def test_a_peer_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    yoga = peer_in_memory("yoga", tmp_path / "nothing.json")
    with pytest.raises(BenchError, match=r"(?s)yoga did not start:.*ENOENT.*nothing\.json"):
        async with serving(yoga) as server:
            await server.running.ready(server.accepts)


async def test_a_request_that_is_refused_ends_the_benchmark(place: Place) -> None:
    contest = place.contests()["series_24m"]
    stranger = replace(contest.request, calls=[replace(contest.request.calls[0], token="none")])
    with pytest.raises(BenchError, match=r"kenshin answered errors: .*UNAUTHENTICATED"):
        async with started(replace(contest, request=stranger, peers=[]), ANYWHERE):
            pass


async def test_memory_of_a_request_is_above_that_of_an_idle_server(place: Place) -> None:
    contest = place.contests()["e2e_24m"]
    peak = await peak_rss_mb(contest.ours, contest.request, contest.request, ANYWHERE, servers=1)
    assert peak is not None
    assert 0 <= peak < 1000


def test_the_figures_have_these_names() -> None:
    found = [
        figure.figure
        for name, entry in CONTESTS.items()
        for figure in ratios(name, [measured(OURS, 1), *(measured(it, 1) for it in entry.peers)])
    ]
    assert [*found, PEAK] == FIGURES


def test_a_sample_counts_processor_time_and_requests() -> None:
    sample = Sample(requests=20, cpu_seconds=0.5, seconds=2)
    assert (sample.cpu_ms, sample.per_second) == (25, 10)
    assert sample + Sample(requests=10, cpu_seconds=0.1, seconds=1) == Sample(30, 0.6, 3)


def test_a_ratio_is_of_the_medians_of_the_rounds() -> None:
    ours, peer = measured(OURS, 2, 9, 4), measured("yoga", 10, 12, 90)
    assert (ours.cpu_ms, peer.cpu_ms, peer.per_second) == (4, 12, 5)
    assert ratios("e2e_day", [ours, peer]) == [Figure("e2e_day_vs_yoga", 3, "x", "higher")]


def test_the_table_has_a_line_for_each_contender() -> None:
    assert table("e2e_day", [measured(OURS, 2, 9, 4), measured("yoga", 10, 12, 90)]) == (
        "e2e_day: CPU ms by request [least, most], requests per second\n"
        "  kenshin              4.000 [2.000, 9.000]         5.0/s\n"
        "  yoga                12.000 [10.000, 90.000]         5.0/s"
    )


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        ({"at": "2040-06-15T00:00:00.000Z", "kwh": 1.0, "rows": [1, None]}, []),
        (
            {"at": "2040-06-15T09:00:00Z", "kwh": 1, "rows": [1, None]},
            ["at: '2040-06-15T09:00:00+09:00' is '2040-06-15T09:00:00Z'"],
        ),
        (
            {"at": "2040-06-15T09:00:00+09:00", "kwh": True, "rows": [1, 0]},
            ["kwh: 1 is True", "rows[1]: None is 0"],
        ),
        (
            {"at": "2040-06-15T09:00:00+09:00", "kwh": 1, "rows": [1]},
            ["rows: a list of 2 is a list of 1"],
        ),
        (
            {"kwh": 1, "at": "2040-06-15T09:00:00+09:00", "rows": [1, None]},
            [": an object of at, kwh, rows is an object of kwh, at, rows"],
        ),
    ],
)
def test_answers_are_compared_as_what_they_mean(theirs: Any, found: Sequence[str]) -> None:
    ours = {"at": "2040-06-15T09:00:00+09:00", "kwh": 1, "rows": [1, None]}
    assert differences(ours, theirs) == found


def test_only_the_first_differences_are_shown() -> None:
    assert differences([1, 2, 3, 4], [5, 6, 7, 8]) == [
        "[0]: 1 is 5",
        "[1]: 2 is 6",
        "[2]: 3 is 7",
        "…",
    ]
    assert len(differences([1, 2, 3], [5, 6, 7])) == 3


def test_usage_looks_like_a_households() -> None:
    usage = HalfHours.simulated(seed=0, end_day=20_000, days=730)
    assert len(usage.wh) == usage.end - usage.first == 35_040
    assert set(usage.quality.tolist()) == {Quality.MISSING, Quality.PROVISIONAL, Quality.SETTLED}
    assert 100 < usage.wh[usage.quality > 0].mean() < 1000
    assert usage.wh.max() < 6000
    assert not usage.wh[usage.quality == Quality.MISSING].any()
    whole_days = (usage.quality.reshape(-1, 48) == Quality.MISSING).all(axis=1)
    assert whole_days.any()


def test_packages_that_cannot_be_installed_are_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    failing = Node(("node",), ("sh", "-c", "echo npm error network is down; exit 1"))
    monkeypatch.setattr(bench_node, "PEERS", tmp_path)
    monkeypatch.setattr(bench_node, "_found", lambda: failing)
    with pytest.raises(BenchError) as refused:
        bench_node.node()
    assert str(refused.value) == (
        f"the Node peers cannot be had: npm ci failed in {tmp_path}: network is down"
    )


def test_growth_compares_what_another_day_costs() -> None:
    (figure,) = growth.figures({1: 1.0, 31: 4.0, 365: 40.0, 730: 143.8})
    assert (figure.figure, figure.value) == ("series_day_more_in_24m_vs_month", 2.0)
