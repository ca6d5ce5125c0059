"""One question, asked of ours and of its peers in turn, so that noise hits all of them."""

import itertools
import math
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import orjson
from tqdm import tqdm

from bench.answers import differences
from bench.contenders import OURS, Contender, Server, serving
from bench.cores import Cores
from bench.harness import BenchError
from bench.load import Load, Sample
from bench.questions import Request

_TICK: Final = 0.01
"Seconds; processor time is counted in steps of it."


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is measured: rounds, and seconds of processor time to warm up and in a round."""

    rounds: int
    warm_up_seconds: float
    round_seconds: float


@dataclass(frozen=True, slots=True)
class Contest:
    """Who is asked; a peer has variants, of which the cheapest is measured."""

    name: str
    request: Request
    ours: Contender
    peers: Sequence[Sequence[Contender]]
    answers: Path
    "Empty folder that gets our answer, before the peers start."


@dataclass(frozen=True, slots=True)
class Measured:
    """Samples of one contender by round."""

    contender: Contender
    samples: Sequence[Sample]

    @property
    def cpu_ms(self) -> float:
        return median(sample.cpu_ms for sample in self.samples)

    @property
    def per_second(self) -> float:
        return median(sample.per_second for sample in self.samples)


async def hold(contest: Contest, load: Load, cores: Cores, pace: Pace) -> list[Measured]:
    """Start all, compare their answers, warm them up and measure; ours comes first."""
    async with started(contest, cores) as servers:
        chosen = [await _cheapest(contest, variants, load, pace) for variants in servers]
        samples: list[list[Sample]] = [[] for _ in chosen]
        for _ in tqdm(range(pace.rounds), desc=contest.name, leave=False, disable=None):
            for (server, amount), taken in zip(chosen, samples, strict=True):
                taken.append(await load.sample(server, contest.request, amount))
    return [
        Measured(server.contender, taken)
        for (server, _), taken in zip(chosen, samples, strict=True)
    ]


@asynccontextmanager
async def started(contest: Contest, cores: Cores) -> AsyncIterator[list[list[Server]]]:
    """Servers of all variants, ours first; raises BenchError if one does not answer as ours does."""
    async with AsyncExitStack() as stack:

        async def start(contender: Contender) -> Server:
            return await stack.enter_async_context(serving(contender, cores.server))

        ours = await start(contest.ours)
        await ours.running.ready(ours.accepts)
        call = contest.request.calls[-1]
        answer = await ours.ask(call)
        (contest.answers / "last.request").write_bytes(call.body)
        (contest.answers / "last.answer").write_bytes(answer)
        peers = [[await start(variant) for variant in variants] for variants in contest.peers]
        expected = _data(ours, answer)
        for server in itertools.chain(*peers):
            await server.running.ready(server.accepts)
            _compare(expected, server, await server.ask(call))
        yield [[ours], *peers]


def _compare(expected: object, server: Server, answer: bytes) -> None:
    if found := differences(expected, _data(server, answer)):
        lines = "\n".join(found)
        raise BenchError(f"{server.running.name} does not answer as {OURS} does:\n{lines}")


def _data(server: Server, answer: bytes) -> object:
    decoded = orjson.loads(answer)
    if decoded.get("errors"):
        raise server.running.failure(f"answered errors: {decoded['errors'][:1]}")
    return decoded["data"]


async def _cheapest(
    contest: Contest, variants: Sequence[Server], load: Load, pace: Pace
) -> tuple[Server, int]:
    """The variant to measure, and how many requests make a round."""
    found = []
    for server in variants:
        warm = await _warm_up(server, contest.request, load, pace.warm_up_seconds)
        amount = _amount(pace.round_seconds, warm)
        if len(variants) > 1:
            warm = await load.sample(server, contest.request, amount)
        found.append((warm.cpu_ms, server, amount))
    found.sort(key=lambda one: one[0])
    if len(found) > 1:
        costs = ", ".join(f"{server.contender.layout} {ms:.3g} ms" for ms, server, _ in found)
        tqdm.write(f"{contest.name}: {variants[0].contender.name} by {costs}", file=sys.stderr)
    return found[0][1:]


async def _warm_up(server: Server, request: Request, load: Load, seconds: float) -> Sample:
    """Send requests until they have cost so much processor time; gives all of them as one sample."""
    total = await load.sample(server, request, request.connections)
    while total.cpu_seconds < seconds:
        amount = _amount(seconds - total.cpu_seconds, total)
        total += await load.sample(server, request, amount)
    return total


def _amount(seconds: float, sample: Sample) -> int:
    """How many requests cost so much processor time: of a slow server perhaps a single one."""
    return math.ceil(seconds * sample.requests / max(sample.cpu_seconds, _TICK))
