"""The API in a process of its own, as `kenshin serve` runs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import Final

import httpx

from bench.processes import python, running
from datasources.embedded_binaries import free_port
from domain.settings import Settings

SERVE: Final = python("-c", "from server import main; main()", "serve")


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Settings]:
    """Settings with the port on which a process serves the API, ready, until the block is left."""
    settings = replace(settings, port=free_port())
    address = f"http://{settings.host}:{settings.port}/readyz"
    async with (
        httpx.AsyncClient() as client,
        running("the API", SERVE, environment_of(settings)) as server,
    ):

        async def is_ready() -> bool:
            try:
                return (await client.get(address)).is_success
            except httpx.TransportError:
                return False

        await server.ready(is_ready)
        yield settings


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that give a process these settings."""
    return {
        f"KENSHIN_{field.name.upper()}": str(getattr(settings, field.name))
        for field in fields(settings)
    }
