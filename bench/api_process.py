"""The API in a process of its own, as `kenshin serve` runs it."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Final

import httpx

from bench.harness import BenchError
from datasources.embedded_binaries import free_port
from domain.settings import Settings

_START_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.05
_SERVE: Final = ("-c", "from server import main; main()", "serve")


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Settings]:
    """Settings with the port on which a process serves the API, ready, until the block is left."""
    settings = replace(settings, port=free_port())
    with tempfile.TemporaryFile(prefix="kenshin-bench-") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_SERVE,
            cwd=Path(__file__).parents[1],
            env=_environment(settings),
            stdin=DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            if not await _ready(settings, process):
                log.seek(0)
                raise BenchError(f"the API did not start:\n{log.read().decode(errors='replace')}")
            yield settings
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _ready(settings: Settings, process: Process) -> bool:
    """Whether the API says that it is ready, before it ends and before the limit."""
    address = f"http://{settings.host}:{settings.port}/readyz"
    async with httpx.AsyncClient() as client:
        try:
            async with asyncio.timeout(_START_SECONDS):
                while process.returncode is None:
                    if await _is_ok(client, address):
                        return True
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            pass
    return False


async def _is_ok(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).is_success
    except httpx.TransportError:
        return False


def _environment(settings: Settings) -> dict[str, str]:
    """Our own environment, with these settings and no other."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("KENSHIN_")}
    given = {
        f"KENSHIN_{field.name.upper()}": getattr(settings, field.name) for field in fields(settings)
    }
    return kept | {name: str(value) for name, value in given.items()}
