"""The API in a process of its own, as `kenshin serve` runs it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import Final

import httpx

from bench.processes import python, running
from datasources.embedded_binaries import free_port
from domain.settings import Settings

SERVE: Final = python("-c", "from kenshin import main; main()", "serve")


@asynccontextmanager
async def serving(
    settings: Settings, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Settings]:
    """Settings with the port on which a process serves the API, ready, until the block is left.

    The process may have more variables in its environment.
    """
    settings = replace(settings, port=free_port())
    address = f"http://{settings.host}:{settings.port}/readyz"
    async with (
        httpx.AsyncClient() as client,
        running("the API", SERVE, environment_of(settings) | dict(environment or {})) as server,
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
