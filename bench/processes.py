"""Servers to measure, each in a process of its own that ends with the block that started it."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import psutil

from bench.cores import starting_on
from bench.harness import BenchError

_ROOT: Final = Path(__file__).parents[1]
_START_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.05
_LOG_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True)
class Running:
    """A process that runs, with what it has written."""

    name: str
    process: Process
    _log: IO[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    async def ready(self, is_ready: Callable[[], Awaitable[bool]]) -> None:
        """Wait for it; raises BenchError, with the log, if it ends or the time does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                while self.process.returncode is None:
                    if await is_ready():
                        return
                    await asyncio.sleep(_POLL_SECONDS)
        raise self.failure("did not start")

    def failure(self, what: str) -> BenchError:
        """The error that says so, with the end of the log."""
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")[-_LOG_CHARACTERS:]
        return BenchError(f"{self.name} {what}:\n{log}")

    def cpu_seconds(self) -> float:
        """Processor time of the process and its children so far, their threads' included."""
        try:
            process = psutil.Process(self.pid)
            times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
        except psutil.NoSuchProcess:
            raise self.failure("has ended") from None
        return sum(time.user + time.system for time in times)


@asynccontextmanager
async def running(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    core: int | None = None,
    **pipes: Any,
) -> AsyncIterator[Running]:
    """Start a command in our own environment and these variables, in the project's folder."""
    with tempfile.TemporaryFile(prefix="kenshin-bench-") as log:
        options: dict[str, Any] = {"stdin": DEVNULL, "stdout": log, "stderr": log} | pipes
        with starting_on(core):
            process = await asyncio.create_subprocess_exec(
                *command, cwd=_ROOT, env=_own_environment() | dict(environment), **options
            )
        try:
            yield Running(name, process, log)
        finally:
            await _end(process)


def python(*arguments: str) -> Sequence[str]:
    """Command that runs this Python."""
    return [sys.executable, *arguments]


def _own_environment() -> dict[str, str]:
    """Without settings: figures are of the defaults and of what a benchmark sets."""
    return {name: text for name, text in os.environ.items() if not name.startswith("KENSHIN_")}


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        if process.returncode is None:
            process.kill()
    await process.wait()
