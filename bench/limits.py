"""What limits cost a small query: processor time with all of them against none.

With limits a request takes its points from the bucket of its member, which is a call to Redis. Its
document is known after the first request, as those of clients are.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import orjson

from bench.contenders import Contender, ours_over_mongodb
from bench.contest import Contest, Measured, Pace, hold
from bench.cores import two_cores
from bench.harness import Figure
from bench.homes import Homes
from bench.load import Load
from bench.questions import Call, Request
from bench.series import table
from domain.settings import Settings

PACE: Final = Pace(rounds=9, warm_up_seconds=2.0, round_seconds=0.6)
_HOMES: Final = (3,) * 8
"Days of usage, by facility."
_CONNECTIONS: Final = 8
_QUERY: Final = "{ viewer { loginId profile { name } } }"
_PERCENT: Final = 100


async def run(settings: Settings, pace: Pace = PACE) -> Sequence[Figure]:
    homes = await Homes.made(settings, _HOMES)
    body = orjson.dumps({"query": _QUERY})
    request = Request([Call(token, body) for token in homes.tokens], _CONNECTIONS)
    with two_cores() as cores, tempfile.TemporaryDirectory(prefix="kenshin-bench-") as folder:
        contest = Contest(
            name="limits",
            request=request,
            ours=_named("with limits", settings),
            peers=[[_named("without", without_limits(settings))]],
            answers=Path(folder),
        )
        async with Load.started(cores.load) as load:
            measured = await hold(contest, load, cores, pace)
    print(table("limits", measured), file=sys.stderr, flush=True)
    return figures(measured)


def figures(measured: Sequence[Measured]) -> Sequence[Figure]:
    """How much more a request takes with limits; the median of all rounds."""
    limited, free = measured
    more = (limited.cpu_ms / free.cpu_ms - 1) * _PERCENT
    return [Figure("limits_overhead_pct", more, "%", "lower")]


def without_limits(settings: Settings) -> Settings:
    """Everything may be asked for, however often."""
    return replace(
        settings,
        max_document_bytes=0,
        max_document_tokens=0,
        max_depth=100,
        max_selections=1_000_000,
        max_repeats=0,
        max_aliases=0,
        max_directives=0,
        max_root_fields=0,
        max_fragments=0,
        max_list_items=0,
        max_cost=0,
        operation_seconds=0,
        introspection="everybody",
        cost_per_minute_member=0,
        cost_per_minute_app=0,
        cost_per_minute_staff=0,
        cost_per_minute_address=0,
    )


def _named(name: str, settings: Settings) -> Contender:
    return replace(ours_over_mongodb(settings), name=name)
