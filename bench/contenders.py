"""Who is measured: how each server is started, and the way to ask it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx

from bench.api_process import SERVE, environment_of
from bench.node import PEERS, node
from bench.processes import Running, python, running
from bench.questions import Call
from datasources.embedded_binaries import free_port
from domain.settings import Settings

OURS: Final = "kenshin"
PREBUILT: Final = "prebuilt_bytes"
LAYOUTS: Final = ("days", "months")
_HOST: Final = "127.0.0.1"
_ANSWER_SECONDS: Final = 120.0
_NODE: Final = {"mercurius_jit": "mercurius.js", "yoga": "yoga.js"}
_UVICORN: Final = {
    "strawberry": "strawberry_app",
    "ariadne": "ariadne_app",
    PREBUILT: "prebuilt_app",
}
_PORTS: Final = ("PORT", "UVICORN_PORT", "KENSHIN_PORT")


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that can be started; it listens on the port of any of the usual variables."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """A contender that was started."""

    contender: Contender
    running: Running
    port: int
    client: httpx.AsyncClient

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self.port}/graphql"

    async def accepts(self) -> bool:
        """Whether it takes connections."""
        try:
            _, writer = await asyncio.open_connection(_HOST, self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def ask(self, call: Call) -> bytes:
        """The answer to one request; raises BenchError for one that is refused."""
        headers = {
            "authorization": f"Bearer {call.token}",
            "content-type": "application/json",
            "accept-encoding": "identity",
        }
        try:
            answer = await self.client.post(self.url, content=call.body, headers=headers)
        except httpx.TransportError as error:
            raise self.running.failure(f"did not answer ({error!r})") from None
        if not answer.is_success:
            raise self.running.failure(f"answered {answer.status_code} {answer.text[:400]}")
        return answer.content


@asynccontextmanager
async def serving(
    contender: Contender, core: int | None = None, **pipes: Any
) -> AsyncIterator[Server]:
    """The contender on a free port and a core, started and perhaps not ready."""
    port = free_port()
    environment = dict(contender.environment) | dict.fromkeys(_PORTS, str(port))
    name = " over ".join(filter(None, (contender.name, contender.layout)))
    async with (
        httpx.AsyncClient(timeout=_ANSWER_SECONDS) as client,
        running(name, contender.command, environment, core, **pipes) as process,
    ):
        yield Server(contender, process, port, client)


def ours_in_memory(home: Path, settings: Settings) -> Contender:
    environment = environment_of(_quiet(settings)) | {"PEER_HOME": str(home)}
    return Contender(OURS, python("-m", "bench.memory_api"), environment)


def ours_over_mongodb(settings: Settings) -> Contender:
    return Contender(OURS, SERVE, environment_of(_quiet(settings)))


def _quiet(settings: Settings) -> Settings:
    """Nobody logs requests."""
    return replace(settings, log_level="warning")


def peer_in_memory(name: str, home: Path) -> Contender:
    return Contender(name, _command(name), {"NODE_ENV": "production", "PEER_HOME": str(home)})


def peer_over_mongodb(name: str, settings: Settings) -> list[Contender]:
    """One for each layout."""
    environment = {"NODE_ENV": "production", "PEER_MONGODB_URL": settings.mongodb_url}
    return [
        Contender(name, _command(name), environment | {"PEER_LAYOUT": layout}, layout)
        for layout in LAYOUTS
    ]


def prebuilt_bytes(answers: Path) -> Contender:
    """Sends what is in a folder: to the body in `*.request` the bytes in `*.answer`."""
    return Contender(PREBUILT, _command(PREBUILT), {"PEER_ANSWERS": str(answers)})


def _command(name: str) -> Sequence[str]:
    if name in _NODE:
        return [*node(), str(PEERS / _NODE[name])]
    app = f"bench.peers.{_UVICORN[name]}:app"
    return python("-m", "uvicorn", app, "--no-access-log", "--log-level", "warning")
