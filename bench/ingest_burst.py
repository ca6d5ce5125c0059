"""How fast readings go in when all meters report one half hour at once.

Beside PyMongo's own bulk write of the same day documents, which neither parses nor checks, reads what
is there, counts nor announces. The two take turns.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Final

from tqdm import tqdm

from bench.api_process import serving
from bench.burst import ApiWay, Meters, RawWay
from bench.harness import Figure
from domain.settings import Settings

_FACILITIES: Final = 100_000
_ROUNDS: Final = 4
_SECONDS: Final = 50.0
"No further round begins after them."


@dataclass(frozen=True, slots=True)
class Rounds:
    """Seconds of each round's burst, by the API and by PyMongo alone."""

    api: Sequence[float]
    raw: Sequence[float]


async def run(settings: Settings) -> Sequence[Figure]:
    measured = await rounds(settings, _FACILITIES, _ROUNDS, _SECONDS)
    for name, seconds in (("API", measured.api), ("bulk_write", measured.raw)):
        a_second = _FACILITIES / median(seconds)
        shown = ", ".join(f"{each:.1f}" for each in seconds)
        print(f"ingest_burst: {name} {a_second:,.0f} readings/s ({shown} s)", file=sys.stderr)
    return figures(measured)


def figures(measured: Rounds) -> Sequence[Figure]:
    ratio = median(measured.raw) / median(measured.api)
    return [Figure("ingest_vs_raw_bulk_write", ratio, "x", "higher")]


async def rounds(settings: Settings, facilities: int, count: int, seconds: float) -> Rounds:
    """Bursts of so many facilities; one before them makes the documents and does not count.

    Ends early, but with one round at least, when the time is up.
    """
    meters = await Meters.made(settings, facilities)
    api_seconds: list[float] = []
    raw_seconds: list[float] = []
    async with (
        serving(settings) as served,
        ApiWay.opened(served, meters) as api,
        RawWay.opened(settings, meters) as raw,
    ):
        await api.take(0)
        deadline = perf_counter() + seconds
        for half in tqdm(range(1, 2 * count, 2), desc="burst", leave=False, disable=None):
            api_seconds.append(await api.take(half))
            raw_seconds.append(await raw.take(half + 1))
            if perf_counter() > deadline:
                break
    return Rounds(api_seconds, raw_seconds)
