"""How soon a posted reading reaches an open subscription, beside what no code of ours could save.

Both ways are taken in turn, so that what slows the machine down slows down both.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from time import perf_counter
from typing import Final

import numpy as np
from tqdm import tqdm

from bench.api_process import serving
from bench.harness import Figure
from bench.household import Household
from bench.ingest_api import ApiWay
from bench.ingest_limit import LimitWay
from domain.settings import Settings
from domain.slots import slot_at, start_of_slot
from resolvers.sources import utc_now

_ROUNDS: Final = 200
_WARM_UP: Final = 20
_SECONDS: Final = 20.0
"Keeps a benchmark on a busy machine to half a minute; there are fewer rounds then."


@dataclass(frozen=True, slots=True)
class Rounds:
    """Milliseconds by round, and the half hours that were posted and that were heard of."""

    api: Sequence[float]
    limit: Sequence[float]
    posted: Sequence[datetime]
    heard: Sequence[datetime]


async def run(settings: Settings) -> Sequence[Figure]:
    measured = await rounds(settings, _ROUNDS, _WARM_UP, _SECONDS)
    if (count := len(measured.api)) < _ROUNDS:
        print(f"ingest: time for {count} of {_ROUNDS} rounds only", file=sys.stderr)
    return figures(measured)


def figures(measured: Rounds) -> Sequence[Figure]:
    """Of the median also against the limit; the ratio of two 99th percentiles would be noise."""
    api, limit = measured.api, measured.limit
    p99 = float(np.percentile(api, 99))
    return [
        Figure("ingest_to_socket_p50_ms", median(api), "ms", "lower"),
        Figure("ingest_to_socket_p99_ms", p99, "ms", "lower"),
        Figure("ingest_to_socket_vs_limit", median(api) / median(limit), "x", "lower"),
    ]


async def rounds(settings: Settings, count: int, warm_up: int, seconds: float) -> Rounds:
    """Post the newest half hours of one facility, oldest first; the warm-up's times do not count.

    Ends early, but with one round at least, when the time is up.
    """
    household = await Household.made(settings)
    newest = slot_at(utc_now())
    posts = [start_of_slot(slot) for slot in range(newest - warm_up - count, newest)]
    api_ms: list[float] = []
    limit_ms: list[float] = []
    async with (
        serving(settings) as served,
        ApiWay.opened(served, household) as api,
        LimitWay.opened(settings) as limit,
    ):
        deadline = perf_counter() + seconds
        for start_at in tqdm(posts, desc="ingest", leave=False, disable=None):
            api_ms.append(await api.take(start_at))
            limit_ms.append(await limit.take(start_at))
            if perf_counter() > deadline and len(api_ms) > warm_up:
                break
    return Rounds(api_ms[warm_up:], limit_ms[warm_up:], posts[: len(api_ms)], api.heard)
