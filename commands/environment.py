"""What every command works in: settings of the environment, databases, and sources over them."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

import click

from datasources.embedded import EmbeddedError, EmbeddedServers, running
from datasources.logs import configure_logs
from datasources.mail_texts import read_mail_texts
from datasources.mongo import Mongo, PyMongoError, describe, is_down
from datasources.plan_files import read_plan_book
from datasources.portal_files import read_portals
from datasources.redis_wire import Access
from domain.external_providers import read_providers, read_redirects
from domain.settings import Settings
from resolvers.postman import open_carrier
from resolvers.sources import Sources, open_sources
from resolvers.traces import tracing_class

_Result = TypeVar("_Result")
_COMMAND_TIMEOUT = 60.0
"Seconds; long enough for the large transactions of an import."


def read_settings() -> Settings:
    try:
        settings = Settings.from_environment(os.environ)
        if settings.redis_url:
            Access.of(settings.redis_url)
        # What is wrong with them is told before a database is started.
        open_carrier(settings)
        read_mail_texts()
        read_portals(settings.portals)
        read_plan_book(settings.portals)
        read_providers(settings.external_providers)
        read_redirects(settings.external_redirects)
        if settings.traces_url:
            tracing_class()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    configure_logs(settings.log_format, settings.log_level)
    return settings


@contextmanager
def databases(settings: Settings) -> Iterator[Settings]:
    """Settings with addresses of databases: those given, those that run here, or new ones."""
    if settings.mongodb_url and settings.redis_url:
        yield settings
        return
    servers = EmbeddedServers(
        settings.data, mongodb=not settings.mongodb_url, redis=not settings.redis_url
    )
    found = running(settings.data)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        addresses = found or servers.start()
    except EmbeddedError as error:
        raise click.ClickException(str(error)) from None
    try:
        yield replace(
            settings,
            mongodb_url=settings.mongodb_url or addresses.mongodb_url,
            redis_url=settings.redis_url or addresses.redis_url,
        )
    except KeyboardInterrupt:
        click.echo()
    finally:
        servers.stop()


def run(settings: Settings, work: Callable[[Sources], Awaitable[_Result]]) -> _Result:
    """Run a command's work with sources of its own."""

    async def with_sources() -> _Result:
        sources = open_sources(
            settings, Mongo(settings.mongodb_url, timeout_seconds=_COMMAND_TIMEOUT)
        )
        try:
            return await work(sources)
        finally:
            await sources.close()

    try:
        return asyncio.run(with_sources())
    except PyMongoError as error:
        host = urlsplit(settings.mongodb_url).hostname
        problem = "does not answer" if is_down(error) else f"refuses: {describe(error)}"
        raise click.ClickException(f"MongoDB at {host} {problem}") from None
