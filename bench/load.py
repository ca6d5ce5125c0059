"""The load: one request, again and again over kept-alive connections, by autocannon."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson

from bench.contenders import Server
from bench.harness import BenchError
from bench.node import PEERS, node
from bench.processes import Running, running
from bench.questions import Call, Request

_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What a number of requests took."""

    requests: int
    cpu_seconds: float
    seconds: float

    def __add__(self, other: "Sample") -> "Sample":
        return Sample(
            self.requests + other.requests,
            self.cpu_seconds + other.cpu_seconds,
            self.seconds + other.seconds,
        )

    @property
    def cpu_ms(self) -> float:
        """The server's, by request."""
        return self.cpu_seconds / self.requests * 1000

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


class Load:
    """A process that sends what it is told to; one at a time."""

    def __init__(self, process: Running) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def started(cls, core: int | None = None) -> AsyncIterator["Load"]:
        command = [*node(), str(PEERS / "load.js")]
        async with running("the load", command, {}, core, stdin=PIPE, stdout=PIPE) as process:
            yield cls(process)

    async def sample(self, server: Server, request: Request, amount: int) -> Sample:
        """Send so many requests; raises BenchError unless all are answered in full."""
        before = server.running.cpu_seconds()
        try:
            async with asyncio.timeout(_SECONDS):
                sent = await self._send(
                    url=server.url,
                    calls=[_sent(call) for call in request.calls],
                    connections=min(request.connections, amount),
                    amount=amount,
                )
        except TimeoutError:
            raise server.running.failure(
                f"took over {_SECONDS:g} s for {amount} requests"
            ) from None
        after = server.running.cpu_seconds()
        if sent["answered"] != amount or sent["failed"]:
            answered = sent["answered"] - sent["failed"]
            raise server.running.failure(f"answered {answered} of {amount} requests")
        return Sample(amount, after - before, sent["seconds"])

    async def _send(self, **order: Any) -> dict[str, Any]:
        pipes = self._process.process
        if pipes.stdin is None or pipes.stdout is None:
            raise BenchError("the load has no pipes")
        pipes.stdin.write(orjson.dumps(order) + b"\n")
        line = await pipes.stdout.readline()
        if not line:
            raise self._process.failure("has ended")
        sent: dict[str, Any] = orjson.loads(line)
        return sent


def _sent(call: Call) -> dict[str, str]:
    return {"token": call.token, "body": call.body.decode()}
