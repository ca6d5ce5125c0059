"""`kenshin terms`: telling members of terms of use."""

import click
from tqdm import tqdm

from commands.environment import databases, read_settings, run
from resolvers.sources import Sources
from resolvers.terms import tell_members


@click.group(help="Terms of use: telling members of them.")
def terms() -> None:
    """Group of the terms commands."""


@terms.command(
    help="Tell members of terms that they know nothing of, by mail; again tells nobody twice."
)
@click.option("--portal", "key", help="Key of the portal; all without.")
def notify(key: str | None) -> None:
    async def work(sources: Sources) -> dict[str, int]:
        if key is not None and key not in sources.portals:
            raise click.ClickException(f"there is no portal {key!r}.")
        portals = [portal for portal in sources.portals.values() if key in {None, portal.key}]
        told = {}
        for portal in portals:
            if portal.terms:
                with tqdm(desc=portal.key, unit=" members", delay=0.5, disable=None) as bar:
                    told[portal.key] = await tell_members(sources, portal, bar.update)
        return told

    with databases(read_settings()) as settings:
        told = run(settings, work)
    for portal, count in told.items():
        click.echo(f"{portal}: {count} notice{'' if count == 1 else 's'}")
    if not told:
        click.echo("No terms to tell of.")
