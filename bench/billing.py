"""How long it takes to close one period of many homes into bills, and how much memory at its peak.

Beside only reading the half hours that the bills are made from, in the same batches: `x` is how often
that fits. Each round is a process of its own; the two take turns.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

from tqdm import tqdm

from bench.billed_town import MONTH, Town
from bench.harness import BenchError, Figure
from bench.household import PORTAL
from datasources.mongo import Mongo
from domain.settings import Settings
from resolvers.billing_batches import AT_ONCE, batches
from resolvers.billing_report import Outcome
from resolvers.billing_run import BillingRun
from resolvers.sources import Sources, open_sources

_FACILITIES: Final = 10_000
_ROUNDS: Final = 3
_TIMEOUT_SECONDS: Final = 60.0
_STATUS: Final = Path("/proc/self/status")
_PEAK: Final = Path("/proc/self/clear_refs")
_RESET_PEAK: Final = "5"


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds, and MB (10^6 bytes) at the peak above what the process held before; None if unknown."""

    seconds: float
    peak_mb: float | None


@dataclass(frozen=True, slots=True)
class Rounds:
    billing: Sequence[Round]
    reading: Sequence[Round]


async def run(settings: Settings) -> Sequence[Figure]:
    apart = partial(ProcessPoolExecutor, 1, mp_context=get_context("spawn"))
    return figures(await rounds(settings, _FACILITIES, _ROUNDS, apart))


def figures(measured: Rounds) -> Sequence[Figure]:
    billing, reading = (
        median(one.seconds for one in each) for each in (measured.billing, measured.reading)
    )
    found = [
        Figure("bill_10k_facilities_s", billing, "s", "lower"),
        Figure("bill_vs_reading_half_hours", billing / reading, "x", "lower"),
    ]
    peaks = [one.peak_mb for one in measured.billing if one.peak_mb is not None]
    if not peaks:
        print("billing: this system does not tell the peak memory", file=sys.stderr)
        return found
    return [*found, Figure("bill_10k_facilities_peak_mb", median(peaks), "MB", "lower")]


async def rounds(
    settings: Settings, facilities: int, count: int, apart: Callable[[], Executor]
) -> Rounds:
    """Bill a town as often, each time as if for the first time; `apart` is where that is done."""
    town = await Town.made(settings, facilities)
    billing, reading = [], []
    loop = asyncio.get_running_loop()
    for _ in tqdm(range(count), desc="billing", leave=False, disable=None):
        with apart() as executor:
            reading.append(await loop.run_in_executor(executor, _read, settings))
        with apart() as executor:
            billing.append(await loop.run_in_executor(executor, _bill, settings, facilities))
        await town.forget_bills()
    return Rounds(billing, reading)


def _bill(settings: Settings, facilities: int) -> Round:
    async def bill(sources: Sources) -> None:
        report = await BillingRun(MONTH, (PORTAL,)).run(sources, lambda _: None)
        if report.bills[Outcome.MADE] != facilities:
            raise BenchError("\n".join(report.lines()))

    return asyncio.run(_measured(settings, bill))


def _read(settings: Settings) -> Round:
    async def read(sources: Sources) -> None:
        async for _ in batches(sources, PORTAL, MONTH, AT_ONCE):
            pass

    return asyncio.run(_measured(settings, read))


async def _measured(
    settings: Settings, work: Callable[[Sources], Coroutine[Any, Any, None]]
) -> Round:
    sources = open_sources(settings, Mongo(settings.mongodb_url, timeout_seconds=_TIMEOUT_SECONDS))
    try:
        await sources.mongo.ping()
        idle = _reset_peak()
        begun = perf_counter()
        await work(sources)
        seconds = perf_counter() - begun
        return Round(seconds, None if idle is None else (_bytes("VmHWM") - idle) / 1e6)
    finally:
        await sources.close()


def _reset_peak() -> int | None:
    """Bytes that the process holds now; None where the system does not tell."""
    try:
        _PEAK.write_text(_RESET_PEAK)
        return _bytes("VmRSS")
    except OSError:
        return None


def _bytes(name: str) -> int:
    """A figure of the process's status, which is in KiB."""
    lines = (line.split() for line in _STATUS.read_text().splitlines())
    return next(int(line[1]) * 1024 for line in lines if line[0] == f"{name}:")
