"""A few rounds of the benchmark of slow clients; never how long anything took."""

from dataclasses import replace

import pytest

from bench.harness import BenchError, Figure
from bench.slow_requests import Pace, Results, figures, measure
from domain.settings import Settings
from tests.api import Api

PACE = Pace(slow=3, drop_seconds=0.01, readers=2, requests=5, rounds=2)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, cost_per_minute_address=15)


async def test_rounds_without_and_beside_slow_clients_take_turns(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BenchError, match=r"answered with HTTP/1.1 429"):
        await measure("127.0.0.1", api.port, PACE)
    async with Api.serving(
        replace(api.sources, settings=replace(api.sources.settings, cost_per_minute_address=0))
    ) as unlimited:
        measured = await measure("127.0.0.1", unlimited.port, PACE)
    assert (len(measured.without), len(measured.beside), measured.cut) == (2, 2, 0)


def test_the_figure_is_the_median_beside_against_the_median_without() -> None:
    wanted = [Figure("slow_requests_p99_ratio", 1.5, "x", "lower")]
    assert figures(Results([1.0, 2.0, 9.0], [3.0, 3.0, 1.0], 0)) == wanted
