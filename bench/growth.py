"""How the cost of a series grows with its length: by the half hour, and no faster."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.contenders import ours_in_memory
from bench.contest import Contest, Pace, hold
from bench.cores import two_cores
from bench.harness import Figure
from bench.homes import Homes
from bench.load import Load
from bench.questions import POINTS, Question, Request
from bench.series import without_cache
from domain.settings import Settings

DAYS: Final = (1, 31, 365, 730)
_PACE: Final = Pace(rounds=5, warm_up_seconds=0.5, round_seconds=0.5)


async def run(settings: Settings) -> Sequence[Figure]:
    """One figure; on stderr the processor time of a request for each length."""
    homes = await Homes.made(settings, (DAYS[-1],))
    costs: dict[int, float] = {}
    with two_cores() as cores, tempfile.TemporaryDirectory(prefix="kenshin-bench-") as folder:
        home = Path(folder, "home.json")
        homes.write(home)
        ours = ours_in_memory(home, without_cache(settings))
        async with Load.started(cores.load) as load:
            for days in DAYS:
                request = Request.of(Question(POINTS, days, connections=2), homes).first_only()
                contest = Contest(f"growth_{days}_days", request, ours, [], Path(folder))
                costs[days] = (await hold(contest, load, cores, _PACE))[0].cpu_ms
                print(f"  {days:4} days {costs[days]:8.3f} ms", file=sys.stderr, flush=True)
    return figures(costs)


def figures(costs: dict[int, float]) -> Sequence[Figure]:
    """What another day costs in a span of two years, against in a month; 1 is linear."""
    in_two_years = (costs[730] - costs[31]) / (730 - 31)
    in_a_month = (costs[31] - costs[1]) / (31 - 1)
    return [Figure("series_day_more_in_24m_vs_month", in_two_years / in_a_month, "x", "lower")]
