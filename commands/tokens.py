"""`kenshin token`: service tokens of the systems that hand readings in."""

from datetime import timedelta

import click

from commands.environment import databases, read_settings, run
from datasources.collections import migrate
from resolvers.sources import Sources


@click.group(help="Service tokens of the systems that hand readings in.")
def token() -> None:
    """Group of the token commands."""


@token.command(help="Make a token for POST /ingest/readings. It is shown once.")
@click.argument("name")
@click.option("--days", type=click.IntRange(1), help="Days until it expires; never without.")
def create(name: str, days: int | None) -> None:
    async def work(sources: Sources) -> str:
        await migrate(sources.mongo)
        now = sources.clock()
        expires_at = None if days is None else now + timedelta(days=days)
        return await sources.service_tokens.create(name, now, expires_at)

    with databases(read_settings()) as settings:
        click.echo(run(settings, work))
