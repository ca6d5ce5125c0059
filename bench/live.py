"""How fast live readings reach sockets, and what sockets cost, beside other servers.

`burst_1to1_…`: as many facilities as sockets, all report a reading at the same moment. `fanout_1toN_…`:
one reading, to all. `x` is our deliveries per second over a peer's; of `connect_cpu_…` our processor
time to connect and subscribe over a peer's. All look for session and owner in MongoDB, but for
Strawberry, `websockets.broadcast` and `graphql_ws_unchecked`. Nobody's heartbeats come in between;
what ours take is `idle_10k_cpu_percent` of a core.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from bench.contenders import OURS
from bench.cores import two_cores
from bench.harness import BenchError, Figure
from bench.live_arena import Arena, Measured, Pace
from bench.live_contenders import BROADCAST, GRAPHQL_WS, MERCURIUS, STRAWBERRY, UNCHECKED
from bench.live_homes import LiveHomes
from domain.settings import Settings

BURST: Final = "burst_1to1"
FANOUT: Final = "fanout_1toN"
PEERS: Final[Mapping[str, Sequence[str]]] = {
    BURST: (MERCURIUS, GRAPHQL_WS, STRAWBERRY),
    FANOUT: (MERCURIUS, BROADCAST),
}
ONLY: Final = "BENCH_LIVE"
"Environment variable: names of the contenders to measure, separated by commas; others are left out."

_PACE: Final = Pace(sockets=10_000, warm_up=3, rounds=15, quiet_seconds=1.0)
_OTHER_FILES: Final = 500


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured, by contest and contender; and our share of a core when nothing happens."""

    contests: Mapping[str, Mapping[str, Measured]]
    idle_share: float | None


async def run(settings: Settings) -> Sequence[Figure]:
    """All figures; on stderr a table for each contest."""
    only = [name for name in os.environ.get(ONLY, "").split(",") if name]
    return figures(await measure(settings, _PACE, only))


async def measure(settings: Settings, pace: Pace, only: Sequence[str] = ()) -> Results:
    """Hold both contests, with all contenders or those among these."""
    with _files_for(pace.sockets):
        async with LiveHomes.made(settings, pace.sockets) as homes:
            with two_cores() as cores:
                burst = Arena(BURST, pace.sockets, settings, homes, cores, pace)
                return await _measured([burst, replace(burst, contest=FANOUT, reported=1)], only)


async def _measured(arenas: Sequence[Arena], only: Sequence[str]) -> Results:
    def chosen(*names: str) -> Sequence[str]:
        return [name for name in names if not only or name in only]

    contests: dict[str, Mapping[str, Measured]] = {}
    for arena in arenas:
        measured = await arena.hold(chosen(OURS, *PEERS[arena.contest]))
        if arena.contest == BURST:
            measured |= await arena.open_only(chosen(UNCHECKED))
        print(table(arena.contest, measured), file=sys.stderr, flush=True)
        contests[arena.contest] = measured
    return Results(contests, await arenas[0].idle_share() if chosen(OURS) else None)


def figures(results: Results) -> list[Figure]:
    """Those of contests in which ours was measured."""
    found: list[Figure] = []
    for contest, peers in PEERS.items():
        measured = results.contests[contest]
        for name in peers:
            if OURS in measured and name in measured:
                ratio = measured[OURS].per_second / measured[name].per_second
                found.append(Figure(f"{contest}_vs_{name}", ratio, "x", "higher"))
    if OURS in results.contests[BURST]:
        found += _cost_figures(results.contests[BURST])
    if results.idle_share is not None:
        found.append(Figure("idle_10k_cpu_percent", results.idle_share * 100, "%", "lower"))
    return found


def _cost_figures(measured: Mapping[str, Measured]) -> list[Figure]:
    ours = measured[OURS]
    found = [Figure("kib_per_idle_socket", ours.opened.kib, "KiB", "lower")]
    for name in (GRAPHQL_WS, UNCHECKED):
        if name in measured:
            ratio = ours.opened.cpu_us / measured[name].opened.cpu_us
            found.append(Figure(f"connect_cpu_vs_{name}", ratio, "x", "lower"))
    return [
        *found,
        Figure("burst_10k_max_loop_lag_ms", ours.lag_ms, "ms", "lower"),
        Figure("burst_10k_p99_ms", ours.p99_ms, "ms", "lower"),
    ]


def table(contest: str, results: Mapping[str, Measured]) -> str:
    """A line for each contender: medians of rounds, microseconds of processor time, KiB by socket."""
    head = (
        f"{contest:24}{'deliveries/s':>14} [least, most]{'us':>8}{'Redis us':>10}"
        f"{'p50 ms':>8}{'p99 ms':>8}{'load':>6}{'connect us':>12}{'KiB':>8}"
    )
    return "\n".join([head, *(_line(name, one) for name, one in results.items())])


def _line(name: str, one: Measured) -> str:
    rates = [burst.per_second for burst in one.bursts]
    heard = (
        f"{one.per_second:14.0f} {f'[{min(rates):.0f}, {max(rates):.0f}]':18}{one.cpu_us:8.1f}"
        f"{one.redis_us:10.1f}{one.p50_ms:8.1f}{one.p99_ms:8.1f}{one.load_share:6.0%}"
        if rates
        else " " * 73
    )
    lag = f"  loop busy for {max(one.lags_ms):.1f} ms at most" if one.lags_ms else ""
    return f"  {name:22}{heard}{one.opened.cpu_us:12.0f}{one.opened.kib:8.1f}{lag}"


@contextmanager
def _files_for(sockets: int) -> Iterator[None]:
    """Processes that are started in the block may have so many sockets open; raises BenchError."""
    if sys.platform == "win32":
        yield
        return
    import resource  # noqa: PLC0415 - there is none for Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = sockets + _OTHER_FILES
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise BenchError(f"live needs {needed} open files in a process, and {hard} are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
