"""20,000 operations drawn by chance, and some by Schemathesis: no fault of ours, no answer that is over
its cost, memory that stays flat. Figures count what should not be there.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import httpx
import psutil

from bench.api_process import serving
from bench.drawn_operations import Known
from bench.fuzz_askers import Askers
from bench.fuzz_client import SECONDS, Fuzzing, play
from bench.harness import BenchError, Figure
from bench.http_limits import SHORT_LIVED
from datasources.collections import migrate
from datasources.logs import configure_logs
from domain.settings import Settings
from domain.slots import date_at
from resolvers.demo import demo_facilities, fill_demo
from resolvers.sources import Sources, open_sources

_OPERATIONS: Final = 20_000
_AT_ONCE: Final = 20
"Operations that are under way at the same time."
_WARM_UP: Final = 0.25
"Share of the operations after which memory is flat."
_CACHE_MB: Final = 8
"Small, so that caches are full by then: what grows after it is no cache."
_GIVES_BACK: Final = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
"""Lets glibc give back what is free: it would else keep the most that a few operations at once ever
took, and whether those come early or late is chance."""
_EXAMPLES: Final = 20
"Of each root field that Schemathesis draws."
_WEIGHTS: Final = {"viewer": 5, "facility": 5, "node": 2, "usage": 3, "facilities": 3, "bills": 3}
_SHOWN: Final = 20


async def run(settings: Settings) -> Sequence[Figure]:
    configure_logs("console", "warning")  # on stderr: figures go to stdout
    settings = replace(
        settings,
        introspection="everybody",  # Schemathesis asks for the schema
        usage_cache_mb=_CACHE_MB,
        text_cache_mb=_CACHE_MB,
        cost_per_minute_member=0,
        cost_per_minute_app=0,
        cost_per_minute_address=0,
    )
    sources = open_sources(settings)
    try:
        await migrate(sources.mongo)
        await fill_demo(sources)
        return await _measured(settings, sources)
    finally:
        await sources.close()


async def _measured(settings: Settings, sources: Sources) -> Sequence[Figure]:
    numbers = [one.number for one in await demo_facilities(sources)]
    places = list((await sources.facilities.by_numbers(numbers)).values())
    askers = await Askers.of(sources, places)
    async with (
        serving(settings, _GIVES_BACK) as served,
        httpx.AsyncClient(timeout=SECONDS, limits=SHORT_LIVED) as client,
    ):
        host = f"{served.host}:{served.port}"
        known = Known(
            await askers.ids(client, f"http://{host}/graphql"), date_at(sources.clock()), _WEIGHTS
        )
        fuzzing = Fuzzing(host, client, known, askers, settings.max_cost)
        process = _process_at(served.port)
        await fuzzing.play(round(_OPERATIONS * _WARM_UP), _AT_ONCE)
        warm = process.memory_info().rss
        await fuzzing.play(round(_OPERATIONS * (1 - _WARM_UP)), _AT_ONCE)
        growth = process.memory_info().rss / warm
        token = (await askers.tokens())[1]
        await asyncio.to_thread(_play_schemathesis, fuzzing, f"Bearer {token}")
    print(f"fuzz: {dict(fuzzing.codes.most_common())}", file=sys.stderr)
    print("\n".join(fuzzing.faults[:_SHOWN]), file=sys.stderr)
    return [
        Figure("fuzz_operations", fuzzing.sent, "operations", "higher"),
        Figure("fuzz_faults", len(fuzzing.faults), "answers", "lower"),
        Figure("fuzz_memory_growth", growth, "x", "lower"),
    ]


def _process_at(port: int) -> psutil.Process:
    """The process of ours that listens there."""
    for process in psutil.Process().children(recursive=True):
        if any(one.laddr and one.laddr.port == port for one in process.net_connections("tcp")):
            return process
    raise BenchError(f"no process listens on port {port}")


def _play_schemathesis(fuzzing: Fuzzing, authorization: str) -> None:
    import schemathesis  # noqa: PLC0415 - takes a second to import, for whatever is measured

    api = schemathesis.graphql.from_url(f"http://{fuzzing.host}/graphql")
    found: Any
    for found in api.get_all_operations():

        def turn(case: Any) -> None:
            response = case.call(headers={"authorization": authorization})
            fuzzing.sent += 1
            if fault := fuzzing.judged(response.status_code, response.json()):
                fuzzing.faults.append(f"{fault}\n  asked {case.body}")

        play(found.ok().as_strategy(), _EXAMPLES, turn, fuzzing.sent)
