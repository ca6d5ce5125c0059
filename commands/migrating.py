"""`kenshin migrate`: collections and their indexes."""

import click

from commands.environment import databases, read_settings, run
from datasources.collections import make_again
from datasources.collections import migrate as migrate_collections
from resolvers.sources import Sources


@click.command(help="Make collections, validators and indexes; again changes nothing.")
def migrate() -> None:
    async def work(sources: Sources) -> None:
        await make_again(sources.mongo)
        await migrate_collections(sources.mongo)

    with databases(read_settings()) as settings:
        run(settings, work)
    click.echo("Collections and indexes are up to date.")
