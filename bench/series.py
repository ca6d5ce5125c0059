"""What a series costs, beside what other servers need for the same answer.

`x` is a peer's processor time by request over ours. In `series_…` and `columns_…` all hold the
readings in memory, in `e2e_…` all read MongoDB for every request; `prebuilt_bytes` is the limit.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.contenders import (
    PREBUILT,
    Contender,
    ours_in_memory,
    ours_over_mongodb,
    peer_in_memory,
    peer_over_mongodb,
    prebuilt_bytes,
)
from bench.contest import Contest, Measured, Pace, hold
from bench.cores import two_cores
from bench.harness import Figure
from bench.homes import Homes
from bench.load import Load
from bench.peak_memory import peak_rss_mb
from bench.questions import COLUMNS, FACILITIES, POINTS, Question, Request
from domain.settings import Settings

_DAYS: Final = (730, *[31] * 59)
"Of usage, by facility."
_PACE: Final = Pace(rounds=5, warm_up_seconds=0.8, round_seconds=0.4)

QUESTIONS: Final = {
    "day": Question(POINTS, days=1, connections=8),
    "month": Question(POINTS, days=31, connections=8),
    "24m": Question(POINTS, days=730, connections=2),
    "24m_columns": Question(COLUMNS, days=730, connections=2),
    "60_facilities_month": Question(FACILITIES, days=31, connections=2),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A contest: which question, who is in it, and where the readings are."""

    question: str
    peers: Sequence[str]
    mongodb: bool = False
    cached: bool = False


_SERVERS: Final = ("mercurius_jit", "yoga", "ariadne")
CONTESTS: Final[Mapping[str, Entry]] = {
    "series_day": Entry("day", _SERVERS),
    "series_month": Entry("month", _SERVERS),
    "series_24m": Entry("24m", ("strawberry", *_SERVERS)),
    "series_24m_cached": Entry("24m", [PREBUILT], cached=True),
    "columns_24m": Entry("24m_columns", [PREBUILT], cached=True),
    "e2e_day": Entry("day", _SERVERS, mongodb=True),
    "e2e_month": Entry("month", _SERVERS, mongodb=True),
    "e2e_24m": Entry("24m", _SERVERS, mongodb=True),
    "e2e_60_facilities_month": Entry("60_facilities_month", ["mercurius_jit"], mongodb=True),
}
PEAK: Final = "peak_rss_24m_mb"


async def run(settings: Settings) -> Sequence[Figure]:
    """All figures; on stderr a table for every contest."""
    homes = await Homes.made(settings, _DAYS)
    requests = {name: Request.of(question, homes) for name, question in QUESTIONS.items()}
    found: list[Figure] = []
    with two_cores() as cores, tempfile.TemporaryDirectory(prefix="kenshin-bench-") as folder:
        home = Path(folder, "home.json")
        homes.write(home)
        async with Load.started(cores.load) as load:
            for contest in contests(settings, home, requests):
                measured = await hold(contest, load, cores, _PACE)
                print(table(contest.name, measured), file=sys.stderr, flush=True)
                found += ratios(contest.name, measured)
        ours = ours_over_mongodb(without_cache(settings))
        peak = await peak_rss_mb(ours, requests["day"], requests["24m"], cores, _PACE.rounds)
    return found if peak is None else [*found, Figure(PEAK, peak, "MB", "lower")]


def contests(settings: Settings, home: Path, requests: Mapping[str, Request]) -> Iterator[Contest]:
    """All there are; each keeps our answer in a folder of its own beside the home."""
    for name, entry in CONTESTS.items():
        answers = home.with_name(name)
        answers.mkdir(exist_ok=True)
        own = settings if entry.cached else without_cache(settings)
        request = requests[entry.question]
        yield Contest(
            name=name,
            request=request if entry.mongodb else request.first_only(),
            ours=ours_over_mongodb(own) if entry.mongodb else ours_in_memory(home, own),
            peers=[_variants(peer, entry, settings, home, answers) for peer in entry.peers],
            answers=answers,
        )


def _variants(
    peer: str, entry: Entry, settings: Settings, home: Path, answers: Path
) -> Sequence[Contender]:
    if peer == PREBUILT:
        return [prebuilt_bytes(answers)]
    if entry.mongodb:
        return peer_over_mongodb(peer, settings)
    return [peer_in_memory(peer, home)]


def without_cache(settings: Settings) -> Settings:
    """Every request is answered anew."""
    return replace(settings, usage_cache_mb=0, text_cache_mb=0)


def ratios(contest: str, measured: Sequence[Measured]) -> list[Figure]:
    """How often ours fits into what each peer needs."""
    ours, *peers = measured
    return [
        Figure(f"{contest}_vs_{peer.contender.name}", peer.cpu_ms / ours.cpu_ms, "x", "higher")
        for peer in peers
    ]


def table(contest: str, measured: Sequence[Measured]) -> str:
    """A line for each contender: medians, with the least and the most processor time of a round."""
    lines = [f"{contest}: CPU ms by request [least, most], requests per second"]
    for one in measured:
        times = [sample.cpu_ms for sample in one.samples]
        lines.append(
            f"  {one.contender.name:16}{one.cpu_ms:10.3f} [{min(times):.3f}, {max(times):.3f}]"
            f"{one.per_second:12.1f}/s"
        )
    return "\n".join(lines)
