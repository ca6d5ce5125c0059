"""What clients that send their requests slowly do to those that don't: p99 beside them and without."""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter
from typing import Final

import numpy as np
from tqdm import tqdm

from bench.api_process import serving
from bench.harness import BenchError, Figure
from domain.settings import Settings

_BODY: Final = b'{"query":"{ portal(key: \\"mirai\\") { key name } }"}'
_HEAD: Final = b"POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
_REQUEST: Final = _HEAD + b"content-length: %d\r\n\r\n" % len(_BODY) + _BODY
_SLOW_HEAD: Final = _HEAD + b"x-slow: "
_SLOW_BODY: Final = _HEAD + b"content-length: 100000\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Pace:
    """How many slow clients of either kind there are, and what is asked beside them."""

    slow: int
    drop_seconds: float
    "Between two bytes of a slow client."
    readers: int
    requests: int
    "Of each reader in a round."
    rounds: int


@dataclass(frozen=True, slots=True)
class Results:
    """99th percentiles of rounds in milliseconds, and how many slow clients were cut off."""

    without: Sequence[float]
    beside: Sequence[float]
    cut: int


_PACE: Final = Pace(slow=200, drop_seconds=1.0, readers=4, requests=500, rounds=20)


async def run(settings: Settings) -> Sequence[Figure]:
    async with serving(replace(settings, cost_per_minute_address=0)) as served:
        return figures(await measure(served.host, served.port, _PACE))


def figures(results: Results) -> Sequence[Figure]:
    """The median p99 beside slow clients against that without."""
    without, beside = median(results.without), median(results.beside)
    print(
        f"  p99 without {without:.2f} ms, beside {beside:.2f} ms; {results.cut} slow clients cut off",
        file=sys.stderr,
    )
    return [Figure("slow_requests_p99_ratio", beside / without, "x", "lower")]


async def measure(host: str, port: int, pace: Pace) -> Results:
    """Rounds without and beside slow clients in turn, so that both meet the same machine."""
    without, beside, cut = [], [], 0
    await _round(host, port, pace)
    for _ in tqdm(range(pace.rounds), desc="slow requests", leave=False, disable=None):
        without.append(await _round(host, port, pace))
        async with _slow_clients(host, port, pace) as clients:
            beside.append(await _round(host, port, pace))
            cut += sum(client.done() for client in clients)
    return Results(without, beside, cut)


@asynccontextmanager
async def _slow_clients(
    host: str, port: int, pace: Pace
) -> AsyncIterator[Sequence[asyncio.Task[None]]]:
    """As many that are at their heads and at their bodies, all connected, until the block is left."""
    begun = [_SLOW_HEAD, _SLOW_BODY] * pace.slow
    opened = [await asyncio.open_connection(host, port) for _ in begun]
    clients = [
        asyncio.create_task(
            _drip(reader, writer, first, pace.drop_seconds * place / len(begun), pace)
        )
        for place, ((reader, writer), first) in enumerate(zip(opened, begun, strict=True))
    ]
    try:
        yield clients
    finally:
        for client in clients:
            client.cancel()
        await asyncio.wait(clients)


async def _drip(
    reader: StreamReader, writer: StreamWriter, first: bytes, wait: float, pace: Pace
) -> None:
    """Send a byte from time to time, until the server has had enough."""
    try:
        writer.write(first)
        await asyncio.sleep(wait)
        while not (reader.at_eof() or writer.is_closing()):
            writer.write(b"x")
            await asyncio.sleep(pace.drop_seconds)
    finally:
        writer.transport.abort()


async def _round(host: str, port: int, pace: Pace) -> float:
    """99th percentile of small queries, in milliseconds."""
    found = await asyncio.gather(*(_read(host, port, pace.requests) for _ in range(pace.readers)))
    return float(np.percentile(np.concatenate(found), 99))


async def _read(host: str, port: int, requests: int) -> Sequence[float]:
    """Ask one question after the other over a connection; milliseconds of each answer."""
    reader, writer = await asyncio.open_connection(host, port)
    took = []
    try:
        for _ in range(requests):
            begun = perf_counter()
            writer.write(_REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(_length(head))
            took.append((perf_counter() - begun) * 1000)
    finally:
        writer.close()
    return took


def _length(head: bytes) -> int:
    if not head.startswith(b"HTTP/1.1 200 "):
        raise BenchError(f"a small query was answered with {head.decode('latin-1')}")
    lines = head.lower().split(b"\r\n")
    return int(
        next(line.partition(b":")[2] for line in lines if line.startswith(b"content-length:"))
    )
